import TestSupport
import Testing

@testable import Procfs

@Suite struct ConntrackCountTests {
    @Test func theNumberIsRead() throws {
        #expect(try ConntrackCount(parsing: "40960\n").entries == 40960)
        #expect(try ConntrackCount(parsing: "0\n").entries == 0)
    }

    @Test("S29 the number is read on the host's own network only: elsewhere it is the reader's")
    func scope() throws {
        let own = try HostFixture("debian-12", "own-network")
        try own.write("proc/sys/net/netfilter/nf_conntrack_count", "7\n")
        #expect(try own.host.conntrackCount()?.entries == 7)
        let bridged = try HostFixture()
        try bridged.write("proc/sys/net/netfilter/nf_conntrack_count", "7\n")
        #expect(try bridged.host.conntrackCount() == nil)
    }

    @Test(arguments: ["", "\n", "-1\n", "x\n", "40960"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try ConntrackCount(parsing: text) }
    }
}
