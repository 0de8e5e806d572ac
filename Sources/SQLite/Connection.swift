import CSQLite

/// One open database.
///
/// Not `Sendable`: whoever owns it, owns it alone (SQLite's multi-thread mode, without its own locks). It is closed when
/// it is released.
package final class Connection {
    /// Where a database lives.
    package enum Location: Sendable, Equatable {
        case file(String)
        /// A file that nobody writes and whose log is empty: read without locks and without creating anything, as on
        /// a read-only or full disk.
        case frozen(String)
        /// A file that somebody else may be writing: read, never written.
        case reading(String)
        case memory
    }

    let handle: OpaquePointer
    private let location: Location
    private var idle: [String: OpaquePointer] = [:]

    /// Pages of 4 KiB that the log takes before it is written back into the file.
    static let logPages: Int64 = 256

    /// Statements kept prepared; the hot path needs far fewer.
    private static let mostIdle = 48

    /// Opens or creates a database with small caches; writes nothing yet.
    ///
    /// - Parameters:
    ///   - location: The file, whose folder must exist, or memory.
    ///   - busyTimeout: How long to wait for another connection's lock, in milliseconds.
    /// - Throws: `cannotOpen`, or `corrupt` where the file is no database.
    package init(
        _ location: Location,
        busyTimeout: Int32 = 1000
    ) throws(DatabaseError) {
        sqlite3_soft_heap_limit64(4 << 20)
        let writable = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let (path, access) =
            switch location {
            case .file(let path): (path, writable)
            case .frozen(let path): ("file:\(Self.escaped(path))?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
            case .reading(let path): (path, SQLITE_OPEN_READONLY)
            case .memory: (":memory:", writable)
            }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened else {
            let error = DatabaseError(code: code, connection: opened)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        self.location = location
        sqlite3_busy_timeout(handle, busyTimeout)
        try execute(Self.memoryCaps)
    }

    deinit {
        for statement in idle.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// A path as part of a `file:` address.
    private static func escaped(_ path: String) -> String {
        path.reduce(into: "") { address, character in
            switch character {
            case "%": address += "%25"
            case "?": address += "%3f"
            case "#": address += "%23"
            default: address.append(character)
            }
        }
    }

    private static let memoryCaps = """
        PRAGMA page_size = 4096;
        PRAGMA cache_size = -256;
        PRAGMA mmap_size = 0;
        PRAGMA temp_store = MEMORY;
        PRAGMA foreign_keys = ON;
        PRAGMA cell_size_check = ON;
        PRAGMA synchronous = FULL;
        """

    /// Turns on write-ahead logging for a file.
    ///
    /// A commit syncs the log (FULL): what it returned for survives a power cut.
    func startLog(isNew: Bool) throws(DatabaseError) {
        guard case .file = location else { return }
        // Only an empty file takes this; an existing one would be written to.
        if isNew { try execute("PRAGMA auto_vacuum = INCREMENTAL") }
        try execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA wal_autocheckpoint = \(Self.logPages);
            PRAGMA journal_size_limit = \((Self.logPages + 128) * 4096);
            """
        )
    }

    /// Runs one or more statements without arguments or rows.
    package func execute(_ script: String) throws(DatabaseError) {
        try check(sqlite3_exec(handle, script, nil, nil, nil))
    }

    /// Runs one statement; gives how many rows it changed.
    @discardableResult
    package func run(_ sql: String, _ arguments: any Bindable...) throws(DatabaseError) -> Int {
        let statement = try prepare(sql)
        try statement.bind(arguments)
        while try statement.step() {}
        return Int(sqlite3_changes64(handle))
    }

    /// Reads all rows of a query.
    package func all<Value>(
        _ sql: String,
        _ arguments: any Bindable...,
        read: (borrowing Row) -> Value
    ) throws(DatabaseError) -> [Value] {
        let statement = try prepare(sql)
        try statement.bind(arguments)
        var values: [Value] = []
        while try statement.step() { values.append(read(statement.row())) }
        return values
    }

    /// Reads the first row of a query; nil when there is none.
    package func first<Value>(
        _ sql: String,
        _ arguments: any Bindable...,
        read: (borrowing Row) -> Value
    ) throws(DatabaseError) -> Value? {
        let statement = try prepare(sql)
        try statement.bind(arguments)
        return try statement.step() ? read(statement.row()) : nil
    }

    /// Lends a prepared statement: one that was used before, or a new one.
    package func prepare(_ sql: String) throws(DatabaseError) -> Statement {
        if let known = idle.removeValue(forKey: sql) {
            return Statement(handle: known, sql: sql, connection: self)
        }
        var made: OpaquePointer?
        try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil))
        guard let made else { throw DatabaseError(.other, message: "empty statement") }
        return Statement(handle: made, sql: sql, connection: self)
    }

    func takeBack(_ statement: OpaquePointer, sql: String) {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        if idle.count < Self.mostIdle, idle[sql] == nil {
            idle[sql] = statement
        } else {
            sqlite3_finalize(statement)
        }
    }

    func check(_ code: Int32) throws(DatabaseError) {
        guard code == SQLITE_OK else { throw DatabaseError(code: code, connection: handle) }
    }
}
