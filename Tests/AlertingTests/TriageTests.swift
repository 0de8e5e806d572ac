import Basics
import Testing

@testable import Alerting

struct TriageTests {
    private static func readings(_ streaks: [Int], severity: Severity = .warning, pending: Bool = false) -> [Reading] {
        streaks.enumerated().map { index, streak in
            Reading(
                check: Sample.check,
                observation: Sample.used(0.95, of: "/\(index)"),
                judgement: .breach(severity, because: "full"),
                isPending: pending,
                threshold: nil,
                streak: streak,
                at: Sample.start
            )
        }
    }

    @Test(
        "S37 points add up to at most 100; the worst finding or their sum decides the class",
        arguments: [
            ([], 0, .low), ([1], 5, .medium), ([2], 5, .medium), ([3], 15, .high), ([4], 15, .high),
            ([5], 30, .critical),
            (Array(repeating: 1, count: 7), 35, .medium), (Array(repeating: 1, count: 8), 40, .high),
            (Array(repeating: 1, count: 12), 60, .critical), (Array(repeating: 3, count: 4), 60, .critical),
            (Array(repeating: 5, count: 4), 100, .critical), ([3, 1], 20, .high),
        ] as [([Int], Int, Triage.Class)]
    )
    func scores(streaks: [Int], score: Int, urgency: Triage.Class) {
        let triage = Triage(Self.readings(streaks))
        #expect(triage.score == score)
        #expect(triage.urgency == urgency)
        #expect(triage.factors.count == streaks.count)
    }

    @Test("S37 each finding is a factor with its streak, the weightiest first")
    func factors() {
        #expect(
            Triage(Self.readings([1, 7, 3])).factors == [
                "disk_used_ratio of /1: persistent (streak 7)", "disk_used_ratio of /2: repeated (streak 3)",
                "disk_used_ratio of /0: threshold exceeded",
            ]
        )
    }

    @Test("what still waits, and what is only worth knowing, is no finding")
    func others() {
        #expect(Triage(Self.readings([9], pending: true)) == .none)
        #expect(Triage(Self.readings([9], severity: .info)) == .none)
        #expect(Triage(Self.readings([9], severity: .critical)).urgency == .critical)
    }

    @Test("thousands of findings do not make a report of thousands of lines")
    func bounded() {
        let triage = Triage(Self.readings(Array(repeating: 1, count: 3000)))
        #expect(triage.factors.count == 51)
        #expect(triage.factors.last == "and 2950 more")
        #expect(triage.score == 100)
    }

    @Test("S37 the streak counts sweeps since the alert began, also those before a restart")
    func streaks() throws {
        var policy = AlertPolicy()
        policy.every = .seconds(60)
        var book = Sample.book(policy)
        func streak() -> Int? { book.report().first?.readings.first?.streak }
        _ = book.absorb(Sample.sweep(0, [Sample.used(0.5)]))
        #expect(streak() == 0)
        for minute in 1...3 {
            _ = book.absorb(Sample.sweep(Double(minute), [Sample.used(0.95)]))
            #expect(streak() == minute)
        }
        var next = AlertBook(alerts: book.alerts, memories: [], bootID: Sample.boot)
        _ = next.reconfigure([Sample.plan(policy)], at: Sample.minute(4))
        _ = next.absorb(Sample.sweep(4, [Sample.used(0.95)]))
        #expect(next.report().first?.readings.first?.streak == 4)
        _ = next.absorb(Sample.sweep(5, [Sample.used(0.5)]))
        #expect(next.report().first?.readings.first?.streak == 0)
    }

    @Test("a clock that was set back, or far ahead, gives a streak all the same")
    func clocks() {
        var book = Sample.book()
        _ = book.absorb(Sample.sweep(10, [Sample.used(0.95)]))
        var back = Sample.sweep(11, [Sample.used(0.95)])
        back.at = Sample.minute(-5)
        _ = book.absorb(back)
        #expect(book.report().first?.readings.first?.streak == 1)
        var ahead = Sample.sweep(12, [Sample.used(0.95)])
        ahead.at = Timestamp(milliseconds: .max)
        _ = book.absorb(ahead)
        #expect(book.report().first?.readings.first.map { $0.streak <= 1_000_001 && $0.streak >= 1 } == true)
    }

    @Test("a command that helps with several findings is suggested once")
    func commands() {
        var book = Sample.book()
        _ = book.absorb(Sample.sweep(0, [Sample.used(0.95), Sample.used(0.95, of: "/a"), Sample.used(0.1, of: "/b")]))
        let report = Report(time: Sample.start, node: "n", checks: book.report()) { reading in
            ["df", "df \(reading.observation.target.name)"]
        }
        #expect(report.commands == ["df", "df /", "df /a"])
    }
}
