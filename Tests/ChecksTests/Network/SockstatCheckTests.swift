import Basics
import Netlink
import TestSupport
import Testing

@testable import Alerting
@testable import Checks
@testable import Procfs

@Suite struct SockstatCheckTests {
    private let check = SockstatCheck(SockstatCheck.Settings())

    private func observe(_ fixture: HostFixture) async throws -> [Measure: Observation] {
        let all = try await check.observe(World(host: fixture.host, time: ManualTime()))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    @Test func countersOfTheHostsNamespaceAreObserved() async throws {
        let seen = try await observe(HostFixture("debian-12", "listen-overflow"))
        #expect(seen[SockstatCheck.overflows]?.value == .number(4711))
        #expect(seen[SockstatCheck.drops]?.value == .number(4720))
        #expect(seen[SockstatCheck.requestDrops]?.value == .number(9))
        #expect(seen[SockstatCheck.memoryPressures]?.value == .number(1))
        #expect(seen.values.allSatisfy { $0.target.name == "host" && ($0.scope == .host || $0.isOutOfSight) })
    }

    /// Counts one overflow less, looks, puts the count back and looks again.
    private func observeGrowth(_ fixture: HostFixture) async throws -> Observation? {
        try fixture.write("proc/1/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 4710\n")
        _ = try await observe(fixture)
        try fixture.write("proc/1/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 4711\n")
        return try await observe(fixture)[SockstatCheck.overflows]
    }

    @Test func thePortWhoseQueueIsFullestIsNamedWhenThereAreOverflows() async throws {
        let fixture = try HostFixture("debian-12", "listen-overflow")
        #expect(try await observe(fixture)[SockstatCheck.overflows]?.annotations == [:])
        #expect(try await observeGrowth(fixture)?.annotations == ["listening_ports": "3306 (ipv4): 129 waiting"])
        #expect(try await observe(fixture)[SockstatCheck.overflows]?.annotations == [:])
        #expect(try await observeGrowth(HostFixture())?.annotations == [:])
    }

    @Test("on the host's network netlink names the ports that lost connections, with their limits, after they drained")
    func limits() throws {
        let full = queue(port: 443, waiting: 129, limit: 128, drops: 7, inode: 5)
        let drained = queue(port: 3306, waiting: 0, limit: 64, drops: 30, inode: 6)
        let fine = queue(port: 22, waiting: 1, limit: 128, drops: 0, inode: 7)
        let host = try HostFixture().host
        #expect(
            check.described([fine, full, drained], [6: 30], host)
                == ["listening_ports": "3306 (ipv4): 0 of 64 waiting, 30 dropped; 443 (ipv4): 129 of 128 waiting"]
        )
        #expect(check.described([fine], [:], host) == ["listening_ports": "22 (ipv4): 1 of 128 waiting"])
        #expect(check.described([], [:], host) == [:])
    }

    private func queue(port: UInt16, waiting: UInt64, limit: UInt64, drops: UInt32, inode: UInt64) -> ListenQueue {
        let address = Endpoint(.ipv4, words: (0, 0, 0, 0), port: port)
        var socket = TCPSocket(
            family: .ipv4,
            state: .listen,
            local: address,
            remote: address,
            received: waiting,
            unsent: limit,
            user: 0,
            inode: inode
        )
        socket.drops = drops
        return ListenQueue(socket)
    }

    @Test("how often queues must overflow is a setting; off is off")
    func warning() {
        var settings = SockstatCheck.Settings()
        settings.overflowWarning = 100
        #expect(SockstatCheck(settings).rules[0].shape == .occurred(atLeast: 100, within: .seconds(300), .warning))
        settings.overflowWarning = nil
        #expect(SockstatCheck(settings).rules.map(\.shape.word) == ["rate", "above"])
    }

    @Test("S31 listen drops and full request queues are measures only")
    func dropsAreMeasuresOnly() {
        let judged = Set(check.rules.map(\.measure))
        #expect(judged == [SockstatCheck.overflows, SockstatCheck.memoryUsed])
    }

    @Test func anyOverflowWithinFiveMinutesWarnsAndTenASecondAlarm() async throws {
        let fixture = try HostFixture()
        var memories = check.rules.map { Rule.Memory(shape: $0.shape.word) }
        func worst(_ overflows: Int, at second: Int64) async throws -> Severity? {
            try fixture.write("proc/1/net/netstat", "TcpExt: ListenOverflows\nTcpExt: \(overflows)\n")
            let value = try #require(try await observe(fixture)[SockstatCheck.overflows]?.value)
            var severities: [Severity] = []
            for (index, rule) in check.rules.enumerated() where rule.measure == SockstatCheck.overflows {
                let judgement = rule.judge(
                    value,
                    at: Timestamp(milliseconds: second * 1000),
                    uptime: .seconds(second),
                    bootID: "b",
                    memory: &memories[index]
                )
                if case .breach(let severity, _) = judgement { severities.append(severity) }
            }
            return severities.max()
        }
        #expect(try await worst(4000, at: 0) == nil)
        #expect(try await worst(4000, at: 30) == nil)
        #expect(try await worst(4001, at: 60) == .warning)
        #expect(try await worst(4001, at: 300) == .warning)
        #expect(try await worst(4001, at: 400) == nil)
        #expect(try await worst(4301, at: 430) == .warning)
        #expect(try await worst(4602, at: 460) == .critical)
        #expect(try await worst(3, at: 490) != .critical)
    }

    @Test("S29 TCP's memory is judged only in the host's network namespace")
    func memoryIsJudgedInTheHostsNamespaceOnly() async throws {
        let page = Double(Host.pageSize)
        let container = try await observe(HostFixture())
        #expect(container[SockstatCheck.memory]?.value == .number(259 * page))
        #expect(container[SockstatCheck.memoryUsed]?.isOutOfSight == true)
        let host = try await observe(HostFixture("debian-12", "own-network"))
        #expect(host[SockstatCheck.memoryUsed]?.value == .number(259.0 / 575_802))
    }

    @Test(
        "TCP's memory is told where its unit is known: with large pages not from Linux 4.11 to 5.19",
        arguments: [("3.10.0", true), ("4.18.0-553.el8", false), ("5.19.17", false), ("6.0.1", true), ("x", false)]
    )
    func memoryUnit(release: String, isKnown: Bool) throws {
        let fixture = try HostFixture()
        try fixture.write("proc/sys/kernel/osrelease", release + "\n")
        #expect(SockstatCheck.countsMemoryInPages(fixture.host, pageSize: 65536) == isKnown)
        #expect(SockstatCheck.countsMemoryInPages(fixture.host, pageSize: 4096))
    }

    @Test func aContainersOwnNetworkIsNotTakenForTheHosts() async throws {
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

    @Test func aKernelThatDoesNotCountOverflowsIsNotApplicable() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/1/net/netstat", "TcpExt: TW\nTcpExt: 1\n")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        #expect(error == .notApplicable(because: "this kernel does not count listen overflows", remedy: nil))
    }

    @Test func queuesThatCannotBeReadAreSaidToBeUnknown() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/1/net/tcp", "nonsense\n")
        let ports = try await observeGrowth(fixture)?.annotations["listening_ports"]
        #expect(ports?.hasPrefix("unknown: ") == true)
    }

    @Test func theLargestNumbersAreFinite() async throws {
        let seen = try await observe(HostFixture("debian-12", "huge-values"))
        #expect(seen[SockstatCheck.overflows]?.value == .number(Double(UInt64.max)))
        #expect(seen[SockstatCheck.memory] != nil)
    }
}
