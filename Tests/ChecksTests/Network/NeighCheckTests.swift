import Alerting
import Basics
import Netlink
import Procfs
import TestSupport
import Testing

@testable import Checks
@testable import Procfs

@Suite struct NeighCheckTests {
    private let check = NeighCheck(NeighCheck.Settings())

    private func observe(_ fixture: HostFixture) async throws -> [Observation] {
        try await check.observe(World(host: fixture.host, time: ManualTime()))
    }

    @Test func defaultsAre75And90PercentAndAnyOverflowWithinTenMinutes() {
        #expect(
            check.rules == [
                Rule(NeighCheck.used, .above(warning: 0.75, critical: 0.9)),
                Rule(NeighCheck.tableFulls, .occurred(atLeast: 1, within: .seconds(600), .critical)),
            ]
        )
    }

    @Test func bothTablesOfThisMachineAreTargets() async throws {
        let live = World(host: Host(roots: HostRoots(proc: "/proc", sys: "/sys")), time: ManualTime())
        let seen = try await check.observe(live)
        #expect(Set(seen.map(\.target.name)).isSubset(of: ["ipv4", "ipv6"]))
        let ipv4 = seen.filter { $0.target.name == "ipv4" }
        #expect(ipv4.map(\.measure) == [NeighCheck.used, NeighCheck.entries, NeighCheck.tableFulls])
        #expect(ipv4.allSatisfy { $0.scope == .host })
        guard case .number(let share) = ipv4[0].value else {
            Issue.record("\(ipv4[0])")
            return
        }
        #expect(share >= 0 && share.isFinite)
    }

    @Test("S29 a stranger's own namespace does not change what is observed")
    func strangersObserveTheSame() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let limits = { try live.neighbourTables().map(\.threshold3) }
        let here = try limits()
        #expect(try IsolatedThread.run([.network, .unprivileged], limits) == here)
    }

    @Test func theShareIsOfTheHardLimit() throws {
        let table = NeighbourTable(
            family: .ipv6,
            name: "ndisc_cache",
            entries: 900,
            tableFulls: 3,
            threshold1: 128,
            threshold2: 512,
            threshold3: 1000
        )
        let seen = NeighCheck.observations(of: table)
        #expect(seen.map(\.value) == [.number(0.9), .number(900), .number(3)])
        #expect(seen.allSatisfy { $0.target == Target("ipv6") })
        #expect(seen[0].summary == "the IPv6 neighbour table holds 900 of 1000 entries")
        #expect(seen[0].annotations["gc_thresh3"] == "1000")
    }

    @Test func aLimitOfZeroGivesNoShare() {
        let table = NeighbourTable(
            family: .ipv4,
            name: "arp_cache",
            entries: 1,
            tableFulls: nil,
            threshold1: 0,
            threshold2: 0,
            threshold3: 0
        )
        #expect(NeighCheck.observations(of: table).map(\.value) == [.unknown(because: "gc_thresh3 is 0"), .number(1)])
    }

    @Test("S29 without netlink the files give entries and overflows, and the share is unknown")
    func filesGiveEntriesOnly() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/1/net/stat/arp_cache", "entries table_fulls\n00000ff0 00000002\n00000ff0 00000001\n")
        let ipv4 = try await observe(fixture).filter { $0.target.name == "ipv4" }
        guard case .unknown(let because) = ipv4.first?.value else {
            Issue.record("\(ipv4)")
            return
        }
        #expect(because.contains("netlink"))
        #expect(ipv4.dropFirst().map(\.value) == [.number(4080), .number(3)])
    }

    @Test("S29 on the host's network the files give the limit as well")
    func filesGiveTheLimitOnTheHostsNetwork() async throws {
        let fixture = try HostFixture("debian-12", "own-network")
        try fixture.write("proc/1/net/stat/arp_cache", "entries table_fulls\n00000300 00000000\n")
        let used = try await observe(fixture).first { $0.target.name == "ipv4" }
        #expect(used?.value == .number(0.75))
        #expect(used?.summary == "the IPv4 neighbour table holds 768 of 1024 entries")
        try fixture.write("proc/sys/net/ipv4/neigh/default/gc_thresh3", "0\n")
        #expect(try await observe(fixture).first?.value == .unknown(because: "gc_thresh3 is 0"))
    }

    @Test("overflows can be left unjudged")
    func overflowsOff() {
        var settings = NeighCheck.Settings()
        settings.overflowWithin = nil
        #expect(NeighCheck(settings).rules.map(\.measure) == [NeighCheck.used])
    }

    @Test func oneOverflowIsCriticalAndTheFirstReadingIsNot() {
        let rule = check.rules[1]
        var memory = Rule.Memory(shape: rule.shape.word)
        func judge(_ fulls: Double, at second: Int64) -> Judgement {
            rule.judge(
                .number(fulls),
                at: Timestamp(milliseconds: second * 1000),
                uptime: .seconds(second),
                bootID: "b",
                memory: &memory
            )
        }
        #expect(judge(7, at: 0) == .ok)
        #expect(judge(7, at: 30) == .ok)
        guard case .breach(.critical, _) = judge(8, at: 60) else {
            Issue.record("not critical")
            return
        }
        guard case .breach(.critical, _) = judge(8, at: 600) else {
            Issue.record("forgotten within the window")
            return
        }
        #expect(judge(8, at: 700) == .ok)
    }

    @Test func withoutIPv6ThereIsNoSuchTarget() async throws {
        let names = try await observe(HostFixture("debian-12", "no-ipv6")).map(\.target.name)
        #expect(Set(names) == ["ipv4"])
    }

    @Test func netlinkNeedsNoMount() async throws {
        let seen = try await observe(HostFixture("debian-12", "no-proc"))
        #expect(seen.contains { $0.target.name == "ipv4" && $0.measure == NeighCheck.used })
    }

    @Test(arguments: ["empty-files", "truncated", "hidepid"])
    func whatCannotBeReadDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .degraded(let because, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(because.contains("netlink"))
        #expect((remedy != nil) == (overlay == "hidepid"))
    }
}
