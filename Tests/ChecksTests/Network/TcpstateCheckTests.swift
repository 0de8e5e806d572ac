import Alerting
import Basics
import Netlink
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct TcpstateCheckTests {
    private let time = ManualTime()

    private func check(_ change: (inout TcpstateSettings) -> Void = { _ in }) -> TcpstateCheck {
        var settings = TcpstateSettings()
        change(&settings)
        return TcpstateCheck(settings)
    }

    private func observe(_ check: TcpstateCheck, _ fixture: HostFixture) async throws -> [Measure: Observation] {
        let all = try await check.observe(World(host: fixture.host, time: time))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    private func count(inUse: Int, timeWait: Int = 0, in fixture: HostFixture) throws {
        try fixture.write(
            "proc/1/net/sockstat",
            "sockets: used 1\nTCP: inuse \(inUse) orphan 0 tw \(timeWait) alloc 1 mem 1\n"
        )
    }

    @Test("defaults are those that people know, for two minutes; ports at 80 and 90 percent")
    func defaults() {
        #expect(
            check().rules == [
                Rule(TcpstateCheck.closeWait, .above(warning: 100, critical: 1000), holdFor: .seconds(120)),
                Rule(TcpstateCheck.timeWait, .above(warning: 5000, critical: 20000), holdFor: .seconds(120)),
                Rule(TcpstateCheck.ports, .above(warning: 0.8, critical: 0.9)),
            ]
        )
        let off = check {
            $0.closeWaitWarning = nil
            $0.portsCritical = nil
        }
        #expect(off.rules[0].shape == .above(warning: nil, critical: 1000))
        #expect(off.rules[2].shape == .above(warning: 0.8, critical: nil))
    }

    @Test("S29 from another namespace the host's files are counted")
    func files() async throws {
        let seen = try await observe(check(), HostFixture("debian-12", "close-wait"))
        #expect(seen[TcpstateCheck.closeWait]?.value == .number(6))
        #expect(seen[TcpstateCheck.closeWait]?.annotations == ["ports": "8080: 5, 5432 of the peer: 1"])
        #expect(seen[TcpstateCheck.timeWait]?.value == .number(4))
        #expect(seen[TcpstateCheck.inUse]?.value == .number(11))
        #expect(seen[TcpstateCheck.orphans]?.value == .number(0))
        #expect(seen.values.allSatisfy { $0.target.name == "host" && ($0.scope == .host || $0.isOutOfSight) })
    }

    @Test("above a level, users and processes that hold them are named, and ports of ended connections")
    func evidence() async throws {
        let fixture = try HostFixture("debian-12", "close-wait")
        for (place, inode) in [5001, 5002, 5003, 5004, 6001].enumerated() {
            try fixture.link("proc/412/fd/\(place + 10)", to: "socket:[\(inode)]")
        }
        try fixture.link("proc/873/fd/20", to: "socket:[5010]")
        let check = check {
            $0.closeWaitWarning = 5
            $0.timeWaitWarning = 3
        }
        let seen = try await observe(check, fixture)
        let waiting = try #require(seen[TcpstateCheck.closeWait])
        #expect(waiting.annotations["users"] == "uid 33: 5, uid 1000: 1")
        let processes = try #require(waiting.annotations["processes"])
        #expect(processes.contains("(412): 5, ") && processes.hasSuffix("(873): 1"))
        #expect(seen[TcpstateCheck.timeWait]?.annotations == ["ports": "5432 of the peer: 4"])
    }

    @Test("S29 the share of the ports is known on the host's network, or by the setting")
    func ports() async throws {
        let stranger = try await observe(check(), HostFixture("debian-12", "close-wait"))
        #expect(stranger[TcpstateCheck.ports]?.isOutOfSight == true)
        #expect(stranger[TcpstateCheck.ports]?.unknown?.contains("set `port_range`") == true)
        let told = check { $0.portRange = try? PortRange(setting: "40000-40999") }
        let seen = try await observe(told, HostFixture("debian-12", "close-wait"))[TcpstateCheck.ports]
        #expect(seen?.value == .number(0.004))
        #expect(seen?.annotations["destination"] == "192.168.1.3:5432")
        #expect(seen?.summary == "connections to one destination take 4 of 1000 ephemeral ports")
        let own = try await observe(check(), HostFixture("debian-12", "close-wait", "own-network"))[TcpstateCheck.ports]
        #expect(own?.value == .number(6.0 / 28132))
        #expect(own?.annotations["ports"] == "32768-60999")
    }

    @Test("far below every level the files are read again after five minutes, not at each sweep")
    func pause() async throws {
        let fixture = try HostFixture("debian-12", "close-wait")
        let check = check { $0.portRange = try? PortRange(setting: "32768-60999") }
        let first = try await observe(check, fixture)
        try fixture.write("proc/1/net/tcp", "nonsense\n")
        time.advance(by: .seconds(30))
        let second = try await observe(check, fixture)
        #expect(second[TcpstateCheck.closeWait]?.value == first[TcpstateCheck.closeWait]?.value)
        #expect(second[TcpstateCheck.closeWait]?.isRepeated == true)
        #expect(second[TcpstateCheck.ports]?.isRepeated == true)
        #expect(second[TcpstateCheck.inUse]?.isRepeated == false)
        time.advance(by: .seconds(270))
        await #expect(throws: CheckError.self) { try await observe(check, fixture) }
    }

    @Test("when there may be too many the files are read at each sweep, and once more at the end")
    func near() async throws {
        let fixture = try HostFixture("debian-12", "close-wait")
        try fixture.remove("proc/1/net/sockstat6")
        try count(inUse: 7, in: fixture)
        let check = check { $0.closeWaitWarning = 6 }
        for _ in 0..<3 {
            #expect(try await observe(check, fixture)[TcpstateCheck.closeWait]?.isRepeated == false)
            time.advance(by: .seconds(30))
        }
        try count(inUse: 6, in: fixture)
        #expect(try await observe(check, fixture)[TcpstateCheck.closeWait]?.isRepeated == false)
        time.advance(by: .seconds(30))
        #expect(try await observe(check, fixture)[TcpstateCheck.closeWait]?.isRepeated == true)
        // Fewer sockets than were seen to wait: that was long ago.
        try count(inUse: 2, in: fixture)
        #expect(try await observe(check, fixture)[TcpstateCheck.closeWait]?.isRepeated == false)
    }

    @Test("uncounted, ports far from running out are looked at once a minute, those that are near at each sweep")
    func portsPause() async throws {
        let fixture = try HostFixture("debian-12", "close-wait")
        try fixture.remove("proc/1/net/snmp")
        let few = check { $0.portRange = try? PortRange(setting: "40010-40012") }
        let many = check { $0.portRange = try? PortRange(setting: "40000-40019") }
        for _ in 0..<2 {
            // All three are taken; 4 of 20 are less than half of 80 percent.
            #expect(try await observe(few, fixture)[TcpstateCheck.ports]?.isRepeated == false)
            #expect(try await observe(many, fixture)[TcpstateCheck.ports]?.isRepeated == false)
            time.advance(by: .seconds(30))
            #expect(try await observe(few, fixture)[TcpstateCheck.ports]?.isRepeated == false)
            #expect(try await observe(many, fixture)[TcpstateCheck.ports]?.isRepeated == true)
            time.advance(by: .seconds(30))
        }
    }

    @Test("ports are not looked at again before connections were begun that could take the rest of them")
    func portsBound() async throws {
        let fixture = try HostFixture("debian-12", "close-wait")
        func begin(_ count: Int) throws {
            try fixture.write("proc/1/net/snmp", "Tcp: ActiveOpens\nTcp: \(count)\n")
        }
        // 3 of 7 ports are taken, which is more than half of 80 percent.
        let check = check { $0.portRange = try? PortRange(setting: "40010-40016") }
        try begin(100)
        let first = try await observe(check, fixture)[TcpstateCheck.ports]
        for (count, isRepeated) in [(102, true), (103, false), (105, true), (0, false)] {
            try begin(count)
            time.advance(by: .seconds(30))
            let seen = try await observe(check, fixture)[TcpstateCheck.ports]
            #expect(seen?.isRepeated == isRepeated, "\(count)")
            #expect(seen?.value == first?.value)
        }
        time.advance(by: .seconds(300))
        #expect(try await observe(check, fixture)[TcpstateCheck.ports]?.isRepeated == false)
    }

    @Test(
        "beside many sockets every second sweep leaves CLOSE_WAIT out, unless half as many waited as a level allows",
        arguments: [
            (sockets: 10_001, waited: 49, looks: [true, false, true, false]),
            (sockets: 10_001, waited: 50, looks: [true, true, true, true]),
            (sockets: 10_000, waited: 0, looks: [true, true, true, true]),
        ]
    )
    func rest(sockets: Int, waited: Int, looks expected: [Bool]) {
        let looks = TcpstateLooks()
        let bound = SocketBound(inUse: [.ipv4: UInt64(sockets)], timeWait: 0)
        let unseen = EphemeralRange.outOfSight(because: "another network")
        let seen = expected.map { _ in
            let plan = looks.plan(bound, unseen, TcpstateSettings(), isCheap: true, at: time.uptime) { nil }
            var observation = Observation(TcpstateCheck.closeWait, of: .host, .number(Double(waited)))
            observation.isRepeated = !plan.looksAtCloseWait
            looks.keep([observation], of: plan, bound, at: time.uptime)
            #expect(plan.question.isEmpty != plan.looksAtCloseWait)
            time.advance(by: .seconds(30))
            return plan.looksAtCloseWait
        }
        #expect(seen == expected)
    }

    @Test("where no socket is in use, no file is read")
    func nothing() async throws {
        let fixture = try HostFixture("debian-12", "no-ipv6")
        try count(inUse: 0, timeWait: 3, in: fixture)
        try fixture.write("proc/1/net/tcp", "nonsense\n")
        let seen = try await observe(check(), fixture)
        #expect(seen[TcpstateCheck.closeWait]?.value == .number(0))
        #expect(seen[TcpstateCheck.timeWait]?.value == .number(3))
    }

    @Test func aContainersOwnNetworkIsNotTakenForTheHosts() async throws {
        let fixture = try HostFixture("debian-12", "container-view")
        let error = await #expect(throws: CheckError.self) { try await observe(check(), fixture) }
        #expect(error == .ownContainerOnly)
    }

    @Test(arguments: ["empty-files", "truncated", "no-proc", "hidepid"])
    func whatCannotBeReadDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(check(), fixture) }
        guard case .degraded(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((remedy != nil) == ["no-proc", "hidepid"].contains(overlay))
    }

    @Test func theLargestNumbersAreFinite() async throws {
        let seen = try await observe(check(), HostFixture("debian-12", "huge-values"))
        #expect(seen[TcpstateCheck.timeWait]?.value == .number(Double(UInt64.max)))
        #expect(seen[TcpstateCheck.inUse]?.value == .number(Double(UInt64.max)))
    }
}
