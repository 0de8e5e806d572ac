import TestSupport
import Testing

@testable import Procfs

@Suite struct NetSNMPTests {
    @Test func connectionsBegunHereAreFoundByName() throws {
        #expect(try HostFixture("debian-12").host.connectionsBegun(in: .host) == 4711)
        #expect(try NetSNMP(parsing: "Ip: A\nIp: -1\nTcp: Odd ActiveOpens\nTcp: -1 5\nUdp: B\n").activeOpens == 5)
    }

    @Test(arguments: [
        "", "Tcp: ActiveOpens\n", "Tcp: ActiveOpens\nIp: 1\n", "Tcp: A ActiveOpens\nTcp: 1\n", "Tcp: A\nTcp: 1\n",
        "Tcp: ActiveOpens\nTcp: x\n", "Tcp: ActiveOpens\nTcp: -1\n", "Ip: A\nIp: 1\n", "\n\n",
        "Tcp: ActiveOpens\nTcp: 18446744073709551616\n", "Tcp: ActiveOpens\nTcp: 12",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try NetSNMP(parsing: text) }
    }
}
