import Basics
import TestSupport
import Testing

@testable import Alerting

/// What a wall clock that is set, by hours and either way, may do to what is judged and told.
struct ClockStepTests {
    private static func clock(_ minute: Double, off hours: Double) -> Timestamp {
        Sample.minute(minute) + .seconds(Int64(hours * 3600))
    }

    /// A sweep after so much time, on a clock that is wrong by so many hours.
    private static func sweep(_ minute: Double, off hours: Double, _ observations: [Observation]) -> Sweep {
        var sweep = Sample.sweep(minute, observations)
        sweep.at = clock(minute, off: hours)
        return sweep
    }

    @Test(
        "S11 hold_for is time that passed: a clock that steps fires nothing early and holds nothing back",
        arguments: [-30, 30]
    )
    func holdFor(hours: Double) {
        var book = Sample.book(Sample.policy { $0.holdFor = .seconds(300) })
        #expect(book.absorb(Self.sweep(0, off: 0, [Sample.used(0.92)])).changes.map(\.transition) == [.pending])
        #expect(book.absorb(Self.sweep(4, off: hours, [Sample.used(0.92)])).changes.isEmpty)
        #expect(book.absorb(Self.sweep(5, off: hours, [Sample.used(0.92)])).changes.map(\.transition) == [.fired])
    }

    @Test("S12 a forward step empties a window early: told as over once, and the next occurrence fires anew")
    func windowForward() {
        var book = Sample.book()
        #expect(book.absorb(Self.sweep(0, off: 0, [Sample.deaths(1)])).changes.map(\.transition) == [.fired])
        #expect(book.absorb(Self.sweep(1, off: 9, [Sample.deaths(0)])).changes.map(\.transition) == [.resolved])
        #expect(book.absorb(Self.sweep(2, off: 9, [Sample.deaths(1)])).changes.map(\.transition) == [.fired])
        #expect(book.absorb(Self.sweep(3, off: 9, [Sample.deaths(0)])).changes.isEmpty)
    }

    @Test("S12 a backward step keeps a window open for at most its own length again, and no occurrence is lost")
    func windowBack() {
        var book = Sample.book()
        _ = book.absorb(Self.sweep(0, off: 0, [Sample.deaths(1)]))
        #expect(book.absorb(Self.sweep(9, off: -9, [Sample.deaths(1)])).changes.map(\.transition) == [.occurred(1)])
        #expect(book.absorb(Self.sweep(18, off: -9, [Sample.deaths(0)])).changes.isEmpty)
        #expect(book.absorb(Self.sweep(19, off: -9, [Sample.deaths(0)])).changes.map(\.transition) == [.resolved])
    }

    @Test(
        "S11 clear_after is a wall-clock span: a step may end it early or start it anew, and the end is told once",
        arguments: [(9.0, 2), (-9.0, 11)]
    )
    func clearAfter(hours: Double, resolvedAt minute: Int) {
        var book = Sample.book(Sample.policy { $0.clearAfter = .seconds(540) })
        _ = book.absorb(Self.sweep(0, off: 0, [Sample.used(0.92)]))
        _ = book.absorb(Self.sweep(1, off: 0, [Sample.used(0.5)]))
        let ends = (2...30).filter { minute in
            book.absorb(Self.sweep(Double(minute), off: hours, [Sample.used(0.5)])).changes.map(\.transition) == [
                .resolved
            ]
        }
        #expect(ends == [minute])
    }

    @Test("S16 a step costs at most one reminder too early, and holds none back", arguments: [-10, 10])
    func reminder(hours: Double) {
        var book = Sample.book(Sample.policy { $0.repeatEvery = .seconds(3600) })
        var telling = Telling(node: "n", routes: [SinkRoute(sink: "a")])
        let step = book.absorb(Self.sweep(0, off: 0, [Sample.used(0.92)]))
        #expect(telling.decide(step, book: book, at: Self.clock(0, off: 0)).events.map(\.reason) == [.fired])
        func reminders(_ minutes: ClosedRange<Int>) -> Int {
            minutes.reduce(0) { $0 + telling.revisit(book, at: Self.clock(Double($1), off: hours)).notices.count }
        }
        #expect(reminders(1...30) == 1)
        #expect(reminders(31...60) == 0)
        #expect(reminders(61...90) == 1)
    }

    @Test(
        "whatever the clock does, no two firings without an end, no end before its start, and ids that rise",
        arguments: 0..<20 as Range<UInt64>
    )
    func property(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var book = Sample.book(Sample.policy { $0.clearAfter = .seconds(120) })
        var telling = Telling(node: "n", routes: [SinkRoute(sink: "a")])
        var told: [Event] = []
        for minute in 0..<200 {
            let hours = Double(Int.random(in: -48...48, using: &generator))
            let at = Self.clock(Double(minute), off: hours)
            let value = Double.random(in: 0.8...1, using: &generator)
            let deaths = Int.random(in: 0...8, using: &generator) == 0 ? 1 : 0
            let sweep = Self.sweep(Double(minute), off: hours, [Sample.used(value), Sample.deaths(deaths)])
            told += telling.decide(book.absorb(sweep), book: book, at: at).events
            told += telling.revisit(book, at: at).events
        }
        var open: Set<String> = []
        for event in told {
            let id = event.fingerprint ?? ""
            switch event.reason {
            case .resolved: #expect(open.remove(id) != nil)
            case .fired: #expect(open.insert(id).inserted)
            default: #expect(open.contains(id))
            }
            if let start = event.startsAt, let end = event.endsAt { #expect(start <= end) }
        }
        #expect(told.count > 10)
        #expect(zip(told, told.dropFirst()).allSatisfy { $0.id < $1.id })
    }
}
