import TestSupport
import Testing

@testable import Procfs

@Suite struct NetStatTests {
    @Test func countersAreFoundByName() throws {
        let stat = try HostFixture("debian-12", "listen-overflow").host.netStat(of: .host).value
        #expect(stat.listenOverflows == 4711)
        #expect(stat.listenDrops == 4720)
        #expect(stat.requestQueueFullDrops == 9)
        #expect(stat.memoryPressures == 1)
    }

    @Test func columnsMayStandInAnyOrderAndBeMissing() throws {
        let stat = try NetStat(
            parsing: "IpExt: A\nIpExt: -1\nTcpExt: ListenDrops Odd ListenOverflows\nTcpExt: 7 -1 5\n"
        )
        #expect(stat.listenDrops == 7)
        #expect(stat.listenOverflows == 5)
        #expect(stat.requestQueueFullDrops == nil)
    }

    @Test(arguments: [
        "", "TcpExt: ListenDrops\n", "TcpExt: ListenDrops\nIpExt: 1\n", "TcpExt: A ListenDrops\nTcpExt: 1\n",
        "TcpExt: ListenDrops\nTcpExt: x\n", "TcpExt: ListenDrops\nTcpExt: -1\n", "IpExt: A\nIpExt: 1\n",
        "TcpExt: ListenDrops\nTcpExt: 18446744073709551616\n", "\n\n", "TcpExt: ListenDrops\nTcpExt: 12",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try NetStat(parsing: text) }
    }

    @Test func theLineWithTheMistakeIsNamed() {
        let error = #expect(throws: HostFileError.self) {
            try NetStat(parsing: "IpExt: A\nIpExt: 1\nTcpExt: ListenDrops\nTcpExt: x\n")
        }
        #expect(error?.description == "<proc>/1/net/netstat:4: ListenDrops is not a number")
    }
}
