import Alerting
import Basics
import Procfs
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct CPUCheckTests {
    private let check = CPUCheck(CPUCheck.Settings())

    private func observe(_ check: CPUCheck, _ fixture: HostFixture) async throws -> [Observation] {
        try await check.observe(World(host: fixture.host, time: ManualTime()))
    }

    private func value(_ measure: Measure, of target: String = "host", in seen: [Observation]) -> Observation.Value? {
        seen.first { $0.measure == measure && $0.target.name == target }?.value
    }

    /// Two processors; `busy` and `idle` ticks for the first, `rest` idle ticks for the second.
    private func stat(_ busy: Int, _ idle: Int, iowait: Int = 0, steal: Int = 0, rest: Int) -> String {
        """
        cpu  \(busy) 0 0 \(idle + rest) \(iowait) 0 0 \(steal) 0 0
        cpu0 \(busy) 0 0 \(idle) \(iowait) 0 0 \(steal) 0 0
        cpu1 0 0 0 \(rest) 0 0 0 0 0 0

        """
    }

    @Test func sharesAreOfTheTimeSinceTheSweepBefore() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/stat", stat(1000, 9000, rest: 9000))
        let first = try await observe(check, fixture)
        for measure in [CPUCheck.busy, CPUCheck.iowait, CPUCheck.steal] {
            let because = "no judgement yet: a share of time needs two readings"
            #expect(value(measure, in: first) == .unknown(because: because))
        }
        try fixture.write("proc/stat", stat(1900, 9050, iowait: 30, steal: 20, rest: 10000))
        let second = try await observe(check, fixture)
        #expect(value(CPUCheck.busy, in: second) == .number(0.46))
        #expect(value(CPUCheck.iowait, in: second) == .number(0.015))
        #expect(value(CPUCheck.steal, in: second) == .number(0.01))
        #expect(
            second.first?.summary
                == "the 2 processors were 46 % busy: 45 % programs, 0 % kernel, 1 % stolen"
        )
        #expect(second.allSatisfy { $0.measure != CPUCheck.coreBusy })
    }

    @Test func eachProcessorIsATargetOnRequest() async throws {
        var settings = CPUCheck.Settings()
        settings.cores = true
        let check = CPUCheck(settings)
        let fixture = try HostFixture()
        try fixture.write("proc/stat", stat(0, 1000, rest: 1000))
        _ = try await observe(check, fixture)
        try fixture.write("proc/stat", stat(100, 1000, rest: 1100) + "cpu2 9 0 0 9 0 0 0 0\n")
        let seen = try await observe(check, fixture)
        #expect(value(CPUCheck.coreBusy, of: "cpu0", in: seen) == .number(1))
        #expect(value(CPUCheck.coreBusy, of: "cpu1", in: seen) == .number(0))
        guard case .unknown = value(CPUCheck.coreBusy, of: "cpu2", in: seen) else {
            Issue.record("a processor that was just switched on has a share")
            return
        }
    }

    @Test func readingsTooCloseTogetherKeepTheirBase() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/stat", stat(0, 0, rest: 0))
        _ = try await observe(check, fixture)
        try fixture.write("proc/stat", stat(20, 0, rest: 19))
        guard case .unknown = value(CPUCheck.busy, in: try await observe(check, fixture)) else {
            Issue.record("39 ticks of two processors made a share")
            return
        }
        try fixture.write("proc/stat", stat(50, 0, rest: 50))
        #expect(value(CPUCheck.busy, in: try await observe(check, fixture)) == .number(0.5))
    }

    @Test func instancesDoNotShortenEachOthersSpan() async throws {
        let fixture = try HostFixture()
        let other = CPUCheck(CPUCheck.Settings())
        try fixture.write("proc/stat", stat(0, 0, rest: 0))
        _ = try await observe(check, fixture)
        _ = try await observe(other, fixture)
        try fixture.write("proc/stat", stat(100, 0, rest: 100))
        _ = try await observe(other, fixture)
        try fixture.write("proc/stat", stat(100, 100, rest: 200))
        #expect(value(CPUCheck.busy, in: try await observe(check, fixture)) == .number(0.25))
        #expect(value(CPUCheck.busy, in: try await observe(other, fixture)) == .number(0))
    }

    @Test func theLoadIsForEachProcessorThatIsOnline() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/loadavg", "9.00 6.00 3.00 1/2 3\n")
        #expect(value(CPUCheck.load, in: try await observe(check, fixture)) == .number(3))
        for (period, expected) in [(CPUCheck.LoadPeriod.one, 4.5), (.fifteen, 1.5)] {
            var settings = CPUCheck.Settings()
            settings.loadPeriod = period
            let seen = try await observe(CPUCheck(settings), fixture)
            #expect(value(CPUCheck.load, in: seen) == .number(expected))
        }
    }

    @Test("S31 busy is a warning after 15 minutes, never critical; iowait and steal are measures only")
    func defaultsAreQuiet() {
        let shapes = Dictionary(uniqueKeysWithValues: check.rules.map { ($0.measure, $0) })
        #expect(shapes[CPUCheck.busy]?.shape == .above(warning: 0.95, critical: nil, hysteresis: 0.05))
        #expect(shapes[CPUCheck.busy]?.holdFor == .seconds(900))
        #expect(shapes[CPUCheck.iowait]?.threshold() == nil)
        #expect(shapes[CPUCheck.steal]?.threshold() == nil)
        #expect(shapes[CPUCheck.load]?.shape == .above(warning: 3, critical: 5))
    }

    @Test(
        "what fires clears only below its threshold less the hysteresis",
        arguments: [
            (Severity.warning, 0.95, 0.9), (.critical, 0.99, 0.94),
        ]
    )
    func hysteresis(severity: Severity, threshold: Double, clears: Double) throws {
        var settings = CPUCheck.Settings()
        (settings.iowaitWarning, settings.stealWarning) = (95, 95)
        (settings.critical, settings.iowaitCritical, settings.stealCritical) = (99, 99, 99)
        let rules = CPUCheck(settings).rules.filter { $0.measure != CPUCheck.load }
        #expect(rules.count == 4)
        for rule in rules {
            var memory = Rule.Memory(shape: rule.shape.word)
            func judge(_ value: Double) -> Severity? {
                let start = Timestamp(milliseconds: 0)
                return rule.judge(.number(value), at: start, uptime: .zero, bootID: "b", memory: &memory).severity
            }
            #expect(judge(threshold) ?? .info < severity)
            #expect(judge(threshold + 0.001) == severity)
            #expect(judge(threshold) == severity)
            #expect(judge(clears) == severity)
            #expect(judge(clears - 0.001) ?? .info < severity)
            #expect(judge(threshold) ?? .info < severity)
        }
    }

    @Test(arguments: ["empty-files", "truncated", "no-proc"])
    func whatCannotBeReadDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(check, fixture) }
        guard case .degraded(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((remedy != nil) == (overlay == "no-proc"))
    }

    @Test func theLargestNumbersAreFinite() async throws {
        let fixture = try HostFixture("debian-12", "huge-values")
        _ = try await observe(check, fixture)
        try fixture.write("proc/stat", stat(1, 1, rest: 1))
        _ = try await observe(check, fixture)
        try fixture.write("proc/stat", stat(101, 1, rest: 101))
        let seen = try await observe(check, fixture)
        #expect(value(CPUCheck.busy, in: seen) == .number(0.5))
        guard case .number(let load) = value(CPUCheck.load, in: seen) else {
            Issue.record("no load")
            return
        }
        #expect(load.isFinite)
    }
}
