import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct BondTests {
    @Test("members and whether they are up are read")
    func complete() throws {
        let fixture = try HostFixture("debian-12", "bond-degraded")
        let members = [Bond.Member(name: "eth0", isUp: true), Bond.Member(name: "eth1", isUp: false)]
        #expect(try fixture.host.bonds(nil) == ["bond0": members])
        #expect(try fixture.host.read(Bond.self).mode == "fault-tolerance (active-backup)")
    }

    @Test("a host without bonds has none")
    func none() throws {
        #expect(try HostFixture().host.bonds(nil).isEmpty)
        #expect(try Bond(parsing: "Bonding Mode: load balancing (round-robin)\nMII Status: down\n").members.isEmpty)
    }

    @Test("teams are told by netlink, with their members")
    func teams() throws {
        func link(_ index: Int32, _ name: String, _ state: NetworkLink.State, master: Int32? = nil) -> NetworkLink {
            NetworkLink(index: index, name: name, state: state, isEnabled: true, master: master)
        }
        var team = link(5, "team0", .up)
        team.kind = "team"
        let links = [link(2, "eth0", .up, master: 5), link(3, "eth1", .down, master: 5), link(4, "eth2", .up), team]
        let members = [Bond.Member(name: "eth0", isUp: true), Bond.Member(name: "eth1", isUp: false)]
        #expect(try HostFixture().host.bonds(links) == ["team0": members])
    }

    @Test("a link that goes up or down is not up")
    func between() throws {
        let text = "Bonding Mode: x\nSlave Interface: a\nMII Status: going back\nSlave Interface: b\nMII Status: up\n"
        #expect(try Bond(parsing: text).members.map(\.isUp) == [false, true])
    }

    @Test(arguments: [
        "", "MII Status: up\n", "Bonding Mode: x\nSlave Interface: a\n", "Bonding Mode: x\nSlave Interface: a\nMII",
        "Bonding Mode: x\nSlave Interface: a\nSlave Interface: b\nMII Status: up\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try Bond(parsing: text) }
    }
}
