import TestSupport
import Testing

@testable import Procfs

@Suite struct BondTests {
    @Test("members and whether they are up are read")
    func complete() throws {
        let fixture = try HostFixture("debian-12", "bond-degraded")
        let members = [Bond.Member(name: "eth0", isUp: true), Bond.Member(name: "eth1", isUp: false)]
        #expect(try fixture.host.bonds() == ["bond0": members])
        #expect(try fixture.host.read(Bond.self).mode == "fault-tolerance (active-backup)")
    }

    @Test("a host without bonds has none")
    func none() throws {
        #expect(try HostFixture().host.bonds().isEmpty)
        #expect(try Bond(parsing: "Bonding Mode: load balancing (round-robin)\nMII Status: down\n").members.isEmpty)
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
