import Alerting
import Basics
import FoundationEssentials
import Netlink
import Procfs
import SystemPackage
import TestSupport
import Testing

@testable import Checks

@Suite struct NetifCheckTests {
    private let time = ManualTime()

    private func observe(_ check: NetifCheck, _ fixture: HostFixture) async throws -> [Observation] {
        try await check.observe(World(host: fixture.host, time: time))
    }

    private func check(_ change: (inout NetifSettings) -> Void = { _ in }) -> NetifCheck {
        var settings = NetifSettings()
        change(&settings)
        return NetifCheck(settings)
    }

    private func value(_ measure: Measure, of target: String, in seen: [Observation]) -> Observation.Value? {
        seen.first { $0.measure == measure && $0.target.name == target }?.value
    }

    /// Replaces eth0's counters of errors and drops, received and sent.
    private func count(_ errors: (Int, Int), drops: (Int, Int) = (0, 0), bytes: Int = 0, in fixture: HostFixture) throws
    {
        try fixture.write(
            "proc/1/net/dev",
            "Inter-| Receive | Transmit\n face |bytes errs drop|bytes errs drop\n"
                + "  eth0: \(bytes) \(errors.0) \(drops.0) 0 \(errors.1) \(drops.1)\n"
        )
    }

    /// Makes the fixture's sysfs the one of process 1, with these interfaces and states.
    private func link(_ states: [String: String], at place: String = "pci0", in fixture: HostFixture) throws {
        for (name, state) in states {
            try fixture.link("sys/class/net/\(name)", to: "../../devices/\(place)/net/\(name)")
            for (file, text) in [("operstate", state), ("flags", "0x1003"), ("speed", "1000"), ("duplex", "half")] {
                try fixture.write("sys/devices/\(place)/net/\(name)/\(file)", text + "\n")
            }
            try fixture.write("sys/devices/\(place)/net/\(name)/carrier_changes", "2\n")
        }
        try fixture.declareSysfs()
    }

    @Test("hardware is watched, what is virtual by its name is not")
    func targets() async throws {
        let seen = try await observe(check(), HostFixture())
        #expect(Set(seen.map(\.target.name)) == ["eth0"])
        #expect(value(NetifMeasures.errors, of: "eth0", in: seen) == .number(9))
        #expect(value(NetifMeasures.drops, of: "eth0", in: seen) == .number(12))
        #expect(value(NetifMeasures.received, of: "eth0", in: seen) == .number(667_772_252))
        #expect(seen.allSatisfy { $0.scope == .host || $0.isOutOfSight })
    }

    @Test("what is virtual by its kind is not watched either, whatever its name, unless it is included")
    func kinds() async throws {
        let fixture = try HostFixture()
        try fixture.write(
            "proc/1/net/dev",
            "Inter-| Receive | Transmit\n face |bytes errs drop|bytes errs drop\n"
                + "  eth0: 1 0 0 1 0 0\nmybridge: 1 0 0 1 0 0\n"
        )
        try link(["eth0": "up"], in: fixture)
        try link(["mybridge": "up"], at: "virtual", in: fixture)
        #expect(Set(try await observe(check(), fixture).map(\.target.name)) == ["eth0"])
        let including = check { $0.include = ["*"].compactMap { Glob($0) } }
        #expect(Set(try await observe(including, fixture).map(\.target.name)) == ["eth0", "mybridge"])
    }

    @Test("S31 errors are judged at a tenth and at ten a second, drops are a measure")
    func defaults() {
        let rules = check().rules
        func shape(_ measure: Measure) -> Rule.Shape? { rules.first { $0.measure == measure }?.shape }
        #expect(shape(NetifMeasures.errorsRate) == .above(warning: 0.1, critical: 10))
        #expect(shape(NetifMeasures.dropsRate) == .above(warning: nil, critical: nil))
        #expect(shape(NetifMeasures.used) == .above(warning: nil, critical: nil))
        #expect(shape(NetifMeasures.members) == .below(warning: nil, critical: 1))
        #expect(shape(NetifMeasures.flaps) == .occurred(atLeast: 10, within: .seconds(600), .warning))
        #expect(shape(NetifMeasures.duplex) == .state(bad: ["half": .warning]))
        #expect(shape(NetifMeasures.link) == nil)
    }

