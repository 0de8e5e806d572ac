import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct ListenQueueTests {
    static let names = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"

    @Test func portAndWaitingConnectionsOfListeningSocketsAreRead() throws {
        let queues = try HostFixture("debian-12", "listen-overflow").host.listenQueues(of: .host).value
        #expect(
            queues == [
                ListenQueue(family: .ipv4, port: 22, waiting: 0),
                ListenQueue(family: .ipv4, port: 3306, waiting: 129),
                ListenQueue(family: .ipv6, port: 22, waiting: 0),
            ]
        )
    }

    @Test func socketsInOtherStatesAreLeftOut() throws {
        let text = Self.names + "   0: 0100007F:0016 0100007F:C350 01 00000000:00000007 02:0 0 0\n"
        #expect(try IPv4ListenQueues(parsing: text).queues.isEmpty)
    }

    @Test func readingStopsBehindTheListeningSockets() throws {
        let fixture = try HostFixture()
        let listening = "   0: 00000000:0050 00000000:0000 0A 00000000:00000001 00:0 0 0\n"
        let other = "   1: 0100007F:0016 0100007F:C350 01 00000000:00000000 02:000A7A25 00000000 0 0 3340 2\n"
        // Eight million bytes would be too large; that they are well proves that they are not read.
        try fixture.write(
            "proc/1/net/tcp",
            Self.names + String(repeating: listening, count: 100) + String(repeating: other, count: 100_000)
        )
        let queues = try fixture.host.listenQueues(of: .host).value.filter { $0.family == .ipv4 }
        #expect(queues == [ListenQueue](repeating: ListenQueue(family: .ipv4, port: 80, waiting: 1), count: 100))
    }

    @Test(arguments: [
        "", "x\n", names + "0: 0:0016 0:0 0A\n", names + "0: 00000000 0:0 0A 0:0\n", names + "0: 0:10016 0:0 0A 0:0\n",
        names + "0: 0:0016 0:0 0A 0\n", names + "0: 0:0016 0:0 0A 0:x\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try IPv4ListenQueues(parsing: text) }
        #expect(throws: HostFileError.self) { try IPv6ListenQueues(parsing: text) }
    }
}
