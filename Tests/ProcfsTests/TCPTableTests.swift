import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct TCPTableTests {
    private static let names =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    private static let line =
        "   0: 0100007F:1F90 0201A8C0:9CA4 08 0000000A:000000FF 00:00000000 00000000    33        0 5001 1 0\n"

    /// Reads a text in pieces of `size` bytes.
    private static func sockets(
        _ text: String,
        size: Int = 4096,
        _ family: AddressFamily = .ipv4,
        in states: Set<TCPState> = Set(TCPState.allCases)
    ) throws(HostFileError) -> [TCPSocket] {
        var table = TCPTable(family, states: states, path: "tcp")
        var sockets: [TCPSocket] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = Array(bytes[start..<min(start + size, bytes.count)])
            try table.take(piece.span.bytes) { sockets.append($0) }
        }
        try table.finish()
        return sockets
    }

    @Test("every field is read")
    func fields() throws {
        let socket = try #require(try Self.sockets(Self.names + Self.line).first)
        #expect("\(socket.local) \(socket.remote)" == "127.0.0.1:8080 192.168.1.2:40100")
        #expect(socket.state == .closeWait && socket.family == .ipv4)
        #expect((socket.unsent, socket.received) == (10, 255))
        #expect((socket.user, socket.inode) == (33, 5001))
    }

    @Test("wherever the pieces end, the sockets are the same", arguments: [1, 2, 7, 100, 4096])
    func pieces(size: Int) throws {
        let text = Self.names + String(repeating: Self.line, count: 40)
        #expect(try Self.sockets(text, size: size) == Self.sockets(text))
        #expect(try Self.sockets(text, size: size).count == 40)
    }

    @Test("only the states that are asked for are read further")
    func states() throws {
        let other = "   1: 0100007F:1F90 0201A8C0:9CA4 01 nonsense behind the state\n"
        #expect(try Self.sockets(Self.names + Self.line + other, in: [.closeWait]).count == 1)
        #expect(throws: HostFileError.self) { try Self.sockets(Self.names + Self.line + other) }
        let unknown = "   1: 0100007F:1F90 0201A8C0:9CA4 7F 0 0 0\n"
        #expect(try Self.sockets(Self.names + unknown).isEmpty)
    }

    @Test("the addresses of IPv6 are four words")
    func wide() throws {
        let text =
            Self.names
            + "   0: 000080FE000000000000000001000000:9C45 000080FE000000000000000002000000:1538 06 0:0 03:0 0 0 0 0 3\n"
        let socket = try #require(try Self.sockets(text, .ipv6).first)
        #expect("\(socket.local) \(socket.remote)" == "[fe80::1]:40005 [fe80::2]:5432")
        #expect(throws: HostFileError.self) { try Self.sockets(text) }
    }

    @Test(
        "anything else is refused with its line",
        arguments: [
            ("", 1), ("x\n", 1), (names + "nonsense\n", 2), (names + line + "   1: 0100007F 0201A8C0:9CA4 08\n", 3),
            (names + "   0: 0100007X:1F90 0201A8C0:9CA4 08 0:0 0:0 0 0 0 0\n", 2),
            (names + "   0: 0100007F:1F90 0201A8C0:9CA4 08 x:0 0:0 0 0 0 0\n", 2),
            (names + "   0: 0100007F:1F90 0201A8C0:9CA4 08 0:x 0:0 0 0 0 0\n", 2),
            (names + "   0: 0100007F:1F90 0201A8C0:9CA4 08 0:0 0:0 0 x 0 0\n", 2),
            (names + "   0: 0100007F:1F90 0201A8C0:9CA4 08 0:0 0:0 0 0 0 x\n", 2),
            (names + String(line.dropLast()), 1),
        ]
    )
    func broken(text: String, number: Int) throws {
        let error = #expect(throws: HostFileError.self) { try Self.sockets(text) }
        guard case .malformed(_, number, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a line without end is refused before it fills the memory")
    func endless() {
        #expect(throws: HostFileError.self) { try Self.sockets(Self.names + String(repeating: "x", count: 10000)) }
    }

    @Test("whatever the bytes: refused or understood, never trapped")
    func mutations() {
        var random = SeededGenerator(state: 7)
        var outcome = (understood: 0, refused: 0)
        let seed = Array((Self.names + Self.line + Self.line).utf8)
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 9))
                default: bytes.insert(contentsOf: "FFFFFFFFFFFFFFFFFF".utf8, at: place)
                }
            }
            do {
                _ = try Self.sockets(String(decoding: bytes, as: UTF8.self), size: 50)
                outcome.understood += 1
            } catch {
                outcome.refused += 1
            }
        }
        #expect(outcome.understood > 0 && outcome.refused > 0)
    }
}
