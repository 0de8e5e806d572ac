import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct NeighbourLimitTests {
    @Test("S29 the limit shows only on the host's network")
    func scope() throws {
        #expect(try HostFixture("debian-12", "own-network").host.neighbourLimit(.ipv4) == 1024)
        #expect(try HostFixture("debian-12", "own-network").host.neighbourLimit(.ipv6) == 1024)
        #expect(try HostFixture().host.neighbourLimit(.ipv4) == nil)
    }

    @Test(arguments: ["", "x\n", "1024"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try NeighbourLimit(parsing: text) }
    }
}