    @Test("a rate is an average over its span: a burst does not clear at the next sweep")
    func rates() async throws {
        let (check, fixture) = (check(), try HostFixture())
        func errors() async throws -> Observation.Value? {
            value(NetifMeasures.errorsRate, of: "eth0", in: try await observe(check, fixture))
        }
        try count((5, 5), in: fixture)
        guard case .unknown = try await errors() else {
            Issue.record("a rate of one reading")
            return
        }
        time.advance(by: .seconds(30))
        try count((200, 110), drops: (0, 60), in: fixture)
        #expect(try await errors() == .number(10))
        time.advance(by: .seconds(120))
        #expect(try await errors() == .number(2))
        time.advance(by: .seconds(400))
        #expect(try await errors() == .number(0))
    }

    @Test("a counter that was reset gives no judgement")
    func reset() async throws {
        let (check, fixture) = (check(), try HostFixture())
        try count((500, 0), in: fixture)
        _ = try await observe(check, fixture)
        time.advance(by: .seconds(30))
        try count((1, 0), in: fixture)
        guard case .unknown = value(NetifMeasures.errorsRate, of: "eth0", in: try await observe(check, fixture)) else {
            Issue.record("judged")
            return
        }
    }

    @Test("S29 an interface that must be up is seen through the host's sysfs")
    func required() async throws {
        let fixture = try HostFixture()
        try link(["eth0": "up", "docker0": "down"], in: fixture)
        let check = check {
            $0.up = ["eth0", "docker0", "eth7"]
            $0.upSeverity = .warning
        }
        let seen = try await observe(check, fixture)
        #expect(value(NetifMeasures.required, of: "eth0", in: seen) == .state("up"))
        #expect(value(NetifMeasures.required, of: "docker0", in: seen) == .state("down"))
        #expect(value(NetifMeasures.required, of: "eth7", in: seen) == .state("absent"))
        let rule = try #require(check.rules.first { $0.measure == NetifMeasures.required })
        guard case .state(let bad) = rule.shape else {
            Issue.record("\(rule)")
            return
        }
        #expect(bad.keys.sorted() == ["absent", "dormant", "down", "lower_layer_down", "not_present", "testing"])
        #expect(Set(bad.values) == [.warning])
    }

    @Test("a named instance is about what it chooses, with a severity of its own; the other leaves it what it includes")
    func namedInstances() async throws {
        let fixture = try HostFixture()
        try link(["eth0": "down"], in: fixture)
        var uplink = NetifSettings()
        uplink.up = ["eth0"]
        uplink.upSeverity = .warning
        let named = NetifCheck(InstanceShare(name: "uplink", uplink))
        let seen = try await observe(named, fixture)
        #expect(seen.map(\.measure) == [NetifMeasures.required])
        #expect(value(NetifMeasures.required, of: "eth0", in: seen) == .state("down"))
        // To demand that it is up is not to take over what goes wrong on it.
        let rest = try await observe(NetifCheck(InstanceShare(NetifSettings(), others: [uplink])), fixture)
        #expect(value(NetifMeasures.errors, of: "eth0", in: rest) == .number(9))
        uplink.include = ["eth*"].compactMap { Glob($0) }
        let chosen = try await observe(NetifCheck(InstanceShare(name: "uplink", uplink)), fixture)
        #expect(value(NetifMeasures.errors, of: "eth0", in: chosen) == .number(9))
        #expect(try await observe(NetifCheck(InstanceShare(NetifSettings(), others: [uplink])), fixture).isEmpty)
        var all = NetifSettings()
        all.include = ["eth0"].compactMap { Glob($0) }
        let both = try await observe(NetifCheck(InstanceShare(all, others: [uplink])), fixture)
        #expect(value(NetifMeasures.errors, of: "eth0", in: both) == .number(9))
        #expect(NetifCheck.missingChoice(uplink) == nil && NetifCheck.missingChoice(NetifSettings()) == "include")
    }

    @Test("a bond belongs to the instance that names it")
    func bondsOfInstances() {
        var bonds = NetifSettings()
        bonds.bondMembers = ["bond0": 2]
        let named = NetifChoice(InstanceShare(name: "bonds", bonds))
        let rest = NetifChoice(InstanceShare(NetifSettings(), others: [bonds]))
        #expect(named.coversBond("bond0") && !named.coversBond("bond1") && !named.covers("eth0"))
        #expect(!rest.coversBond("bond0") && rest.coversBond("bond1") && rest.covers("eth0"))
    }

    @Test("one that nobody switched on is down, although its driver does not tell")
    func switchedOff() async throws {
        let fixture = try HostFixture()
        try link(["eth0": "unknown"], in: fixture)
        let check = check { $0.up = ["eth0"] }
        #expect(value(NetifMeasures.required, of: "eth0", in: try await observe(check, fixture)) == .state("unknown"))
        try fixture.write("sys/devices/pci0/net/eth0/flags", "0x1002\n")
        #expect(value(NetifMeasures.required, of: "eth0", in: try await observe(check, fixture)) == .state("down"))
    }

