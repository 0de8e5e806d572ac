import FoundationEssentials
import SQLite
import TestSupport
import Testing

struct DatabaseFileTests {
    @Test func `a new file and its folders are for us alone`() throws {
        let folder = try TemporaryFolder()
        let file = DatabaseFile(path: folder.path + "/a/b/c.db")
        #expect(!file.exists)
        file.create()
        #expect(file.exists)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `a damaged file is renamed with its log, never over another`() throws {
        let folder = try TemporaryFolder()
        let file = DatabaseFile(path: folder.path + "/c.db")
        var names: [String] = []
        for byte in 1...2 as ClosedRange<UInt8> {
            try folder.write("c.db", [byte])
            try folder.write("c.db-wal", [byte])
            #expect(!file.isLogEmpty)
            names.append(file.setAside(stamp: "corrupt-1"))
            #expect(!file.exists)
            #expect(file.isLogEmpty)
        }
        #expect(names == [file.path + ".corrupt-1", file.path + ".corrupt-1-2"])
        for name in names { #expect(!DatabaseFile(path: name).isLogEmpty) }
    }

    @Test func `a lock that is held, and one that cannot be made, are told apart`() throws {
        let folder = try TemporaryFolder()
        let file = DatabaseFile(path: folder.path + "/c.db")
        let held = try file.lock(patience: 0)
        let second = #expect(throws: DatabaseError.self) { try file.lock(patience: 0) }
        #expect(second?.kind == .locked)
        let absent = #expect(throws: DatabaseError.self) {
            try DatabaseFile(path: folder.path + "/no/c.db").lock(patience: 0)
        }
        #expect(absent?.kind == .cannotOpen)
        withExtendedLifetime(held) {}
    }
}
