import Alerting
import Basics
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct UptimeCheckTests {
    private let check = UptimeCheck(UptimeCheck.Settings())

    private func observe(_ fixture: HostFixture, previous: Timestamp? = nil) async throws -> [Measure: Observation] {
        let world = World(host: fixture.host, time: ManualTime(), previousSweep: previous)
        let all = try await check.observe(world)
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    private func rebooted() throws -> HostFixture {
        let fixture = try HostFixture()
        try fixture.write("proc/stat", "cpu 1\nbtime 1800000000\n")
        try fixture.write("proc/uptime", "7265.50 1.00\n")
        return fixture
    }

    @Test func theBootIDIsAStateAndUptimeAMeasure() async throws {
        let seen = try await observe(rebooted())
        #expect(seen[UptimeCheck.bootID]?.value == .state("1f6c2f0e-6f0b-4d0a-9b0e-3d2a5c7e9f11"))
        #expect(seen[UptimeCheck.running]?.value == .number(7265.5))
        #expect(seen[UptimeCheck.bootID]?.annotations["booted_at"] == "2027-01-15T08:00:00.000Z")
    }

    @Test("S13 another boot id is one warning; the first ever seen is the baseline")
    func anotherBootIDIsAWarning() async throws {
        let rule = try #require(check.rules.first)
        #expect(rule.measure == UptimeCheck.bootID)
        let fixture = try HostFixture()
        var memory = Rule.Memory(shape: rule.shape.word)
        func judge(_ boot: String) async throws -> Judgement {
            let value = try #require(try await observe(fixture)[UptimeCheck.bootID]?.value)
            return rule.judge(
                value,
                at: Timestamp(milliseconds: 0),
                uptime: .seconds(5),
                bootID: boot,
                memory: &memory
            )
        }
        #expect(try await judge("a") == .ok)
        #expect(try await judge("a") == .ok)
        try fixture.write("proc/sys/kernel/random/boot_id", "00000000-0000-4000-8000-000000000001\n")
        guard case .breach(.warning, _) = try await judge("b") else {
            Issue.record("no warning")
            return
        }
    }

    @Test("on request a machine that has run for a short time only is told, whoever watched before")
    func young() throws {
        #expect(check.rules.map(\.shape) == [.changed(.warning)])
        var settings = UptimeCheck.Settings()
        (settings.restarted, settings.warning, settings.critical) = (nil, .seconds(600), .seconds(60))
        let rules = UptimeCheck(settings).rules
        #expect(rules.map(\.measure) == [UptimeCheck.running])
        func judge(_ seconds: Double) -> Severity? {
            var memory = Rule.Memory(shape: "below")
            let start = Timestamp(milliseconds: 0)
            return rules[0].judge(.number(seconds), at: start, uptime: .zero, bootID: "b", memory: &memory).severity
        }
        #expect(judge(59) == .critical)
        #expect(judge(60) == .warning)
        #expect(judge(599) == .warning)
        #expect(judge(600) == nil)
    }

    @Test func theDowntimeIsToldFromTheLastSweepToTheStart() async throws {
        let last = Timestamp(milliseconds: 1_800_000_000_000 - 185_000)
        let boot = try #require(try await observe(rebooted(), previous: last)[UptimeCheck.bootID])
        #expect(boot.annotations["downtime"] == "3m5s")
        #expect(boot.annotations["noticed_after"] == "2h1m5s")
        #expect(boot.annotations["last_seen"] == last.description)
        #expect(boot.summary == "the machine was restarted; it was down for at most 3m5s")
    }

    @Test func aSweepSinceTheStartSaysNothingOfADowntime() async throws {
        let last = Timestamp(milliseconds: 1_800_000_000_000 + 30_000)
        let boot = try #require(try await observe(rebooted(), previous: last)[UptimeCheck.bootID])
        #expect(boot.annotations["downtime"] == nil)
        #expect(boot.summary == nil)
    }

    @Test(arguments: ["empty-files", "truncated", "no-proc", "huge-values"])
    func whatCannotBeReadDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .degraded = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func hiddenProcessesDoNotMatter() async throws {
        #expect(try await observe(HostFixture("debian-12", "hidepid")).count == 2)
    }
}
