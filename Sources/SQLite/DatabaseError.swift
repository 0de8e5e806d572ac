import CSQLite

/// Why SQLite refused: what kind of trouble, its codes and its own words; never a statement's arguments.
package struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What callers switch over.
    package enum Kind: String, Sendable {
        /// The disk, a quota or the page limit is exhausted.
        case full
        case readOnly = "read_only"
        /// Another connection holds the database.
        case locked
        /// The file is damaged, or is no database at all.
        case corrupt
        /// The schema is newer than this program knows.
        case newer
        /// A database of another program.
        case foreign
        /// The file or its folder cannot be opened or created.
        case cannotOpen = "cannot_open"
        /// The device failed.
        case io
        case constraint
        case outOfMemory = "out_of_memory"
        case other
    }

    package var kind: Kind
    /// The extended result code (<https://sqlite.org/rescode.html>).
    package var code: Int32
    package var message: String

    package init(_ kind: Kind, code: Int32 = SQLITE_ERROR, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    /// From a result code and the connection that gave it.
    init(code: Int32, connection: OpaquePointer?) {
        let words = connection.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        self.init(Kind(code: code), code: code, message: words.map { String(cString: $0) } ?? "unknown")
    }

    package var description: String { "\(message) (\(kind.rawValue), code \(code))" }
}

extension DatabaseError.Kind {
    /// The kind of a primary or extended result code.
    init(code: Int32) {
        switch code {
        // SQLITE_IOERR_SHMSIZE: no room for the log's index file.
        case SQLITE_IOERR | (19 << 8): self = .full
        default:
            switch code & 0xFF {
            case SQLITE_FULL: self = .full
            case SQLITE_READONLY: self = .readOnly
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: self = .locked
            case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: self = .cannotOpen
            case SQLITE_IOERR: self = .io
            case SQLITE_CONSTRAINT, SQLITE_MISMATCH: self = .constraint
            case SQLITE_NOMEM: self = .outOfMemory
            default: self = .other
            }
        }
    }
}