    @Test("S29 where neither netlink nor sysfs shows the host's links, they are unknown, and what is absent is not")
    func blind() async throws {
        let check = check { $0.up = ["eth0", "eth7"] }
        let seen = try await observe(check, HostFixture())
        guard case .unknown(let because) = value(NetifMeasures.required, of: "eth0", in: seen) else {
            Issue.record("\(seen)")
            return
        }
        #expect(because.hasPrefix("the links of the host cannot be seen: "))
        #expect(value(NetifMeasures.required, of: "eth7", in: seen) == .state("absent"))
        #expect(value(NetifMeasures.errors, of: "eth0", in: seen) == .number(9))
    }

    @Test("S29 without the host's links the measures that need them are out of sight, with what would show them")
    func blindByDefault() async throws {
        let seen = try await observe(check(), HostFixture())
        let hidden = seen.filter(\.isOutOfSight)
        #expect(hidden.map(\.measure) == [NetifMeasures.link, NetifMeasures.flaps, NetifMeasures.duplex])
        for observation in hidden {
            #expect(observation.target.name == "eth0")
            guard case .unknown(let because) = observation.value else {
                Issue.record("\(observation)")
                continue
            }
            #expect(because.hasPrefix("the links of the host cannot be seen: "))
            #expect(because.hasSuffix("/sys:/host/sys:ro"))
        }
        let fixture = try HostFixture()
        try link(["eth0": "up"], in: fixture)
        #expect(try await observe(check(), fixture).allSatisfy { !$0.isOutOfSight })
    }

    @Test("speed in use, duplex and changes of the carrier are measured where the host's sysfs tells")
    func saturation() async throws {
        let (check, fixture) = (check(), try HostFixture())
        try link(["eth0": "up"], in: fixture)
        try count((0, 0), in: fixture)
        _ = try await observe(check, fixture)
        time.advance(by: .seconds(10))
        try count((0, 0), bytes: 1_000_000_000, in: fixture)
        let seen = try await observe(check, fixture)
        #expect(value(NetifMeasures.used, of: "eth0", in: seen) == .number(0.8))
        #expect(seen.first { $0.measure == NetifMeasures.used }?.annotations == ["speed": "1000 Mbit/s"])
        #expect(value(NetifMeasures.duplex, of: "eth0", in: seen) == .state("half"))
        #expect(value(NetifMeasures.flaps, of: "eth0", in: seen) == .number(2))
        #expect(value(NetifMeasures.link, of: "eth0", in: seen) == .state("up"))
    }

    @Test("a bond that lost a member warns, one that lost all alarms")
    func bond() async throws {
        let (check, fixture) = (check(), try HostFixture("debian-12", "bond-degraded"))
        func bond() async throws -> Observation? {
            try await observe(check, fixture).first { $0.measure == NetifMeasures.members }
        }
        let degraded = try #require(try await bond())
        #expect(degraded.target.name == "bond0")
        #expect(degraded.value == .number(1))
        #expect(degraded.levels == Observation.OwnLevels(warning: 2, critical: 1))
        #expect(degraded.annotations == ["up": "eth0", "expected": "2", "lost": "eth1"])
        #expect(degraded.summary == "bond bond0 has 1 of 2 members")
        // The other one is taken out of the list altogether.
        try fixture.write(
            "proc/1/net/bonding/bond0",
            "Bonding Mode: x\nMII Status: up\nSlave Interface: eth0\nMII Status: up\n"
        )
        #expect(try await bond()?.levels?.warning == 2)
        let expecting = self.check { $0.bondMembers = ["bond0": 4] }
        let seen = try await observe(expecting, fixture)
        #expect(seen.first { $0.measure == NetifMeasures.members }?.levels?.warning == 4)
    }

