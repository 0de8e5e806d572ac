import CSQLite

extension Connection {
    /// Runs `body` in one immediate transaction: all of it is written and synced when this returns, or nothing.
    @discardableResult
    package func transaction<Value>(_ body: () throws(DatabaseError) -> Value) throws(DatabaseError) -> Value {
        try run("BEGIN IMMEDIATE")
        do throws(DatabaseError) {
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            // Some errors (full, I/O, out of memory) have rolled back by themselves.
            if sqlite3_get_autocommit(handle) == 0 { _ = try? run("ROLLBACK") }
            throw error
        }
    }

    /// Looks at the structure of every page.
    ///
    /// - Throws: `corrupt` with the first finding.
    package func verify() throws(DatabaseError) {
        let finding = try first("PRAGMA quick_check(1)") { $0.text(0) } ?? "no answer"
        guard finding == "ok" else { throw DatabaseError(.corrupt, code: SQLITE_CORRUPT, message: finding) }
    }

    /// Makes the write-ahead log at least so large, with blocks that are really on the disk, so that the commits to come
    /// overwrite blocks instead of allocating them: their sync then waits for no journal of the file system.
    ///
    /// A log that is larger than its limit (`journal_size_limit`) would be cut again; what does not fit is not reserved.
    package func reserveLog() throws(DatabaseError) {
        do throws(DatabaseError) {
            try run("BEGIN IMMEDIATE")
            // Beyond the page cache, pages of an open transaction spill into the log, and stay in its file when it rolls back.
            try execute("CREATE TABLE reserved (filler BLOB) STRICT")
            try run("INSERT INTO reserved VALUES (zeroblob(?))", (Self.logPages + 96) * 4096)
            try run("ROLLBACK")
        } catch {
            if sqlite3_get_autocommit(handle) == 0 { _ = try? run("ROLLBACK") }
            _ = try? all("PRAGMA wal_checkpoint(TRUNCATE)") { _ in true }
            throw error
        }
    }

    /// Limits the file to so many pages of 4 KiB, never shrinking it; a write beyond that fails with `full`.
    package func limit(pages: Int64) throws(DatabaseError) {
        _ = try first("PRAGMA max_page_count = \(pages)") { $0.integer(0) }
    }

    /// Gives at most so many free pages back to the file system.
    package func shrink(pages: Int) throws(DatabaseError) {
        _ = try all("PRAGMA incremental_vacuum(\(pages))") { _ in true }
    }

    /// The size of the database, in pages of 4 KiB.
    package var pageCount: Int64 {
        get throws(DatabaseError) { try first("PRAGMA page_count") { $0.integer(0) } ?? 0 }
    }

    /// Adds all rows that a query gives on another connection to a table of this one, column by column.
    ///
    /// - Parameters:
    ///   - table: Has exactly the query's columns, in the same order.
    ///   - source: Where the query runs.
    ///   - query: By default the whole table of the same name.
    /// - Throws: What either connection refuses.
    package func copy(
        into table: String,
        from source: Connection,
        query: String? = nil
    ) throws(DatabaseError) {
        let reader = try source.prepare(query ?? "SELECT * FROM \(table)")
        let marks = [String](repeating: "?", count: reader.columnCount).joined(separator: ", ")
        while try reader.step() {
            let writer = try prepare("INSERT OR IGNORE INTO \(table) VALUES (\(marks))")
            try writer.bindRow(of: reader)
            _ = try writer.step()
        }
    }
}
