import Basics
import Testing

@testable import Alerting

struct RuleJudgeTests {
    @Test("above judges what is greater than a level, and clears at the level itself")
    func above() {
        let rule = Rule(Sample.used, .above(warning: 0.9, critical: 0.95))
        #expect(
            rule.severities([0.5, 0.9, 0.91, 0.96, 0.95, 0.9]) == [nil, nil, .warning, .critical, .warning, nil]
        )
    }

    @Test("hysteresis: each severity stays until the value has left its level's band, whose end belongs to it")
    func hysteresis() {
        let rule = Rule(Sample.used, .above(warning: 8, critical: 10, hysteresis: 1))
        #expect(
            rule.severities([8, 8.1, 7, 6.9, 7, 10.1, 10, 9, 8.9, 7, 6.9])
                == [nil, .warning, .warning, nil, nil, .critical, .critical, .critical, .warning, .warning, nil]
        )
        let below = Rule(Sample.used, .below(warning: 10, critical: nil, hysteresis: 10))
        #expect(below.severities([15, 9, 15, 20, 20.1, 15]) == [nil, .warning, .warning, .warning, nil, nil])
        let narrow = Rule(Sample.used, .above(warning: 8, critical: 20, hysteresis: 4))
        // What fired as a warning does not become critical within the band of that.
        #expect(narrow.severities([9, 17, 20.5, 17]) == [.warning, .warning, .critical, .critical])
        let still = rule.judge([.number(10.5), .number(9.5)])[1]
        #expect(still.because == "950 % is still not below 900 %, where it clears")
    }

    @Test("hysteresis keeps what fires, not what has yet to last: while a breach waits, the level itself ends it")
    func hysteresisWhileWaiting() {
        var book = Sample.book(
            rules: [Rule(Sample.used, .above(warning: 0.9, critical: nil, hysteresis: 0.1), holdFor: .seconds(120))]
        )
        let values = [0.95, 0.85, 0.85, 0.85, 0.95, 0.95, 0.95, 0.85, 0.81, 0.79]
        let transitions = values.enumerated().map { minute, value in
            book.absorb(Sample.sweep(Double(minute), [Sample.used(value)])).changes.map(\.transition)
        }
        #expect(transitions == [[.pending], [], [], [], [.pending], [], [.fired], [], [], [.resolved]])
    }

    @Test("leaving a level out turns it off")
    func levelsOff() {
        #expect(Rule(Sample.used, .above(warning: nil, critical: 0.95)).severities([0.94, 0.96]) == [nil, .critical])
        #expect(Rule(Sample.used, .below(warning: nil, critical: nil)).severities([-1]) == [nil])
    }

    @Test("a state is judged by the table; what is not in it is well")
    func state() {
        let rule = Rule(Sample.deaths, .state(bad: ["unhealthy": .critical, "starting": .warning]))
        let said = rule.judge([.state("healthy"), .state("starting"), .state("unhealthy"), .state("new word")])
        #expect(said.map(\.severity) == [nil, .warning, .critical, nil])
        #expect(said[2].because == "state is unhealthy")
    }

    @Test("a state that became bad is a breach until it is well; what was bad when first seen is the baseline")
    func became() {
        let rule = Rule(Sample.deaths, .became(bad: ["read_only": .critical]))
        let states = ["writable", "read_only", "read_only", "writable", "read_only"].map(Observation.Value.state)
        let said = rule.judge(states)
        #expect(said.map(\.severity) == [nil, .critical, .critical, nil, .critical])
        #expect(said[1].because == "was writable, is read_only")
        let baseline = rule.judge([.state("read_only"), .state("read_only"), .state("writable"), .state("read_only")])
        #expect(baseline.map(\.severity) == [nil, nil, nil, .critical])
        #expect(rule.threshold() == "state = read_only, after another")
    }

    @Test("a state that became bad while nobody watched is a breach, and stays one over a restart and a boot")
    func becameMeanwhile() throws {
        let rule = Rule(Sample.deaths, .became(bad: ["read_only": .critical]))
        var memory = Rule.Memory(shape: rule.shape.word)
        func judge(_ state: String, boot: String) -> Severity? {
            let now = Timestamp(milliseconds: 0)
            return rule.judge(.state(state), at: now, uptime: .zero, bootID: boot, memory: &memory).severity
        }
        #expect(judge("writable", boot: "a") == nil)
        #expect(judge("read_only", boot: "b") == .critical)
        #expect(judge("read_only", boot: "c") == .critical)
    }

    @Test("what is no number, and what a rule cannot judge, is unknown: neither well nor a breach")
    func unknown() {
        let above = Rule(Sample.used, .above(warning: 1, critical: nil))
        for value in [.number(.nan), .number(.infinity), .state("x"), .occurrences(1), .unknown(because: "EACCES")]
            as [Observation.Value]
        {
            guard case .unknown = above.judge([value])[0] else {
                Issue.record("\(value) was judged")
                continue
            }
        }
    }

    @Test("reasons and thresholds are written for people")
    func words() {
        let rule = Rule(Sample.used, .above(warning: 0.9, critical: 0.95))
        #expect(rule.judge([.number(0.9123)])[0].because == "91.2 % is above 90 %")
        #expect(rule.threshold() == "> 0.9")
        #expect(rule.threshold(for: .critical) == "> 0.95")
        #expect(Rule(Sample.used, .below(warning: 5, critical: nil)).threshold() == "< 5")
        #expect(Rule(Sample.used, .rate(warning: 0, critical: 10)).threshold(for: .critical) == "> 10/s")
        #expect(Rule(Sample.deaths, .state(bad: ["unhealthy": .critical])).threshold() == "state = unhealthy")
        #expect(Rule(Sample.deaths, .state(bad: ["b": .warning, "a": .warning])).threshold() == "state in a, b")
        #expect(
            Rule(Sample.deaths, .occurred(atLeast: 1, within: .seconds(600), .warning)).threshold() == "1 within 10m"
        )
        let trend = Rule(Sample.used, .trend(reaching: 1, warning: .seconds(86400), critical: nil))
        #expect(trend.threshold() == "reaches 1 within 1d")
    }

    @Test("a severity that a rule does not have has no threshold")
    func thresholdOfSeverity() {
        let used = Sample.used
        #expect(Rule(used, .above(warning: 0.9, critical: nil)).threshold(for: .critical) == nil)
        #expect(Rule(used, .above(warning: nil, critical: 0.9)).threshold(for: .warning) == nil)
        #expect(Rule(used, .below(warning: 5, critical: nil)).threshold(for: .critical) == nil)
        #expect(Rule(used, .rate(warning: 5, critical: nil)).threshold(for: .critical) == nil)
        let trend = Rule(used, .trend(reaching: 1, warning: .seconds(60), critical: nil))
        #expect(trend.threshold(for: .critical) == nil)
        let state = Rule(Sample.deaths, .state(bad: ["a": .warning, "b": .critical]))
        #expect(state.threshold(for: .info) == nil)
        #expect(state.threshold(for: .critical) == "state = b")
        let changed = Rule(Sample.deaths, .changed(.warning))
        #expect(changed.threshold(for: .warning) == "changed within 10m")
        #expect(changed.threshold(for: .critical) == nil)
        #expect(changed.threshold() == "changed within 10m")
        let occurred = Rule(Sample.deaths, .occurred(atLeast: 1, within: .seconds(600), .critical))
        #expect(occurred.threshold(for: .critical) == "1 within 10m")
        #expect(occurred.threshold(for: .warning) == nil)
    }

    @Test("an occurrence with a severity of its own passed the rule's threshold all the same")
    func thresholdOfOwnSeverity() {
        var book = Sample.book(rules: [Rule(Sample.deaths, .occurred(atLeast: 1, within: .seconds(600), .warning))])
        _ = book.absorb(Sample.sweep(0, [Sample.deaths(1, .critical)]))
        #expect(book.firing.map(\.threshold) == ["1 within 10m"])
        #expect(book.firing.map(\.firing) == [.critical])
        #expect(book.report(of: Sample.check)?.readings.map(\.threshold) == ["1 within 10m"])
    }

    @Test(
        "values are written by their unit",
        arguments: [
            (Unit.ratio, 0.912, "91.2 %"), (.bytes, 1_503_238_553.6, "1.4 GiB"), (.bytes, 512, "512 B"),
            (.seconds, 0.35, "350 ms"), (.seconds, 90, "1m30s"), (.celsius, 61.52, "61.5 °C"), (.perSecond, 12, "12/s"),
            (.perSecond, 0.0123, "0.0123/s"), (.none, 3, "3"), (.total, 1e9, "1000000000"), (.seconds, 200_000, "2d8h"),
        ]
    )
    func units(unit: Unit, value: Double, text: String) {
        #expect(unit.text(value) == text)
    }
}
