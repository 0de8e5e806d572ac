import SQLite
import TestSupport
import Testing

struct MigrationTests {
    private let first = Migration(1, "one", "CREATE TABLE a (i INTEGER); INSERT INTO a VALUES (1)")
    private let second = Migration(2, "two", "ALTER TABLE a ADD COLUMN s TEXT")

    @Test func `missing migrations are applied once, in order, each with its ledger row`() throws {
        let database = try Connection(.memory)
        #expect(try database.migrate([first], application: 9, at: 5) == 0)
        #expect(try database.migrate([first, second], application: 9, at: 6) == 1)
        #expect(try database.migrate([first, second], application: 9, at: 7) == 2)
        let ledger = try database.all("SELECT number, name, applied_at FROM migration") {
            "\($0.integer(0)) \($0.text(1)) \($0.integer(2))"
        }
        #expect(ledger == ["1 one 5", "2 two 6"])
    }

    @Test func `a migration that fails changes nothing at all`() throws {
        let database = try Connection(.memory)
        let broken = Migration(2, "broken", "CREATE TABLE b (i INTEGER); NONSENSE")
        #expect(throws: DatabaseError.self) { try database.migrate([first, broken], application: 9, at: 5) }
        #expect(try database.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } == 0)
        #expect(try database.migrate([first, second], application: 9, at: 6) == 0)
    }

    @Test func `a newer schema is refused and left as it is`() throws {
        let database = try Connection(.memory)
        _ = try database.migrate([first, second], application: 9, at: 5)
        let error = #expect(throws: DatabaseError.self) { try database.migrate([first], application: 9, at: 6) }
        #expect(error?.kind == .newer)
        #expect(try database.first("PRAGMA user_version") { $0.integer(0) } == 2)
    }

    @Test func `another program's database is refused and left as it is`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/other.db"
        try Connection(.file(path)).execute("CREATE TABLE theirs (i INTEGER)")
        let database = try Connection(.file(path))
        let error = #expect(throws: DatabaseError.self) { try database.migrate([first], application: 9, at: 6) }
        #expect(error?.kind == .foreign)
        #expect(try database.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } == 1)
        #expect(try database.first("PRAGMA journal_mode") { $0.text(0) } == "delete")
    }

    @Test func `a file is logged ahead and synced at every commit`() throws {
        let folder = try TemporaryFolder()
        let database = try Connection(.file(folder.path + "/a.db"))
        _ = try database.migrate([first], application: 9, at: 6)
        #expect(try database.first("PRAGMA journal_mode") { $0.text(0) } == "wal")
        #expect(try database.first("PRAGMA synchronous") { $0.integer(0) } == 2)
        #expect(try database.first("PRAGMA mmap_size") { $0.integer(0) } ?? 0 == 0)
        #expect(try database.first("PRAGMA cache_size") { $0.integer(0) } == -256)
    }

    @Test func `a reserved log takes commits without growing`() throws {
        let folder = try TemporaryFolder()
        let database = try Connection(.file(folder.file("a.db")))
        _ = try database.migrate([first], application: 9, at: 6)
        try database.reserveLog()
        let reserved = try folder.bytes("a.db-wal").count
        #expect(reserved >= 256 * 4096)
        for number in 0..<300 { try database.run("INSERT INTO a VALUES (?)", number) }
        #expect(try folder.bytes("a.db-wal").count == reserved)
        #expect(try database.first("SELECT count(*) FROM a") { $0.integer(0) } == 301)
        #expect(try database.first("SELECT count(*) FROM sqlite_schema WHERE name = 'reserved'") { $0.integer(0) } == 0)
        try database.verify()
    }

    @Test func `a log that cannot be reserved leaves the database as it was`() throws {
        let folder = try TemporaryFolder()
        let database = try Connection(.file(folder.file("a.db")))
        _ = try database.migrate([first], application: 9, at: 6)
        try database.limit(pages: 8)
        let error = #expect(throws: DatabaseError.self) { try database.reserveLog() }
        #expect(error?.kind == .full)
        #expect(try folder.bytes("a.db-wal").isEmpty)
        try database.run("INSERT INTO a VALUES (2)")
        #expect(try database.first("SELECT count(*) FROM a") { $0.integer(0) } == 2)
    }
}
