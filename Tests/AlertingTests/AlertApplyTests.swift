import Basics
import TestSupport
import Testing

@testable import Alerting

struct AlertApplyTests {
    private let ok = Verdict(.ok)
    private func breach(_ severity: Severity, _ occurrences: Int = 0) -> Verdict {
        Verdict(.breach(severity, because: "x"), occurrences: occurrences)
    }

    /// Applies one verdict after the other; the transition of each.
    private func run(
        _ table: [(minute: Double, verdict: Verdict)],
        _ policy: AlertPolicy = AlertPolicy()
    ) -> [Transition?] {
        var alert = Alert(id: Sample.id())
        return table.map { alert.apply($0.verdict, at: Sample.minute($0.minute), policy: policy) }
    }

    @Test("an alert fires once, tells a raise and a fall at once, and resolves once")
    func life() {
        let transitions = run([
            (0, ok), (1, breach(.warning)), (2, breach(.warning)), (3, breach(.critical)), (4, breach(.warning)),
            (5, ok), (6, ok), (7, breach(.info)),
        ])
        #expect(
            transitions == [
                nil, .fired, nil, .severityChanged(from: .warning, to: .critical),
                .severityChanged(from: .critical, to: .warning), .resolved, nil, .fired,
            ]
        )
    }

    @Test("unknown is neither well nor a breach: every state is kept")
    func unknown() {
        let blind = Verdict(.unknown(because: "EACCES"))
        #expect(
            run([(0, blind), (1, breach(.warning)), (2, blind), (3, breach(.warning)), (4, ok)]) == [
                nil, .fired, nil, nil, .resolved,
            ]
        )
    }

    @Test("S11 a recovery resolves when it has lasted for clear_after, and a relapse starts the span anew")
    func clearAfter() {
        let policy = Sample.policy { $0.clearAfter = .seconds(120) }
        let table = [(0, breach(.warning)), (1, ok), (2, ok), (2.5, breach(.warning)), (3, ok), (4, ok), (5, ok)]
        #expect(run(table, policy) == [.fired, nil, nil, nil, nil, nil, .resolved])
    }

    @Test("a breach that still waits is pending, told to nobody, and ends without a word")
    func pending() {
        let waiting = Verdict(.ok, waiting: .warning)
        #expect(
            run([(0, waiting), (1, waiting), (2, ok), (3, waiting), (4, breach(.warning))]) == [
                .pending, nil, nil, .pending, .fired,
            ]
        )
        #expect(Transition.pending.reason == nil)
    }

    @Test("S12 new occurrences are told at most once per occurrence_interval; those between are counted in the next")
    func occurrences() {
        let transitions = run([
            (0, breach(.critical, 1)), (0.2, breach(.critical, 1)), (0.4, breach(.critical, 2)),
            (0.9, breach(.critical)),
            (1, breach(.critical)), (1.5, breach(.critical, 1)), (2.1, breach(.critical)), (5, breach(.critical)),
            (9, ok),
        ])
        #expect(transitions == [.fired, nil, nil, nil, .occurred(3), nil, .occurred(1), nil, .resolved])
        let each = run(
            [(0, breach(.critical, 1)), (0.01, breach(.critical, 1)), (0.02, breach(.critical, 1))],
            Sample.policy { $0.occurrenceInterval = .zero }
        )
        #expect(each == [.fired, .occurred(1), .occurred(1)])
    }

    @Test("the highest severity since it fired is kept until it fires again (S6)")
    func highest() {
        var alert = Alert(id: Sample.id())
        for (minute, verdict) in [(0.0, breach(.warning)), (1, breach(.critical)), (2, breach(.warning)), (3, ok)] {
            _ = alert.apply(verdict, at: Sample.minute(minute), policy: AlertPolicy())
        }
        #expect(alert.highestSeverity == .critical)
        #expect(alert.lastSeverity == .warning)
        #expect(alert.firedAt == Sample.minute(0))
        #expect(alert.resolvedAt == Sample.minute(3))
        _ = alert.apply(breach(.warning), at: Sample.minute(4), policy: AlertPolicy())
        #expect(alert.highestSeverity == .warning)
    }

    @Test("whatever comes, never two fired without an end between, and every end had a beginning")
    func property() {
        var generator = SeededGenerator(state: 42)
        for _ in 0..<300 {
            var alert = Alert(id: Sample.id())
            let policy = Sample.policy { $0.clearAfter = .seconds([0, 60, 180].randomElement(using: &generator) ?? 0) }
            var firing = false
            for minute in 0..<60 {
                let verdicts = [
                    ok, breach(.warning), breach(.critical, 1), Verdict(.unknown(because: "")),
                    Verdict(.ok, waiting: .info),
                ]
                let verdict = verdicts.randomElement(using: &generator) ?? ok
                switch alert.apply(verdict, at: Sample.minute(Double(minute)), policy: policy) {
                case .fired:
                    #expect(!firing)
                    firing = true
                case .resolved, .gone:
                    #expect(firing)
                    firing = false
                case .severityChanged(let former, let severity): #expect(firing && former != severity)
                case .occurred(let count): #expect(firing && count > 0)
                case .pending: #expect(!firing)
                case nil: break
                }
                #expect(firing == (alert.firing != nil))
            }
        }
    }
}
