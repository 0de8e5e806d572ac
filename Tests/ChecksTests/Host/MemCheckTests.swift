import Alerting
import Basics
import Procfs
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct MemCheckTests {
    private let check = MemCheck(MemCheck.Settings())

    private func observe(_ fixture: HostFixture) async throws -> [Measure: Observation] {
        let all = try await check.observe(World(host: fixture.host, time: ManualTime()))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    @Test func whatIsAvailableCountsNotWhatIsFree() async throws {
        let fixture = try HostFixture()
        try fixture.write(
            "proc/meminfo",
            "MemTotal: 1000 kB\nMemFree: 900 kB\nMemAvailable: 125 kB\nShmem: 500 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"
        )
        let seen = try await observe(fixture)
        #expect(seen[MemCheck.used]?.value == .number(0.875))
        #expect(seen[MemCheck.used]?.summary == "125 KiB of 1000 KiB memory are left: 87.5 % are used")
        #expect(seen[MemCheck.used]?.annotations["shared"] == "500 KiB")
        #expect(seen[MemCheck.available]?.value == .number(128_000))
        #expect(seen.values.allSatisfy { $0.target.name == "host" && $0.scope == .host })
    }

    @Test func swapIsObservedWhereThereIsSome() async throws {
        let fixture = try HostFixture()
        let seen = try await observe(fixture)
        #expect(seen[MemCheck.swapUsed]?.value == .number(204_544.0 / 2_097_148))
        #expect(seen[MemCheck.swapIn]?.value == .number(1204))
        #expect(seen[MemCheck.swapOut]?.value == .number(5121))
        try fixture.write("proc/meminfo", "MemTotal: 8 kB\nMemAvailable: 8 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
        try fixture.write("proc/vmstat", "nr_free_pages 1\n")
        let none = try await observe(fixture)
        #expect(Set(none.keys) == [MemCheck.used, MemCheck.available])
        #expect(none[MemCheck.used]?.annotations["swap"] == "none")
    }

    @Test("S31 swap is judged by what is read back from it, not by how full it is")
    func swapInIsJudged() throws {
        let rules = Dictionary(uniqueKeysWithValues: check.rules.map { ($0.measure, $0) })
        #expect(rules[MemCheck.used]?.shape == .above(warning: 0.85, critical: 0.9, hysteresis: 0.05))
        #expect(rules[MemCheck.used]?.holdFor == .seconds(60))
        #expect(rules[MemCheck.swapUsed]?.threshold() == nil)
        let rule = try #require(rules[MemCheck.swapIn])
        var memory = Rule.Memory(shape: rule.shape.word)
        func judge(_ pages: Double, at second: Int64) -> Severity? {
            let now = Timestamp(milliseconds: second * 1000)
            return rule.judge(
                .number(pages),
                at: now,
                uptime: .seconds(second),
                bootID: "b",
                memory: &memory
            ).severity
        }
        #expect(judge(1_000_000, at: 0) == nil)
        #expect(judge(1_030_000, at: 30) == nil)
        #expect(judge(1_090_000, at: 60) == .warning)
        #expect(judge(1_090_000, at: 90) == nil)
        #expect(rule.holdFor == .seconds(300))
    }

    @Test(
        "what fires clears only below its threshold less the hysteresis",
        arguments: [
            (Severity.warning, 0.85, 0.8), (.critical, 0.9, 0.85),
        ]
    )
    func hysteresis(severity: Severity, threshold: Double, clears: Double) throws {
        var settings = MemCheck.Settings()
        (settings.swapWarning, settings.swapCritical) = (85, 90)
        let rules = MemCheck(settings).rules.filter { $0.measure != MemCheck.swapIn }
        #expect(rules.count == 2)
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

    @Test("a leak is foretold on request, and only once it has lasted; what is given back ends it")
    func aLeakIsForetold() throws {
        #expect(check.rules.allSatisfy { $0.shape.word != "trend" })
        var settings = MemCheck.Settings()
        settings.fullWithinWarning = .seconds(6 * 3600)
        settings.fullWithinCritical = .seconds(3600)
        let rule = try #require(MemCheck(settings).rules.first { $0.shape.word == "trend" })
        #expect(rule.measure == MemCheck.used)
        #expect(rule.holdFor == .seconds(1800))
        var memory = Rule.Memory(shape: rule.shape.word)
        func judge(_ share: Double, at second: Int) -> Severity? {
            rule.judge(
                .number(share),
                at: Timestamp(milliseconds: Int64(second) * 1000),
                uptime: .seconds(second),
                bootID: "b",
                memory: &memory
            ).severity
        }
        var seen: [Severity?] = []
        // From 40 %, 10 % an hour: six hours are left, and in the sixth less than one.
        for second in stride(from: 0, through: 19_000, by: 30) {
            let severity = judge(0.4 + 0.1 * Double(second) / 3600, at: second)
            if severity != seen.last { seen.append(severity) }
        }
        #expect(seen == [nil, .warning, .critical])
        #expect(judge(0.3, at: 19_030) == nil)
    }

    @Test func aKernelThatDoesNotEstimateIsUnknownNotWell() async throws {
        for text in ["MemTotal: 8 kB\nMemFree: 8 kB\n", "MemTotal: 0 kB\nMemAvailable: 0 kB\n"] {
            let fixture = try HostFixture()
            try fixture.write("proc/meminfo", text)
            guard case .unknown = try await observe(fixture)[MemCheck.used]?.value else {
                Issue.record("\(text) was judged")
                continue
            }
        }
    }

    @Test(arguments: ["empty-files", "truncated", "huge-values", "no-proc"])
    func whatCannotBeReadDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .degraded(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((remedy != nil) == (overlay == "no-proc"))
    }

    @Test func moreAvailableThanThereIsIsAllOfIt() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/meminfo", "MemTotal: 8 kB\nMemAvailable: 18014398509481983 kB\n")
        #expect(try await observe(fixture)[MemCheck.used]?.value == .number(0))
    }
}
