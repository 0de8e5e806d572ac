import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct TCPCensusTests {
    private static func census(_ question: TCPQuestion) throws(HostFileError) -> TCPCensus {
        let fixture: HostFixture
        do { fixture = try HostFixture("debian-12", "close-wait") } catch { throw .absent(path: "\(error)") }
        return try fixture.host.tcpCensus(question).value
    }

    @Test("S29 from another namespace both files are counted, by state, service and owner")
    func states() throws {
        let census = try Self.census(TCPQuestion([.closeWait, .timeWait]))
        let waiting = census[.closeWait]
        #expect(waiting.count == 6)
        #expect(
            waiting.services == [
                TCPCensus.Service(port: 8080, isLocal: true): 5, TCPCensus.Service(port: 5432, isLocal: false): 1,
            ]
        )
        #expect(waiting.users == [33: 5, 1000: 1])
        #expect(Set(waiting.inodes) == [5001, 5002, 5003, 5004, 5010, 6001])
        #expect(waiting.largest(1).map(\.count) == [5])
        let ended = census[.timeWait]
        #expect(ended.count == 4 && ended.users.isEmpty && ended.inodes.isEmpty)
        #expect(census[.established].count == 0 && census.destinations.isEmpty)
    }

    @Test("connections that share a destination and an own address are counted together")
    func destinations() throws {
        let census = try Self.census(TCPQuestion(localPorts: 40000...60000))
        // Three ended, two open and one half-closed connection over IPv4; the one over IPv6 goes elsewhere.
        #expect(census.destinations.values.sorted() == [1, 1, 6])
        #expect(census.fullest.map { "\($0.destination.remote) \($0.count)" } == "192.168.1.3:5432 6")
        #expect(census.tallies.isEmpty)
        #expect(try Self.census(TCPQuestion(localPorts: 1...1023)).fullest == nil)
    }

    @Test("the service is at the side whose port more sockets share, though the port be high", arguments: [3, 600])
    func highPorts(count: UInt16) {
        var census = TCPCensus()
        for number in 0..<count {
            for (local, remote) in [(50051, 30000 + number), (31000 + number, 60000)] as [(UInt16, UInt16)] {
                census.count(
                    TCPSocket(
                        family: .ipv4,
                        state: .closeWait,
                        local: Endpoint(.ipv4, words: (1, 0, 0, 0), port: local),
                        remote: Endpoint(.ipv4, words: (2, 0, 0, 0), port: remote),
                        received: 0,
                        unsent: 0,
                        user: 0,
                        inode: 0
                    )
                )
            }
        }
        #expect(
            census[.closeWait].services == [
                TCPCensus.Service(port: 50051, isLocal: true): Int(count),
                TCPCensus.Service(port: 60000, isLocal: false): Int(count),
            ]
        )
    }

    @Test("without IPv6 there is one file")
    func oneFamily() throws {
        let fixture = try HostFixture("debian-12", "close-wait", "no-ipv6")
        #expect(try fixture.host.tcpCensus(TCPQuestion([.closeWait])).value[.closeWait].count == 5)
    }

    @Test("a file that cannot be read is an error, not nothing", arguments: ["empty-files", "truncated", "hidepid"])
    func broken(overlay: String) throws {
        let host = try HostFixture("debian-12", overlay).host
        #expect(throws: HostFileError.self) { try host.tcpCensus(TCPQuestion([.closeWait])) }
    }
}
