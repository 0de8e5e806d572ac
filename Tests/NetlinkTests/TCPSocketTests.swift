import TestSupport
import Testing

@testable import Netlink

@Suite struct TCPSocketTests {
    private static func sockets(
        _ family: AddressFamily? = .ipv4,
        in states: Set<TCPState>,
        localPorts: ClosedRange<UInt16>? = nil
    ) throws(NetlinkError) -> [TCPSocket] {
        var sockets: [TCPSocket] = []
        try TCPSocket.each(in: states, localPorts: localPorts) {
            sockets = []
        } each: { socket in
            if family == nil || socket.family == family { sockets.append(socket) }
        }
        return sockets
    }

    @Test("the kernel tells only the states that are asked for")
    func states() throws {
        try IsolatedThread.run(.network) {
            let scene = try TCPScene(closeWait: 4, established: 2)
            defer { scene.close() }
            let waiting = try Self.sockets(in: [.closeWait])
            #expect(waiting.count == 4)
            #expect(waiting.allSatisfy { $0.state == .closeWait && $0.local.port == scene.port && $0.inode > 0 })
            #expect(try Self.sockets(in: [.established]).count == 4)
            #expect(try Self.sockets(in: [.closeWait, .finWait1, .finWait2, .established]).count == 12)
            #expect(try Self.sockets(in: [.timeWait]).isEmpty)
            #expect(try Self.sockets(.ipv6, in: [.closeWait]).isEmpty)
        }
    }

    @Test("and only the local ports that are asked for")
    func ports() throws {
        try IsolatedThread.run(.network) {
            let scene = try TCPScene(closeWait: 0, established: 5)
            defer { scene.close() }
            let own = try Self.sockets(in: [.established], localPorts: scene.port...scene.port)
            #expect(own.map(\.local.port) == Array(repeating: scene.port, count: 5))
            #expect(try Self.sockets(in: [.established], localPorts: 1...65535).count == 10)
            let others =
                try Self.sockets(in: [.established], localPorts: 0...(scene.port - 1))
                + Self.sockets(in: [.established], localPorts: (scene.port + 1)...65535)
            #expect(others.count == 5 && others.allSatisfy { $0.remote.port == scene.port })
        }
    }

    @Test("a listening socket has a limit, and what it dropped is counted", arguments: [false, true])
    func listening(isIPv6: Bool) throws {
        try IsolatedThread.run(.network) {
            var scene = try TCPScene(closeWait: 0, established: 0, backlog: 1, isIPv6: isIPv6)
            defer { scene.close() }
            let family = isIPv6 ? AddressFamily.ipv6 : .ipv4
            #expect(try Self.sockets(family, in: [.listen]).map(\.drops) == [0])
            scene.connectWithoutAccepting(6)
            let listener = try #require(try Self.sockets(nil, in: [.listen]).first)
            #expect(listener.family == family)
            #expect(listener.local.port == scene.port)
            #expect(listener.unsent == 1)
            #expect(listener.received == 2)
            #expect(listener.drops.map { $0 > 0 } == true)
        }
    }

    @Test("IPv6 is told by itself")
    func otherFamily() throws {
        try IsolatedThread.run(.network) {
            let scene = try TCPScene(closeWait: 2, established: 1, isIPv6: true)
            defer { scene.close() }
            let waiting = try Self.sockets(.ipv6, in: [.closeWait])
            #expect(waiting.map { "\($0.local)" } == Array(repeating: "[::1]:\(scene.port)", count: 2))
            #expect(try Self.sockets(.ipv4, in: [.closeWait]).isEmpty)
        }
    }

    @Test("both protocols are told in one walk, with the same filters")
    func bothFamilies() throws {
        try IsolatedThread.run(.network) {
            let scenes = try [false, true].map { try TCPScene(closeWait: 2, established: 1, isIPv6: $0) }
            defer { for scene in scenes { scene.close() } }
            let waiting = try Self.sockets(nil, in: [.closeWait])
            #expect(waiting.map(\.family.rawValue).sorted() == ["ipv4", "ipv4", "ipv6", "ipv6"])
            let port = scenes[1].port
            #expect(try Self.sockets(nil, in: [.closeWait], localPorts: port...port).map(\.family) == [.ipv6, .ipv6])
        }
    }

    @Test("nobody needs a privilege for it")
    func unprivileged() throws {
        let found = try IsolatedThread.run([.network, .unprivileged]) {
            try Self.sockets(in: Set(TCPState.allCases)).count
        }
        #expect(found == 0)
    }

    @Test("a message that is too short, or of another protocol, is refused; a state that is not known is left out")
    func broken() throws {
        func socket(_ bytes: [UInt8]) throws(NetlinkError) -> TCPSocket? { try TCPSocket(bytes.span.bytes) }
        #expect(throws: NetlinkError.self) { try socket([UInt8](repeating: 2, count: 71)) }
        #expect(throws: NetlinkError.self) { try socket([UInt8](repeating: 1, count: 72)) }
        #expect(try socket([2, 99] + [UInt8](repeating: 0, count: 70)) == nil)
        #expect(try socket([2, 8] + [UInt8](repeating: 0, count: 70))?.state == .closeWait)
        #expect(throws: NetlinkError.self) { try socket([2, 10] + [UInt8](repeating: 0, count: 70) + [3, 0, 0, 0]) }
    }
}
