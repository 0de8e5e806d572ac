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

    @Test("hysteresis: a breach stays, at the least level, until the value is at or below where it clears")
    func hysteresis() {
        let rule = Rule(Sample.used, .above(warning: 0.9, critical: 0.95, clearBelow: 0.8))
        #expect(
            rule.severities([0.85, 0.96, 0.85, 0.81, 0.8, 0.85]) == [nil, .critical, .warning, .warning, nil, nil]
        )
        let below = Rule(Sample.used, .below(warning: 10, critical: nil, clearAbove: 20))
        #expect(below.severities([15, 9, 15, 19.9, 20, 15]) == [nil, .warning, .warning, .warning, nil, nil])
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
