package import Basics
import SQLite

extension Journal {
    /// What a journal remembers, read beside the watchdog that may be writing it; nothing is locked or changed.
    ///
    /// - Parameters:
    ///   - location: Where the journal is.
    ///   - time: Only needed for a journal's name, which is then not used.
    /// - Returns: The last commit's state; nil where there is no journal that this version can read.
    package static func peek(at location: JournalLocation, time: any TimeSource) -> RetainedState? {
        guard case .file(let path) = location, DatabaseFile(path: path).exists else { return nil }
        // Without a log nobody writes: then not even the log's index, which a reader would make, is needed.
        let place: Connection.Location = DatabaseFile(path: path + "-wal").exists ? .reading(path) : .frozen(path)
        do throws(DatabaseError) {
            let connection = try Connection(place)
            let now = time.now
            let version = try connection.migrate(
                Migrations.all,
                application: Migrations.application,
                at: now.milliseconds
            )
            guard version == Migrations.all.last?.number, try Store.name(in: connection) != nil else { return nil }
            // One moment for all tables, whatever is committed meanwhile; the connection's end ends it.
            try connection.execute("BEGIN")
            let store = try Store(connection, onDisk: true, durable: false, limits: JournalLimits(), at: now)
            var state = try store.retained()
            state.node = try store.fact(.kept("node"))
            return state
        } catch {
            return nil
        }
    }
}
