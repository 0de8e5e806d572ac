import Basics
import Testing

@testable import Alerting

struct RuleTrendTests {
    /// 24 h and 4 h: points lie 11.6 minutes apart.
    private let rule = Rule(Sample.used, .trend(reaching: 1, warning: .seconds(86400), critical: .seconds(14400)))

    /// Judges `value(minute)` once a minute for so many hours; the last judgement, and the memory.
    private func run(hours: Int, from: Int = 0, memory: inout Rule.Memory, _ value: (Double) -> Double) -> Judgement {
        var said = Judgement.ok
        for minute in from..<(from + hours * 60) {
            said = rule.judge(
                .number(value(Double(minute))),
                at: Sample.minute(Double(minute)),
                uptime: Sample.uptime(Double(minute)),
                bootID: "a",
                memory: &memory
            )
        }
        return said
    }

    @Test("a steady rise that reaches the goal in time is a breach, and says when")
    func rises() {
        var memory = Rule.Memory(shape: "trend")
        // 2 % an hour from 50 %: after three hours full in 22 h.
        let said = run(hours: 3, memory: &memory) { 0.5 + $0 / 60 * 0.02 }
        #expect(said.severity == .warning)
        #expect(said.because?.contains("reaches 100 % in about 22h") == true)
        var fast = Rule.Memory(shape: "trend")
        #expect(run(hours: 3, memory: &fast) { 0.4 + $0 / 60 * 0.12 }.severity == .critical)
    }

    @Test("flat, falling, noisy and too few readings are well")
    func quiet() {
        for value in [{ _ in 0.5 }, { 0.9 - $0 * 0.0001 }, { $0.truncatingRemainder(dividingBy: 20) < 10 ? 0.5 : 0.7 }]
            as [(Double) -> Double]
        {
            var memory = Rule.Memory(shape: "trend")
            #expect(run(hours: 6, memory: &memory, value) == .ok)
        }
        var memory = Rule.Memory(shape: "trend")
        #expect(run(hours: 1, memory: &memory) { 0.5 + $0 * 0.01 } == .ok)
    }

    @Test("a clean-up and a long gap end the old trend")
    func breaks() {
        var memory = Rule.Memory(shape: "trend")
        #expect(run(hours: 3, memory: &memory) { 0.5 + $0 / 60 * 0.1 }.severity == .critical)
        var cleaned = memory
        #expect(run(hours: 1, from: 181, memory: &cleaned) { _ in 0.3 } == .ok)
        #expect(run(hours: 1, from: 181 + 24 * 60, memory: &memory) { _ in 0.9 } == .ok)
    }

    @Test("memory is bounded, and a reboot starts afresh")
    func bounded() {
        var memory = Rule.Memory(shape: "trend")
        _ = run(hours: 48, memory: &memory) { 0.1 + $0 * 0.0001 }
        #expect(memory.points.count == Rule.pointLimit)
        let said = rule.judge(.number(0.4), at: Sample.start, uptime: .seconds(5), bootID: "b", memory: &memory)
        #expect(said == .ok)
        #expect(memory.points.count == 1)
    }
}
