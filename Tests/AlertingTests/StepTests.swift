import Basics
import Testing

@testable import Alerting

struct StepTests {
    @Test("joined steps leave the same state as one after the other, and tell everything in order")
    func joining() throws {
        var book = Sample.book()
        let sweeps = [
            Sample.sweep(0, [Sample.used(0.93), Sample.deaths(1)]),
            Sample.sweep(1, [Sample.used(0.97), Sample.deaths(0)]),
            Sample.sweep(11, [Sample.used(0.5), Sample.deaths(0)]),
            Sample.sweep(12, [Sample.used(0.92), Sample.deaths(0)]),
        ]
        var joined = Step()
        var kept = KeptState()
        for sweep in sweeps {
            let step = book.absorb(sweep)
            try kept.keep(step.decision)
            joined.add(step)
        }
        #expect(
            joined.changes.map(\.transition) == [
                .fired, .fired, .severityChanged(from: .warning, to: .critical), .resolved, .resolved, .fired,
            ]
        )
        #expect(joined.decision.alerts.map(\.id) == [Sample.id()])
        #expect(joined.decision.swept == [Sample.check: Sample.minute(12)])
        var keptJoined = KeptState()
        try keptJoined.keep(joined.decision)
        let restored = try kept.book(bootID: Sample.boot).alerts
        #expect(try keptJoined.book(bootID: Sample.boot).alerts == restored)
        #expect(restored.map(\.firing) == [.warning])
        #expect(keptJoined.memoryKeys == kept.memoryKeys)
    }
}
