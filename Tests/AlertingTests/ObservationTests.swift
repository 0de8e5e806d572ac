import Basics
import Testing

@testable import Alerting

struct ObservationTests {
    private func used(_ value: Double, of target: String, warning: Double?, critical: Double?) -> Observation {
        var observation = Sample.used(value, of: target)
        observation.levels = Observation.OwnLevels(warning: warning, critical: critical)
        return observation
    }

    @Test("S28 a target's own levels replace the rule's for it alone, in the judgement, the threshold and the report")
    func ownLevels() throws {
        var book = Sample.book()
        let strict = used(0.5, of: "/strict", warning: 0.3, critical: 0.4)
        let lax = used(0.98, of: "/lax", warning: 0.99, critical: nil)
        let step = book.absorb(Sample.sweep(0, [strict, lax, Sample.used(0.93)]))
        #expect(step.changes.map(\.alert.id.target.name) == ["/strict", "/"])
        #expect(book.alert(Sample.id("/strict"))?.firing == .critical)
        #expect(book.alert(Sample.id("/strict"))?.threshold == "> 0.4")
        #expect(book.alert(Sample.id())?.threshold == "> 0.9")
        let report = try #require(book.report(of: Sample.check))
        #expect(report.readings.map(\.threshold) == ["> 0.9", "> 0.99", "> 0.4"])
        #expect(report.readings.map(\.status) == [.warning, .ok, .critical])
    }

    @Test("own levels clear at the levels themselves, whatever the rule's hysteresis")
    func ownLevelsClear() {
        var book = Sample.book(rules: [Rule(Sample.used, .above(warning: 0.9, critical: nil, hysteresis: 0.7))])
        let transitions = [0.6, 0.5].enumerated().map { minute, value in
            book.absorb(Sample.sweep(Double(minute), [used(value, of: "/", warning: 0.5, critical: nil)]))
                .changes.map(\.transition)
        }
        #expect(transitions == [[.fired], [.resolved]])
    }

    @Test("own levels say nothing to a rule of another shape")
    func otherShapes() {
        var book = Sample.book()
        var death = Sample.deaths(1)
        death.levels = Observation.OwnLevels(warning: nil, critical: nil)
        #expect(book.absorb(Sample.sweep(0, [death])).changes.map(\.transition) == [.fired])
    }

    @Test("a repeated reading keeps its target known and is not judged: a rate does not fall to nothing between")
    func repeated() {
        var book = Sample.book(rules: [Rule(Sample.used, .rate(warning: nil, critical: 10))])
        func transitions(_ minute: Double, _ total: Double, isRepeated: Bool) -> [Transition] {
            var observation = Sample.used(total)
            observation.isRepeated = isRepeated
            return book.absorb(Sample.sweep(minute, [observation])).changes.map(\.transition)
        }
        #expect(transitions(0, 0, isRepeated: false) == [])
        #expect(transitions(1, 6000, isRepeated: false) == [.fired])
        for minute in 2..<10 { #expect(transitions(Double(minute), 6000, isRepeated: true) == []) }
        #expect(book.alert(Sample.id())?.firing == .critical)
        #expect(transitions(10, 6000, isRepeated: false) == [.resolved])
    }

    @Test("a repeated reading of a target that is not known yet is judged")
    func repeatedAtFirst() {
        var book = Sample.book()
        var observation = Sample.used(0.99)
        observation.isRepeated = true
        #expect(book.absorb(Sample.sweep(0, [observation])).changes.map(\.transition) == [.fired])
    }
}
