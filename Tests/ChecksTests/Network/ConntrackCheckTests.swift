import Alerting
import Basics
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct ConntrackCheckTests {
    private let check = ConntrackCheck(ConntrackCheck.Settings())

    private func observe(_ fixture: HostFixture) async throws -> [Measure: Observation] {
        let all = try await check.observe(World(host: fixture.host, time: ManualTime()))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    @Test("S29 the host's entries are compared with the limit that every namespace shows")
    func theHostsTableIsObserved() async throws {
        let seen = try await observe(HostFixture())
        #expect(seen[ConntrackCheck.used]?.value == .number(0.15625))
        #expect(seen[ConntrackCheck.used]?.summary == "40960 of 262144 connections are tracked")
        #expect(seen[ConntrackCheck.entries]?.value == .number(40960))
        #expect(seen[ConntrackCheck.drops]?.value == .number(5))
        #expect(seen[ConntrackCheck.earlyDrops]?.value == .number(3))
        #expect(seen[ConntrackCheck.failedInserts]?.value == .number(3))
        #expect(seen.values.allSatisfy { $0.scope == .host && $0.target.name == "host" })
    }

    @Test("S31 failed inserts are a measure only; any drop within ten minutes warns")
    func defaultsAreQuiet() {
        #expect(check.rules.first?.shape == .above(warning: 0.75, critical: 0.9))
        let judged = check.rules.dropFirst()
        #expect(judged.map(\.measure) == [ConntrackCheck.drops, ConntrackCheck.earlyDrops])
        #expect(judged.allSatisfy { $0.shape == .occurred(atLeast: 1, within: .seconds(600), .warning) })
    }

    @Test("drops can be left unjudged")
    func dropsOff() {
        var settings = ConntrackCheck.Settings()
        settings.dropWithin = nil
        #expect(ConntrackCheck(settings).rules.map(\.measure) == [ConntrackCheck.used])
    }

    @Test func withoutTheModuleTheCheckIsNotApplicable() async throws {
        let fixture = try HostFixture()
        try fixture.remove("proc/1/net/stat/nf_conntrack")
        try fixture.remove("proc/sys/net/netfilter/nf_conntrack_max")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .notApplicable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("S29 a kernel without statistics tells its table's use on the host's network, and drops are out of sight")
    func withoutStatistics() async throws {
        let fixture = try HostFixture("debian-12", "own-network")
        try fixture.remove("proc/1/net/stat/nf_conntrack")
        try fixture.write("proc/sys/net/netfilter/nf_conntrack_count", "249037\n")
        let seen = try await observe(fixture)
        #expect(seen[ConntrackCheck.used]?.value == .number(249_037.0 / 262_144))
        #expect(seen[ConntrackCheck.used]?.scope == .host)
        #expect(seen[ConntrackCheck.entries]?.value == .number(249_037))
        #expect(seen.filter { $0.value.isOutOfSight }.count == 3 && seen.count == 5)
        try fixture.remove("proc/sys/net/netfilter/nf_conntrack_max")
        try fixture.write("proc/sys/net/netfilter/nf_conntrack_max", "x\n")
        #expect(try await observe(fixture)[ConntrackCheck.entries]?.value == .number(249_037))
    }

    @Test("S29 elsewhere such a kernel's table is not seen, and never that of a network of one's own")
    func withoutStatisticsElsewhere() async throws {
        let fixture = try HostFixture()
        try fixture.remove("proc/1/net/stat/nf_conntrack")
        try fixture.write("proc/sys/net/netfilter/nf_conntrack_count", "1\n")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .degraded(let because, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(because.contains("CONFIG_NF_CONNTRACK_PROCFS") && remedy?.contains("network_mode: host") == true)
        let container = try HostFixture("debian-12", "container-view")
        try container.remove("proc/1/net/stat/nf_conntrack")
        #expect(await #expect(throws: CheckError.self) { try await observe(container) } == .ownContainerOnly)
    }

    @Test func noLimitIsNeverFull() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/sys/net/netfilter/nf_conntrack_max", "0\n")
        let used = try await observe(fixture)[ConntrackCheck.used]
        #expect(used?.value == .number(0))
        #expect(used?.annotations["maximum"] == "unlimited")
    }

    @Test func aLimitThatCannotBeReadLeavesTheShareUnknown() async throws {
        let fixture = try HostFixture()
        try fixture.remove("proc/sys/net/netfilter/nf_conntrack_max")
        let seen = try await observe(fixture)
        guard case .unknown = seen[ConntrackCheck.used]?.value else {
            Issue.record("\(String(describing: seen[ConntrackCheck.used]))")
            return
        }
        #expect(seen[ConntrackCheck.entries]?.value == .number(40960))
    }

    @Test func aContainersOwnTableIsNotTakenForTheHosts() async throws {
        let fixture = try HostFixture("debian-12", "container-view")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        #expect(error == .ownContainerOnly)
    }

    @Test(arguments: ["empty-files", "truncated", "no-proc", "hidepid"])
    func whatCannotBeReadDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .degraded(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((remedy != nil) == ["no-proc", "hidepid"].contains(overlay))
    }

    @Test func theLargestNumbersAreFinite() async throws {
        let seen = try await observe(HostFixture("debian-12", "huge-values"))
        #expect(seen[ConntrackCheck.used]?.value == .number(1))
        #expect(seen[ConntrackCheck.drops]?.value == .number(Double(UInt64.max)))
    }
}
