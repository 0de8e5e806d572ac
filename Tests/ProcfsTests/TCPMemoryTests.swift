import TestSupport
import Testing

@testable import Procfs

@Suite struct TCPMemoryTests {
    @Test("S29 TCP's limits are read only where the namespace is the host's")
    func onlyInTheHostsNamespace() throws {
        let limits = try HostFixture("debian-12", "own-network").host.tcpMemory()
        #expect(limits?.low == 287_901)
        #expect(limits?.pressure == 383_869)
        #expect(limits?.high == 575_802)
        let container = try HostFixture()
        try container.write("proc/sys/net/ipv4/tcp_mem", "1 2 3\n")
        #expect(try container.host.tcpMemory() == nil)
    }

    @Test(arguments: ["", "1 2\n", "1 2 x\n", "1 2 3"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try TCPMemory(parsing: text) }
    }
}
