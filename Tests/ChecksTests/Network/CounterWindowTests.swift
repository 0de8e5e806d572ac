import Testing

@testable import Checks

@Suite struct CounterWindowTests {
    private let span = Duration.seconds(300)

    @Test("the first reading gives no rate, the second the growth per second")
    func first() {
        var window = CounterWindow()
        #expect(window.add(5, at: .seconds(10), over: span) == nil)
        #expect(window.add(8, at: .seconds(40), over: span) == 0.1)
        #expect(window.add(8, at: .seconds(40), over: span) == 0.1)
    }

    @Test("a burst stays visible for the span, and no longer")
    func burst() {
        var window = CounterWindow()
        var rates: [Double] = []
        for second in stride(from: 0, through: 690, by: 30) {
            let total: UInt64 = second < 30 ? 0 : 300
            rates.append(window.add(total, at: .seconds(second), over: span) ?? -1)
        }
        #expect(rates[0] == -1)
        #expect(rates[1] == 10)
        #expect(rates[9] > 1)
        #expect(rates[12] == 0)
        #expect(rates.dropFirst(12).allSatisfy { $0 == 0 })
    }

    @Test("what is judged does not depend on the interval", arguments: [1, 7, 30, 120])
    func interval(every: Int) {
        var window = CounterWindow()
        var rate: Double?
        for second in stride(from: 0, through: 3000, by: every) {
            rate = window.add(UInt64(second) * 2, at: .seconds(second), over: span)
        }
        #expect(rate == 2)
    }

    @Test("a counter that was reset begins anew")
    func reset() {
        var window = CounterWindow()
        _ = window.add(1000, at: .seconds(0), over: span)
        #expect(window.add(3, at: .seconds(30), over: span) == nil)
        #expect(window.add(6, at: .seconds(60), over: span) == 0.1)
        _ = window.add(.max, at: .seconds(90), over: span)
        #expect(window.add(0, at: .seconds(120), over: span) == nil)
    }
}
