import FoundationEssentials
import Glibc
import Testing

@testable import StatusServer

@Suite("Socket file")
struct SocketFileTests {
    private let path = FileManager.default.temporaryDirectory.path + "/custos-\(UUID().uuidString.prefix(8)).sock"

    private var exists: Bool { access(path, F_OK) == 0 }

    @Test("a place where nothing is is free")
    func free() throws {
        try SocketFile.clear(path)
        #expect(!exists)
    }

    @Test("S33 a socket on which nobody listens is removed")
    func stale() throws {
        try #require(BoundSocket(path)).close()
        try SocketFile.clear(path)
        #expect(!exists)
    }

    @Test("S33 a listener keeps its socket, also while its queue is full", arguments: [1, 0])
    func listener(backlog: Int32) throws {
        let other = try #require(BoundSocket(path, backlog: backlog))
        defer {
            other.close()
            unlink(path)
        }
        // Nobody accepts: with a backlog of 0, the second connection finds the queue full.
        for _ in 1...3 { #expect(throws: SocketFile.Occupant.listener) { try SocketFile.clear(path) } }
        #expect(exists)
    }

    @Test("a socket of another type is in use too")
    func datagrams() throws {
        let other = try #require(BoundSocket(path, type: SOCK_DGRAM))
        defer {
            other.close()
            unlink(path)
        }
        #expect(throws: SocketFile.Occupant.listener) { try SocketFile.clear(path) }
        #expect(exists)
    }

    @Test("what is no socket is never removed")
    func file() throws {
        try Data("precious".utf8).write(to: URL(filePath: path))
        defer { unlink(path) }
        #expect(throws: SocketFile.Occupant.other) { try SocketFile.clear(path) }
        #expect(exists)
    }
}
