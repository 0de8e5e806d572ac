import Basics
import TestSupport
import Testing

@testable import Alerting

struct ReconfigureTests {
    private func firingBook() -> AlertBook {
        var book = Sample.book()
        _ = book.absorb(Sample.sweep(0, [Sample.used(0.93), Sample.used(0.93, of: "/var"), Sample.deaths(1)]))
        return book
    }

    @Test("S14 alerts of a removed check resolve at once, as gone, for the configuration's sake")
    func removed() {
        var book = firingBook()
        let step = book.reconfigure([], at: Sample.minute(1))
        #expect(step.changes.map(\.transition) == [.gone, .gone, .gone])
        #expect(step.changes.allSatisfy { $0.alert.annotations["configuration"] != nil })
        #expect(Set(step.decision.forgotten).count == 3)
        #expect(book.alerts.isEmpty && book.report().isEmpty)
    }

    @Test("S14 alerts of an excluded target resolve at once, others go on")
    func excluded() {
        var book = firingBook()
        let step = book.reconfigure([Sample.plan()], at: Sample.minute(1)) { _, target in target.name == "/var" }
        #expect(step.changes.map(\.alert.id) == [Sample.id("/var")])
        #expect(book.firing.count == 2)
    }

    @Test(
        "S14 a target that is only now seen to be excluded resolves at once, with the reason; what is just gone, without"
    )
    func excludedLater() {
        var book = firingBook()
        var sweep = Sample.sweep(1, [], coverage: .partial, gone: [Target("web")])
        sweep.leftOut = [Target("/var")]
        let step = book.absorb(sweep)
        #expect(step.changes.map(\.transition) == [.gone, .gone])
        #expect(step.changes.map(\.alert.id.target.name) == ["/var", "web"])
        #expect(step.changes.map { $0.alert.annotations["configuration"] } == ["the target is excluded", nil])
        #expect(book.firing.map(\.id) == [Sample.id("/")])
    }

    @Test("S14 a measure that is no longer judged resolves its alerts")
    func ruleRemoved() {
        var book = firingBook()
        let step = book.reconfigure(
            [Sample.plan(rules: [Rule(Sample.used, .above(warning: 0.9, critical: nil))])],
            at: Sample.minute(1)
        )
        #expect(step.changes.map(\.alert.id.measure) == ["container_death"])
        #expect(step.decision.forgottenMemories.map(\.rule) == ["occurred"])
    }

    @Test("S14 another threshold: nothing happens until the next sweep judges")
    func threshold() {
        var book = firingBook()
        let step = book.reconfigure(
            [Sample.plan(rules: [Rule(Sample.used, .above(warning: 0.95, critical: nil)), Sample.plan().rules[1]])],
            at: Sample.minute(1)
        )
        #expect(step.changes.isEmpty)
        #expect(book.firing.count == 3)
        let next = book.absorb(Sample.sweep(1, [Sample.used(0.93), Sample.used(0.93, of: "/var"), Sample.deaths(0)]))
        #expect(next.changes.map(\.transition) == [.resolved, .resolved])
    }

    @Test("S14 another shape: the rule's memory is reset")
    func shape() throws {
        var book = Sample.book(rules: [Rule(Sample.deaths, .changed(.warning), name: "r")])
        let state = { Observation(Sample.deaths, of: Target("web"), .state($0)) }
        var kept = KeptState()
        try kept.keep(book.absorb(Sample.sweep(0, [state("a")])).decision)
        #expect(kept.memoryKeys.count == 1)
        let step = book.reconfigure(
            [Sample.plan(rules: [Rule(Sample.deaths, .state(bad: [:]), name: "r")])],
            at: Sample.start
        )
        try kept.keep(step.decision)
        #expect(kept.isEmpty)
        _ = book.reconfigure(
            [Sample.plan(rules: [Rule(Sample.deaths, .changed(.warning), name: "r")])],
            at: Sample.start
        )
        #expect(book.absorb(Sample.sweep(1, [state("b")])).changes.isEmpty)
    }

    @Test("S14 what was removed while the watchdog was down resolves at the start")
    func removedWhileDown() {
        var alert = Alert(id: Sample.id())
        _ = alert.apply(Verdict(.breach(.warning, because: "")), at: Sample.start, policy: AlertPolicy())
        var book = AlertBook(alerts: [alert], bootID: nil)
        let step = book.reconfigure([], at: Sample.minute(9))
        #expect(step.changes.map(\.transition) == [.gone])
        #expect(step.decision.forgotten == [Sample.id()])
    }

    @Test(
        "S14 pending time counts across a restart only on the same boot",
        arguments: [("boot-a", true), ("boot-b", false), (nil, false)] as [(String?, Bool)]
    )
    func pendingAcrossRestart(boot: String?, counts: Bool) throws {
        let plan = Sample.plan(rules: [Rule(Sample.used, .above(warning: 0.9, critical: nil), holdFor: .seconds(180))])
        var book = AlertBook(bootID: Sample.boot)
        _ = book.reconfigure([plan], at: Sample.start)
        var kept = KeptState()
        try kept.keep(book.absorb(Sample.sweep(0, [Sample.used(0.93)])).decision)
        var next = try kept.book(bootID: boot)
        _ = next.reconfigure([plan], at: Sample.minute(3))
        #expect(
            next.absorb(Sample.sweep(3, [Sample.used(0.93)])).changes.map(\.transition)
                == (counts ? [.fired] : [.pending])
        )
    }

    @Test(
        "what was kept, given to a new book at any moment, goes on as if nothing had happened",
        arguments: 0..<40 as Range<UInt64>
    )
    func replay(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let counter = Measure(name: "x_total", unit: .total, summary: "")
        let plan = Sample.plan(
            Sample.policy { $0.clearAfter = .seconds(seed % 2 == 0 ? 0 : 120) },
            rules: [
                Rule(
                    Sample.used,
                    .above(warning: 0.6, critical: 0.8, hysteresis: 0.2),
                    holdFor: .seconds(Int(seed % 3) * 60)
                ),
                Rule(Sample.deaths, .occurred(atLeast: 2, within: .seconds(300), .warning)),
                Rule(counter, .rate(warning: 0, critical: nil)),
                Rule(Measure(name: "version", unit: .none, summary: ""), .changed(.info)),
            ]
        )
        let sweeps = (0..<60).map { minute in
            Sample.sweep(
                Double(minute),
                [
                    Sample.used(Double.random(in: 0...1, using: &generator)),
                    Sample.deaths(
                        Int.random(in: 0...5, using: &generator) / 4,
                        [nil, .critical].randomElement(using: &generator) ?? nil
                    ),
                    Observation(
                        counter,
                        of: Target("c"),
                        .number(Double(minute / 5 * Int.random(in: 1...2, using: &generator)))
                    ),
                    Observation(plan.rules[3].measure, of: Target("v"), .state(String(minute / 25))),
                ]
            )
        }
        var steady = AlertBook(bootID: Sample.boot)
        _ = steady.reconfigure([plan], at: Sample.start)
        var restarted = steady
        var kept = KeptState()
        for sweep in sweeps {
            let expected = steady.absorb(sweep).changes
            let step = restarted.absorb(sweep)
            #expect(step.changes.map(\.transition) == expected.map(\.transition))
            #expect(step.changes.map(\.alert.id) == expected.map(\.alert.id))
            try kept.keep(step.decision)
            if Int.random(in: 0..<4, using: &generator) == 0 {
                restarted = try kept.book(bootID: Sample.boot)
                #expect(restarted.reconfigure([plan], at: sweep.at).changes.isEmpty)
            }
        }
    }
}
