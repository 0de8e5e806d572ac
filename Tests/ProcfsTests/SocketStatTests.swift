import Testing

@testable import Procfs

@Suite struct SocketStatTests {
    static let example = """
        sockets: used 294
        TCP: inuse 35 orphan 1 tw 4 alloc 48 mem 3
        UDP: inuse 4 mem 2
        UDPLITE: inuse 0
        FRAG: inuse 0 memory 0

        """

    @Test func everyCountIsRead() throws {
        let stat = try SocketStat(parsing: Self.example)
        #expect(stat.used == 294)
        #expect(stat.tcpInUse == 35)
        #expect(stat.tcpOrphans == 1)
        #expect(stat.tcpTimeWait == 4)
        #expect(stat.tcpMemoryPages == 3)
    }

    @Test(arguments: [
        "", "sockets: used 1\n", "TCP: inuse 35 orphan 1 tw 4 alloc 48 mem 3\n", "sockets: used x\n",
        "sockets: used 1\nTCP: inuse 35 orphan 1 tw 4 alloc 48\n", "sockets: used\n",
        "sockets: used 1\nTCP: inuse 35 orphan 1 tw 4 alloc 48 mem -3\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try SocketStat(parsing: text) }
    }

    @Test func ipv6HasItsOwnFile() throws {
        let stat = try SocketStat6(parsing: "TCP6: inuse 12\nUDP6: inuse 3\nRAW6: inuse 0\n")
        #expect(stat.tcpInUse == 12)
    }

    @Test(arguments: ["", "UDP6: inuse 3\n", "TCP6: 12\nUDP6: 3\n", "TCP6: inuse x\nUDP6: inuse 3\n"])
    func brokenIPv6IsRefused(text: String) {
        #expect(throws: HostFileError.self) { try SocketStat6(parsing: text) }
    }
}
