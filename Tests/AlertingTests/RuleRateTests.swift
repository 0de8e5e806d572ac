import Basics
import TestSupport
import Testing

@testable import Alerting

struct RuleRateTests {
    private let rule = Rule(Sample.used, .rate(warning: 0, critical: 10))

    @Test("S15 a rate gives no judgement after one sample, and one after two")
    func firstSample() {
        let said = rule.judge([.number(100), .number(100), .number(160), .number(1000)])
        guard case .unknown(let because) = said[0] else {
            Issue.record("one sample was judged: \(said[0])")
            return
        }
        #expect(because.hasPrefix("no judgement yet"))
        #expect(said.map(\.severity) == [nil, nil, .warning, .critical])
        #expect(said[2].because == "1/s is above 0/s")
    }

    @Test("a reset counter and another boot give no judgement, and no breach")
    func resets() {
        #expect(rule.severities([1000, 5, 5, 65]) == [nil, nil, nil, .warning])
        #expect(rule.severities([10, 10, 5000, 5000], boots: ["a", "a", "b", "b"]) == [nil, nil, nil, nil])
    }

    @Test("rates are over monotonic time: a stepping wall clock changes nothing")
    func monotonic() {
        var memory = Rule.Memory(shape: "rate")
        _ = rule.judge(.number(0), at: Sample.minute(0), uptime: .seconds(100), bootID: "a", memory: &memory)
        let said = rule.judge(
            .number(50),
            at: Sample.minute(-5000),
            uptime: .seconds(110),
            bootID: "a",
            memory: &memory
        )
        #expect(said == .breach(.warning, because: "5/s is above 0/s"))
        #expect(memory.judged == 5)
    }

    @Test("readings too close together wait for the next instead of making a rate of noise")
    func tooClose() {
        var memory = Rule.Memory(shape: "rate")
        func judge(_ value: Double, _ milliseconds: Int) -> Judgement {
            rule.judge(
                .number(value),
                at: Sample.start,
                uptime: .milliseconds(milliseconds),
                bootID: "a",
                memory: &memory
            )
        }
        _ = judge(0, 0)
        #expect(judge(1, 10).severity == nil)
        #expect(judge(1, 1000) == .breach(.warning, because: "1/s is above 0/s"))
    }

    @Test("whatever a counter does, a rate is never judged across a reset")
    func property() {
        var generator = SeededGenerator(state: 7)
        for _ in 0..<200 {
            var values: [Double] = []
            for _ in 0..<20 {
                let last = values.last ?? 0
                values.append(
                    Bool.random(using: &generator) ? last + 6000 : Double.random(in: 0...last.nextUp, using: &generator)
                )
            }
            for (index, severity) in rule.severities(values).enumerated() where severity != nil {
                #expect(index > 0 && values[index] > values[index - 1])
            }
        }
    }
}
