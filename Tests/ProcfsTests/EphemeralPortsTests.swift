import TestSupport
import Testing

@testable import Procfs

@Suite struct EphemeralPortsTests {
    @Test("S29 the range is the host's only on the host's network")
    func scope() throws {
        let ports = try #require(try HostFixture("debian-12", "own-network").host.ephemeralPorts())
        #expect(ports.range == 32768...60999)
        #expect(ports.count == 28132)
        #expect(try HostFixture().host.ephemeralPorts() == nil)
        let fixture = try HostFixture("debian-12", "own-network")
        try fixture.remove("proc/sys/net/ipv4/ip_local_reserved_ports")
        #expect(try fixture.host.ephemeralPorts()?.count == 28232)
    }

    @Test(arguments: ["", "\n", "1\n", "2 1\n", "1 65536\n", "x y\n", "1024 65000"])
    func aRangeThatIsNoneIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try LocalPortRange(parsing: text) }
    }

    @Test func reservedPortsAreTakenOff() throws {
        #expect(try ReservedPorts(parsing: "\n").left(of: 1...100) == 100)
        let reserved = try ReservedPorts(parsing: "80,90-110,65535\n")
        #expect(reserved.left(of: 1...100) == 88)
        #expect(reserved.left(of: 65000...65535) == 535)
    }

    @Test(arguments: ["", "80,x\n", "9-8\n", "65536\n", "1-\n", "80"])
    func aListThatIsNoneIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try ReservedPorts(parsing: text) }
    }
}