    @Test("a bond that never had members is nobody's loss; one that had and has none is")
    func emptyBond() async throws {
        let (check, fixture) = (check(), try HostFixture("debian-12", "bond-degraded"))
        func bond(_ members: String...) async throws -> Observation? {
            let list = members.map { "Slave Interface: \($0)\nMII Status: up\n" }.joined()
            try fixture.write("proc/1/net/bonding/bond0", "Bonding Mode: x\nMII Status: down\n" + list)
            return try await observe(check, fixture).first { $0.measure == NetifMeasures.members }
        }
        #expect(try await bond() == nil)
        #expect(try await bond("eth0", "eth1")?.value == .number(2))
        let lost = try #require(try await bond())
        #expect(lost.value == .number(0))
        #expect(lost.levels == Observation.OwnLevels(warning: 2, critical: 1))
        // Taken down and made anew it has what it then has.
        try fixture.remove("proc/1/net/bonding/bond0")
        let devices = try String(contentsOfFile: fixture.path("proc/1/net/dev"), encoding: .utf8)
        try fixture.write("proc/1/net/dev", devices.replacing("bond0:", with: "other:"))
        #expect(try await observe(check, fixture).allSatisfy { $0.measure != NetifMeasures.members })
        try fixture.write("proc/1/net/dev", devices)
        #expect(try await bond() == nil)
        #expect(try await bond("eth0")?.levels?.warning == 1)
    }

    @Test("a bond that must have members and is not there has none; whose members nobody shows is unknown")
    func expectedBonds() async throws {
        let check = check { $0.bondMembers = ["bond7": 2, "eth0": 1, "bond0": 2] }
        let seen = try await observe(check, HostFixture("debian-12", "bond-degraded"))
        let absent = try #require(seen.first { $0.target.name == "bond7" })
        #expect(absent.measure == NetifMeasures.members && absent.value == .number(0))
        #expect(absent.summary == "bond bond7 has 0 of 2 members")
        #expect(absent.levels == Observation.OwnLevels(warning: 2, critical: 1))
        #expect(
            value(NetifMeasures.members, of: "eth0", in: seen) == .unknown(because: "its members cannot be seen")
        )
        #expect(value(NetifMeasures.members, of: "bond0", in: seen) == .number(1))
        #expect(seen.filter { $0.measure == NetifMeasures.members }.count == 3)
    }

    @Test("when netlink tells nothing for once, sysfs tells of links, and a team's members are unknown")
    func failingNetlink() async throws {
        let (check, fixture) = (check(), try HostFixture("debian-12", "bond-degraded"))
        let devices = try String(contentsOfFile: fixture.path("proc/1/net/dev"), encoding: .utf8)
        try fixture.write("proc/1/net/dev", devices.replacing("bond0:", with: "team0:"))
        try fixture.remove("proc/1/net/bonding/bond0")
        let world = World(host: fixture.host, time: time)
        let links = [
            NetworkLink(index: 2, name: "eth0", state: .up, isEnabled: true, master: 4),
            NetworkLink(index: 3, name: "eth1", state: .down, isEnabled: true, master: 4),
            NetworkLink(index: 4, name: "team0", state: .up, isEnabled: true, kind: "team"),
        ]
        let told = try check.observations(world, .success(links))
        #expect(value(NetifMeasures.members, of: "team0", in: told) == .number(1))
        let failure = HostFileError.unreadable(path: "netlink", errno: .interrupted)
        let blind = try check.observations(world, .failure(failure))
        #expect(
            value(NetifMeasures.members, of: "team0", in: blind) == .unknown(because: "its members cannot be seen")
        )
        #expect(
            value(NetifMeasures.link, of: "eth0", in: blind)
                == .unknown(because: "the links of the host cannot be seen: \(failure)")
        )
        try link(["eth0": "up"], in: fixture)
        let files = try check.observations(world, .failure(failure))
        #expect(value(NetifMeasures.link, of: "eth0", in: files) == .state("up"))
        #expect(value(NetifMeasures.members, of: "team0", in: files) != nil)
        // Where netlink never tells there are no teams.
        #expect(value(NetifMeasures.members, of: "team0", in: try check.observations(world, .success(nil))) == nil)
    }

    @Test("a bond's errors are its members'")
    func bondErrors() async throws {
        let seen = try await observe(check(), HostFixture("debian-12", "bond-degraded"))
        let targets = seen.filter { $0.measure == NetifMeasures.errors }.map(\.target.name)
        #expect(targets == ["eth0", "eth1"])
    }

    @Test("an interface that is gone is a target no more")
    func gone() async throws {
        let (check, fixture) = (check(), try HostFixture("debian-12", "bond-degraded"))
        _ = try await observe(check, fixture)
        try count((0, 0), in: fixture)
        let names = try await observe(check, fixture).filter { $0.measure == NetifMeasures.errors }.map(\.target.name)
        #expect(names == ["eth0"])
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
        #expect(value(NetifMeasures.errors, of: "eth0", in: seen) == .number(Double(UInt64.max)))
    }
}
