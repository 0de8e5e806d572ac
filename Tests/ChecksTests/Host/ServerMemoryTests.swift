import Testing
import TimeSync

@testable import Checks

@Suite struct ServerMemoryTests {
    private let server = TimeServer(host: "a")
    private let memory = ServerMemory(every: .seconds(60))

    private func isDue(_ seconds: Int) -> Bool { !memory.due([server], at: .seconds(seconds)).isEmpty }

    @Test("a server is asked again after the interval")
    func interval() {
        #expect(isDue(0))
        memory.note([.failure(.noAnswer)], of: [server], at: .seconds(0))
        #expect(!isDue(59))
        #expect(isDue(60))
        #expect(memory.result(of: server) == .failure(.noAnswer))
        #expect(memory.result(of: TimeServer(host: "b")) == nil)
    }

    @Test("RATE doubles the interval each time, a day at most")
    func rate() {
        var now = 0
        var span = 120
        for _ in 0..<15 {
            memory.note([.failure(.kissOfDeath(code: "RATE"))], of: [server], at: .seconds(now))
            let expected = min(span, 86400)
            #expect(!isDue(now + expected - 1))
            #expect(isDue(now + expected))
            now += expected
            span *= 2
        }
    }

    @Test("RATE is obeyed after a lost answer, too")
    func rateAndLoss() {
        memory.note([.failure(.kissOfDeath(code: "RATE"))], of: [server], at: .seconds(0))
        memory.note([.failure(.noAnswer)], of: [server], at: .seconds(120))
        #expect(!isDue(239))
        #expect(isDue(240))
        memory.note([.failure(.kissOfDeath(code: "RATE"))], of: [server], at: .seconds(240))
        #expect(!isDue(479))
        #expect(isDue(480))
        #expect(!memory.isGivenUp(server))
    }

    @Test("DENY and RSTR are obeyed for ever", arguments: ["DENY", "RSTR"])
    func deny(code: String) {
        #expect(!memory.isGivenUp(server))
        memory.note([.failure(.kissOfDeath(code: code))], of: [server], at: .seconds(0))
        #expect(!isDue(10_000_000))
        #expect(memory.isGivenUp(server))
    }
}
