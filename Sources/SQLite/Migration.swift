/// One step of a schema; never changed once released, since it describes files that exist.
package struct Migration: Sendable {
    /// Counts from 1 without a gap; equals `user_version` once applied.
    package var number: Int64
    package var name: String
    package var script: String

    package init(_ number: Int64, _ name: String, _ script: String) {
        self.number = number
        self.name = name
        self.script = script
    }
}

extension Connection {
    /// Brings the schema up to date, and starts the log: every missing migration and its ledger row, in one immediate transaction.
    ///
    /// - Parameters:
    ///   - migrations: All that are known, in order.
    ///   - application: The number that marks a file as ours (`PRAGMA application_id`).
    ///   - now: The ledger's time, in milliseconds since 1970.
    /// - Returns: The version before; 0 for a new database.
    /// - Throws: `newer` when the file knows a migration that we do not, `foreign` when it is another program's.
    package func migrate(
        _ migrations: [Migration],
        application: Int64,
        at now: Int64
    ) throws(DatabaseError) -> Int64 {
        let known = migrations.last?.number ?? 0
        let version = try ownVersion(application)
        guard version <= known else {
            throw DatabaseError(.newer, message: "schema version \(version), newer than \(known)")
        }
        // Only now: a file that is not ours, or not for us, stays as it is.
        try startLog(isNew: version == 0)
        guard version < known else { return version }
        return try transaction { () throws(DatabaseError) in
            // Another process may have migrated between the look and the lock.
            let version = try ownVersion(application)
            try execute(Self.ledger)
            try execute("PRAGMA application_id = \(application)")
            for migration in migrations where migration.number > version {
                try execute(migration.script)
                try run(
                    "INSERT INTO migration (number, name, applied_at) VALUES (?, ?, ?)",
                    migration.number,
                    migration.name,
                    now
                )
                try execute("PRAGMA user_version = \(migration.number)")
            }
            return version
        }
    }

    /// The version of a database that is ours or empty.
    private func ownVersion(_ application: Int64) throws(DatabaseError) -> Int64 {
        let owner = try first("PRAGMA application_id") { $0.integer(0) } ?? 0
        let tables = try first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } ?? 0
        guard owner == application || tables == 0 else {
            throw DatabaseError(.foreign, message: "a database of another program")
        }
        return try first("PRAGMA user_version") { $0.integer(0) } ?? 0
    }

    private static let ledger = """
        CREATE TABLE IF NOT EXISTS migration (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            name TEXT NOT NULL,
            applied_at INTEGER NOT NULL
        ) STRICT
        """
}
