import SQLite
import TestSupport
import Testing

struct ConnectionTests {
    @Test func `what is bound is read back, whatever it contains`() throws {
        let database = try Connection(.memory)
        try database.execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT, o TEXT, b INTEGER)")
        let text = "'); DROP TABLE t; --\u{0}\n\u{1B}[31mü€𝄞"
        try database.run("INSERT INTO t VALUES (?, ?, ?, ?, ?)", Int64.max, 0.1, text, String?.none, true)
        let row = try database.first("SELECT * FROM t") {
            ($0.integer(0), $0.real(1), $0.text(2), $0.optionalText(3), $0.bool(4))
        }
        #expect(row?.0 == .max)
        #expect(row?.1 == 0.1)
        #expect(row?.2 == text)
        #expect(row?.3 == nil)
        #expect(row?.4 == true)
    }

    @Test func `an empty string is not NULL`() throws {
        let database = try Connection(.memory)
        #expect(try database.first("SELECT ? IS NULL", "") { $0.bool(0) } == false)
        #expect(try database.first("SELECT ? IS NULL", Int64?.none) { $0.bool(0) } == true)
    }

    @Test func `text that is not UTF-8 is repaired, not trusted`() throws {
        let database = try Connection(.memory)
        #expect(try database.first("SELECT CAST(x'41ff42' AS TEXT)") { $0.text(0) } == "A\u{FFFD}B")
    }

    @Test func `an error names the kind and never the arguments`() throws {
        let database = try Connection(.memory)
        try database.execute("CREATE TABLE t (s TEXT NOT NULL UNIQUE)")
        try database.run("INSERT INTO t VALUES (?)", "token-12345")
        let error = #expect(throws: DatabaseError.self) { try database.run("INSERT INTO t VALUES (?)", "token-12345") }
        #expect(error?.kind == .constraint)
        #expect(error?.code == 2067)
        #expect(error?.description.contains("token-12345") == false)
    }

    @Test func `a transaction that throws leaves nothing behind, and the next one works`() throws {
        let database = try Connection(.memory)
        try database.execute("CREATE TABLE t (i INTEGER UNIQUE)")
        #expect(throws: DatabaseError.self) {
            try database.transaction { () throws(DatabaseError) in
                try database.run("INSERT INTO t VALUES (1)")
                try database.run("INSERT INTO t VALUES (1)")
            }
        }
        #expect(try database.first("SELECT count(*) FROM t") { $0.integer(0) } == 0)
        try database.transaction { () throws(DatabaseError) in try database.run("INSERT INTO t VALUES (1)") }
        #expect(try database.first("SELECT count(*) FROM t") { $0.integer(0) } == 1)
    }

    @Test func `a statement may be used again while it is in use`() throws {
        let database = try Connection(.memory)
        try database.execute("CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (1), (2), (3)")
        let outer = try database.prepare("SELECT i FROM t ORDER BY i")
        var pairs = 0
        while try outer.step() {
            pairs += try database.all("SELECT i FROM t ORDER BY i") { $0.integer(0) }.count
        }
        #expect(pairs == 9)
    }

    @Test func `a full database says so, keeps what it had, and takes more when it may`() throws {
        let database = try Connection(.memory)
        try database.execute("CREATE TABLE t (s TEXT)")
        try database.run("INSERT INTO t VALUES ('first')")
        try database.limit(pages: try database.pageCount + 2)
        let long = String(repeating: "x", count: 100_000)
        let error = #expect(throws: DatabaseError.self) { try database.run("INSERT INTO t VALUES (?)", long) }
        #expect(error?.kind == .full)
        #expect(try database.all("SELECT s FROM t") { $0.text(0) } == ["first"])
        try database.limit(pages: 1000)
        try database.run("INSERT INTO t VALUES (?)", long)
        #expect(try database.first("SELECT count(*) FROM t") { $0.integer(0) } == 2)
    }

    @Test func `a database that another connection writes is locked`() throws {
        let folder = try TemporaryFolder()
        let first = try Connection(.file(folder.path + "/a.db"))
        let second = try Connection(.file(folder.path + "/a.db"), busyTimeout: 10)
        try first.execute("CREATE TABLE t (i INTEGER)")
        try first.run("BEGIN IMMEDIATE")
        let error = #expect(throws: DatabaseError.self) {
            try second.transaction { () throws(DatabaseError) in try second.run("INSERT INTO t VALUES (1)") }
        }
        #expect(error?.kind == .locked)
    }

    @Test func `a file that is no database is corrupt, and a folder that is absent cannot be opened`() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.db", [UInt8](repeating: 0x5A, count: 8192))
        let damaged = #expect(throws: DatabaseError.self) {
            try Connection(.file(folder.path + "/a.db")).run("CREATE TABLE t (i INTEGER)")
        }
        #expect(damaged?.kind == .corrupt)
        let absent = #expect(throws: DatabaseError.self) { try Connection(.file(folder.path + "/no/a.db")) }
        #expect(absent?.kind == .cannotOpen)
    }

    @Test func `a frozen file is read, not written, whatever its name`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/50% of#it?.db"
        try Connection(.file(path)).execute("CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (7)")
        let frozen = try Connection(.frozen(path))
        #expect(try frozen.first("SELECT i FROM t") { $0.integer(0) } == 7)
        let error = #expect(throws: DatabaseError.self) { try frozen.run("INSERT INTO t VALUES (8)") }
        #expect(error?.kind == .readOnly)
    }

    @Test func `rows are copied from one connection to another, types and NULLs included`() throws {
        let source = try Connection(.memory)
        let copy = try Connection(.memory)
        for database in [source, copy] {
            try database.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, s TEXT, r REAL)")
        }
        try source.execute("INSERT INTO t VALUES (1, 'a', 0.5), (2, NULL, NULL)")
        try copy.execute("INSERT INTO t VALUES (1, 'kept', 1)")
        try copy.copy(into: "t", from: source)
        #expect(try copy.all("SELECT s FROM t ORDER BY i") { $0.optionalText(0) } == ["kept", nil])
    }
}
