import Basics
import Testing

@testable import Alerting

struct AlertBookTests {
    /// The transitions of each sweep, without their alerts.
    private func run(_ book: inout AlertBook, _ sweeps: [Sweep]) -> [[Transition]] {
        sweeps.map { book.absorb($0).changes.map(\.transition) }
    }

    @Test("a sweep's observations become alerts, and stay to be reported")
    func observations() throws {
        var book = Sample.book()
        let step = book.absorb(Sample.sweep(1, [Sample.used(0.93), Sample.used(0.5, of: "/var")]))
        #expect(step.changes.map(\.transition) == [.fired])
        #expect(step.decision.alerts.map(\.id) == [Sample.id()])
        #expect(step.decision.swept == [Sample.check: Sample.minute(1)])
        let alert = try #require(book.alert(Sample.id()))
        #expect(alert.summary == "Disk used of /: 93 % is above 90 %")
        #expect(alert.threshold == "> 0.9")
        #expect(alert.value == 0.93)
        let report = try #require(book.report(of: Sample.check))
        #expect(report.status == .warning)
        #expect(report.readings.map(\.status) == [.warning, .ok])
        #expect(report.readings.map(\.threshold) == ["> 0.9", "> 0.9"])
    }

    @Test("several rules on one measure: the worst counts, with its reason; one alert")
    func severalRules() throws {
        var book = Sample.book(rules: [
            Rule(Sample.used, .above(warning: 0.5, critical: nil)),
            Rule(Sample.used, .below(warning: nil, critical: 0.8)),
        ])
        let step = book.absorb(Sample.sweep(0, [Sample.used(0.6)]))
        #expect(step.changes.map(\.transition) == [.fired])
        #expect(book.firing.map(\.firing) == [.critical])
        #expect(book.firing.first?.summary == "Disk used of /: 60 % is below 80 %")
        #expect(book.firing.first?.threshold == "< 0.8")
        #expect(
            run(&book, [Sample.sweep(1, [Sample.used(0.9)])]) == [[.severityChanged(from: .critical, to: .warning)]]
        )
    }

    @Test("S11 a breach fires only when it has lasted for hold_for, by monotonic time")
    func holdFor() {
        var book = Sample.book(rules: [Rule(Sample.used, .above(warning: 0.9, critical: 0.95), holdFor: .seconds(120))])
        let values = [0.5, 0.92, 0.92, 0.5, 0.92, 0.96, 0.92, 0.96]
        let transitions = run(&book, values.enumerated().map { Sample.sweep(Double($0), [Sample.used($1)]) })
        #expect(
            transitions == [
                [], [.pending], [], [], [.pending], [], [.fired], [.severityChanged(from: .warning, to: .critical)],
            ]
        )
    }

    @Test("S11 a hold_for that was said of the check replaces its rules' own spans; that of the defaults does not")
    func holdForOutranks() {
        func fires(_ change: (inout AlertPolicy) -> Void) -> [Bool] {
            let rule = Rule(Sample.used, .above(warning: 0.9, critical: nil), holdFor: .seconds(120))
            var book = Sample.book(Sample.policy(change), rules: [rule])
            return (0..<5).map { minute in
                !book.absorb(Sample.sweep(Double(minute), [Sample.used(0.95)])).changes.filter {
                    $0.transition == .fired
                }.isEmpty
            }
        }
        #expect(fires { $0.holdFor = .seconds(60) } == [false, false, true, false, false])
        #expect(
            fires {
                $0.holdFor = .seconds(60)
                $0.holdForOutranks = true
            } == [false, true, false, false, false]
        )
        #expect(
            fires {
                $0.holdFor = .seconds(240)
                $0.holdForOutranks = true
            } == [false, false, false, false, true]
        )
        #expect(fires { $0.holdForOutranks = true } == [true, false, false, false, false])
    }

    @Test("the policy's severity replaces every breach's")
    func severityOverride() {
        var book = Sample.book(Sample.policy { $0.severity = .info })
        _ = book.absorb(Sample.sweep(0, [Sample.used(0.99)]))
        #expect(book.firing.map(\.firing) == [.info])
    }

    @Test("a target missing from gone_after complete sweeps is gone; partial sweeps say nothing about absence")
    func gone() throws {
        var book = Sample.book()
        var kept = KeptState()
        for sweep in [Sample.sweep(0, [Sample.used(0.93), Sample.deaths(1)])] {
            try kept.keep(book.absorb(sweep).decision)
        }
        let still = [Sample.deaths(0)]
        let transitions = try (1...6).map { minute in
            let coverage: Sweep.Coverage = minute < 4 ? .partial : .complete
            let step = book.absorb(Sample.sweep(Double(minute), still, coverage: coverage))
            try kept.keep(step.decision)
            return step.changes.map(\.transition)
        }
        #expect(transitions == [[], [], [], [], [], [.gone]])
        #expect(book.firing.map(\.id) == [Sample.id("web", measure: Sample.deaths)])
        #expect(kept.memoryKeys.allSatisfy { $0.alert.target.name == "web" })
    }

    @Test("S22 what an event told while a complete sweep looked is not taken back by what the sweep saw before")
    func newsDuringASweep() {
        func sweep(_ minute: Double, _ observations: [Observation]) -> Sweep {
            var sweep = Sample.sweep(minute, observations)
            sweep.took = .seconds(3)
            return sweep
        }
        var book = Sample.book()
        func step(_ sweep: Sweep) -> [Transition] { book.absorb(sweep).changes.map(\.transition) }
        let (well, ill) = (Sample.used(0.5), Sample.used(0.93))
        #expect(step(sweep(0, [well])) == [])
        // Within the three seconds before the next sweep ends.
        #expect(step(Sample.sweep(0.98, [ill], coverage: .partial)) == [.fired])
        #expect(step(sweep(1, [well])) == [])
        #expect(step(sweep(2, [well])) == [.resolved])
        // Before it began.
        #expect(step(Sample.sweep(2.9, [ill], coverage: .partial)) == [.fired])
        #expect(step(sweep(3, [well])) == [.resolved])
        // Its end counts as well.
        #expect(step(Sample.sweep(3.5, [ill], coverage: .partial)) == [.fired])
        #expect(step(Sample.sweep(3.99, [], coverage: .partial, gone: [well.target])) == [.gone])
        #expect(step(sweep(4, [ill])) == [])
        #expect(step(sweep(5, [ill])) == [.fired])
    }

    @Test("a target that returns in time was never gone")
    func returns() {
        var book = Sample.book()
        let sweeps = [[Sample.used(0.93)], [], [], [Sample.used(0.93)], [], [], [Sample.used(0.5)]]
        #expect(
            run(&book, sweeps.enumerated().map { Sample.sweep(Double($0), $1) }) == [
                [.fired], [], [], [], [], [], [.resolved],
            ]
        )
    }

    @Test("a target named as gone resolves at once, and all memory of it is dropped")
    func goneAtOnce() throws {
        var book = Sample.book()
        var kept = KeptState()
        try kept.keep(book.absorb(Sample.sweep(0, [Sample.deaths(1)], coverage: .partial)).decision)
        #expect(!kept.isEmpty)
        let step = book.absorb(Sample.sweep(0.1, [], coverage: .partial, gone: [Target("web")]))
        try kept.keep(step.decision)
        #expect(step.changes.map(\.transition) == [.gone])
        #expect(kept.isEmpty)
        #expect(book.report(of: Sample.check)?.readings.isEmpty == true)
    }

    @Test(
        "S11 a check that fails in a row says that it is blind, alerts keep their state, and it ends with the next success"
    )
    func blind() throws {
        var book = Sample.book()
        let error = CheckError.degraded(because: "cannot read mountinfo", remedy: "mount /proc")
        let transitions = run(
            &book,
            [
                Sample.sweep(0, [Sample.used(0.93)]), Sample.failure(1, error), Sample.failure(2, error),
                Sample.failure(3, error), Sample.failure(4, error),
            ]
        )
        #expect(transitions == [[.fired], [], [], [.fired], []])
        let health = try #require(book.firing.first { $0.id.measure == "check_health" })
        #expect(health.id.target == Target("disk"))
        #expect(health.stateName == "degraded")
        #expect(health.annotations == ["remedy": "mount /proc"])
        #expect(book.alert(Sample.id())?.firing == .warning)
        let report = try #require(book.report(of: Sample.check))
        #expect(report.status == .degraded)
        #expect(report.reason == "cannot read mountinfo")
        #expect(report.remedy == "mount /proc")
        #expect(report.failedSweeps == 4)
        #expect(run(&book, [Sample.sweep(5, [Sample.used(0.93)])]) == [[.resolved]])
        let timedOut = CheckError.timedOut(after: .seconds(10))
        #expect(run(&book, (6...8).map { Sample.failure(Double($0), timedOut) }) == [[], [], [.fired]])
        #expect(book.firing.map(\.stateName).contains("timed_out"))
    }

    @Test("not applicable is no alert: it is remembered, and what was watched before is gone")
    func notApplicable() {
        var book = Sample.book()
        let error = CheckError.notApplicable(because: "no conntrack module", remedy: nil)
        let transitions = run(
            &book,
            [Sample.sweep(0, [Sample.used(0.93)])] + (1...8).map { Sample.failure(Double($0), error) }
        )
        #expect(transitions == [[.fired], [], [], [.gone], [], [], [], [], []])
        #expect(book.report(of: Sample.check)?.status == .notApplicable)
        #expect(book.report(of: Sample.check)?.reason == "no conntrack module")
    }

    @Test("a value that could not be read keeps the alert and the target")
    func unreadable() {
        var book = Sample.book()
        let blind = Observation(Sample.used, of: Target("/"), .unknown(because: "hangs"))
        let sweeps = [[Sample.used(0.93)], [blind], [blind], [blind], [blind], [Sample.used(0.5)]]
        #expect(
            run(&book, sweeps.enumerated().map { Sample.sweep(Double($0), $1) }) == [
                [.fired], [], [], [], [], [.resolved],
            ]
        )
    }

    @Test("S12 a moment's evidence stays on its alert until the next")
    func evidence() throws {
        var book = Sample.book()
        var death = Sample.deaths(1)
        death.summary = "web died with exit code 137"
        death.annotations = ["exit_code": "137"]
        _ = book.absorb(Sample.sweep(0, [death]))
        _ = book.absorb(Sample.sweep(1, [Sample.deaths(0)]))
        let alert = try #require(book.firing.first)
        #expect(alert.summary == "web died with exit code 137")
        #expect(alert.annotations == ["exit_code": "137"])
    }

    @Test("quiet sweeps change nothing that would have to be kept")
    func quiet() {
        var book = Sample.book(rules: [
            Rule(Sample.used, .above(warning: 0.9, critical: nil)),
            Rule(Sample.deaths, .rate(warning: 0, critical: nil)),
        ])
        let counter = Observation(Sample.deaths, of: Target("web"), .number(5))
        _ = book.absorb(Sample.sweep(0, [Sample.used(0.93), counter]))
        for minute in 1...20 {
            let step = book.absorb(Sample.sweep(Double(minute), [Sample.used(0.93 + Double(minute) / 1000), counter]))
            #expect(step.decision.alerts.isEmpty && step.decision.memories.isEmpty && step.changes.isEmpty)
        }
    }

    @Test("text from outside is made safe, its size bounded")
    func hostileText() throws {
        var book = Sample.book()
        var hostile = Sample.used(0.99, of: "a\u{1B}[31m\nb")
        hostile.labels = Dictionary(
            uniqueKeysWithValues: (0..<1000).map { ("label\($0)", String(repeating: "x", count: 4096)) }
        )
        hostile.annotations = ["log": "one\ntwo\u{1B}]0;x\u{7}" + String(repeating: "y", count: 100_000)]
        _ = book.absorb(Sample.sweep(0, [hostile]))
        let alert = try #require(book.firing.first)
        #expect(!alert.summary.unicodeScalars.contains { $0.value < 0x20 })
        #expect(alert.labels.count == 64)
        #expect(alert.labels.values.allSatisfy { $0.utf8.count < 300 })
        let log = try #require(alert.annotations["log"])
        #expect(log.hasPrefix("one\ntwo\u{FFFD}]0;x\u{FFFD}") && log.utf8.count < 4200)
    }

    @Test("more targets than the limit are left out, and the report says so")
    func tooMany() {
        var book = Sample.book()
        _ = book.absorb(Sample.sweep(0, (0..<CheckLedger.subjectLimit + 7).map { Sample.used(0.1, of: "t\($0)") }))
        #expect(book.report(of: Sample.check)?.leftOut == 7)
        #expect(book.report(of: Sample.check)?.reason == "too many targets: 7 were left out")
    }

    @Test("the check's own alert says what was left out, of an event as well, and ends when all has room again")
    func tooManyAlert() throws {
        var book = Sample.book()
        let full = (0..<CheckLedger.subjectLimit).map { Sample.used(0.1, of: "t\($0)") }
        #expect(run(&book, [Sample.sweep(0, full)]) == [[]])
        let death = Sample.sweep(1, [Sample.deaths(1)], coverage: .partial)
        #expect(run(&book, [death]) == [[.fired]])
        let health = try #require(book.firing.first)
        #expect(book.firing.count == 1 && health.id.measure == "check_health" && health.firing == .warning)
        #expect(health.summary == "Check disk has too many targets and measures: 1 left out")
        #expect(health.stateName == "too_many")
        #expect(health.annotations["remedy"] != nil)
        #expect(run(&book, [Sample.sweep(2, full + [Sample.deaths(1)]), Sample.sweep(3, full)]) == [[], [.resolved]])
        #expect(book.report(of: Sample.check)?.reason == nil)
        let absent = CheckError.notApplicable(because: "no such thing", remedy: nil)
        #expect(run(&book, [death, Sample.failure(4, absent)]).map(\.first) == [.fired, .resolved])
    }

    @Test("a sweep of a check that does not run is ignored")
    func unplanned() {
        var book = Sample.book()
        #expect(book.absorb(Sample.sweep(0, [Sample.used(1)], of: CheckID("other"))) == Step())
        #expect(book.report(of: CheckID("other")) == nil)
    }

    @Test("two levels of occurrences are one alert, and each occurrence counts once")
    func occurrenceLevels() {
        var book = Sample.book(
            Sample.policy { $0.occurrenceInterval = .zero },
            rules: [
                Rule(Sample.deaths, .occurred(atLeast: 2, within: .seconds(600), .warning), name: "some"),
                Rule(Sample.deaths, .occurred(atLeast: 4, within: .seconds(600), .critical), name: "many"),
            ]
        )
        #expect(
            run(&book, (0..<5).map { Sample.sweep(Double($0), [Sample.deaths(1)]) }) == [
                [], [.fired], [.occurred(1)], [.severityChanged(from: .warning, to: .critical)], [.occurred(1)],
            ]
        )
    }

    @Test("one target named twice in a sweep: the last word is what is kept")
    func namedTwice() throws {
        var book = Sample.book()
        var kept = KeptState()
        try kept.keep(book.absorb(Sample.sweep(0, [Sample.deaths(1)])).decision)
        let step = book.absorb(Sample.sweep(11, [Sample.deaths(0), Sample.deaths(1)]))
        #expect(step.changes.map(\.transition) == [.resolved, .fired])
        #expect(step.decision.forgotten.isEmpty && step.decision.forgottenMemories.isEmpty)
        try kept.keep(step.decision)
        var next = try kept.book(bootID: Sample.boot)
        _ = next.reconfigure([Sample.plan()], at: Sample.minute(12))
        #expect(next.firing.count == 1)
        #expect(next.absorb(Sample.sweep(22, [Sample.deaths(0)])).changes.map(\.transition) == [.resolved])
    }

    @Test("S5 a sink's trouble is an alert like any other")
    func sinkTrouble() {
        var book = AlertBook(bootID: nil)
        _ = book.reconfigure([.sinks], at: Sample.start)
        let refused = book.absorb(.sinkTrouble("webhook", because: "401", at: Sample.start, uptime: .zero))
        #expect(refused.changes.map(\.alert.summary) == ["Sink webhook refuses notifications: 401"])
        #expect(
            book.absorb(.sinkWell("webhook", at: Sample.start, uptime: .zero)).changes.map(\.transition) == [.resolved]
        )
    }
}
