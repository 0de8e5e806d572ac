import Basics
import Testing

@testable import Alerting

struct RuleOccurredTests {
    private let deaths = Rule(Sample.deaths, .occurred(atLeast: 1, within: .seconds(600), .critical))

    @Test("S12 an occurrence counts within the window, and the breach ends when the window is empty")
    func window() {
        let said = deaths.judge([.occurrences(0), .occurrences(1)] + .init(repeating: .occurrences(0), count: 10))
        #expect(said.map { $0.severity != nil } == [false] + .init(repeating: true, count: 10) + [false])
    }

    @Test("S12 enough must come together, then each that is left keeps the breach")
    func atLeast() {
        let rule = Rule(Sample.deaths, .occurred(atLeast: 3, within: .seconds(600), .warning))
        var values = [Observation.Value](repeating: .occurrences(0), count: 20)
        values[0] = .occurrences(1)
        values[5] = .occurrences(1)
        values[8] = .occurrences(1)
        let breached = rule.judge(values).map { $0.severity != nil }
        #expect(breached == (0..<20).map { (8..<18).contains($0) })
    }

    @Test("an occurrence's own severity replaces the rule's; the worst within the window counts")
    func ownSeverity() {
        let rule = Rule(Sample.deaths, .occurred(atLeast: 1, within: .seconds(120), .warning))
        let said = rule.judge([
            .occurrences(1, .info), .occurrences(1, .critical), .occurrences(1), .occurrences(0), .occurrences(0),
        ])
        #expect(said.map(\.severity) == [.info, .critical, .critical, .warning, nil])
    }

    @Test("a counter's growth is occurrences; the first reading, a reset and a reboot are a new base")
    func counter() {
        let rule = Rule(Sample.used, .occurred(atLeast: 1, within: .seconds(60), .critical))
        #expect(rule.severities([7, 7, 9, 9, 2, 3]) == [nil, nil, .critical, nil, nil, .critical])
        #expect(rule.severities([7, 9], boots: ["a", "b"]) == [nil, nil])
        #expect(rule.judge([.number(7), .number(9)])[1].because == "2 within 1m")
    }

    @Test("memory stays bounded in a storm, and no occurrence is forgotten early or counted twice")
    func bounded() {
        var memory = Rule.Memory(shape: "occurred")
        for second in 0..<3600 {
            let said = deaths.judge(
                .occurrences(1),
                at: Sample.start + .seconds(second),
                uptime: .seconds(second),
                bootID: "a",
                memory: &memory
            )
            #expect(said.severity == .critical)
        }
        #expect(memory.occurrences.count <= Rule.occurrenceLimit)
        let counted = memory.judged ?? 0
        #expect(counted >= 600 && counted <= 640)
    }

    @Test("a clock that steps back does not keep an occurrence for ever")
    func clockStep() {
        var memory = Rule.Memory(shape: "occurred")
        func judge(_ minute: Double, _ count: Int) -> Bool {
            deaths.judge(
                .occurrences(count),
                at: Sample.minute(minute),
                uptime: .zero,
                bootID: "a",
                memory: &memory
            ).severity != nil
        }
        #expect(judge(10_000, 1))
        #expect(judge(0, 0))
        #expect(!judge(10, 0))
    }

    @Test("S13 a change is an occurrence of ten minutes; the first value is the baseline and no alert")
    func changed() {
        let rule = Rule(Sample.deaths, .changed(.warning))
        let said = rule.judge([.state("a"), .state("a"), .state("b")] + .init(repeating: .state("b"), count: 10))
        #expect(said.map { $0.severity != nil } == [false, false] + .init(repeating: true, count: 10) + [false])
        #expect(said[2].because == "changed from a to b")
        #expect(said[5].because == "changed from a to b")
        #expect(rule.severities([1, 1, 2]) == [nil, nil, .warning])
    }
}
