import Basics
import SQLite

// A journal that cannot write its file goes on with a copy in memory, and later writes that copy back. Both ways take the
// whole state; of the history, only the newest part travels to memory, and nothing is deleted on the way back.

extension Store {
    /// Tables that are replaced as a whole, in an order that foreign keys accept.
    private static let state = [
        "fact", "alert", "rule_memory", "swept", "notification", "stream", "silence", "batch",
    ]

    /// How many events travel to memory beside those that a delivery needs.
    private static let history = 200

    /// Takes over everything of `other`; to be called on an empty store.
    func adopt(_ other: Connection) throws(DatabaseError) {
        try transaction { (store) throws(DatabaseError) in
            try store.connection.run("DELETE FROM fact")
            for table in Self.state { try store.connection.copy(into: table, from: other) }
            try store.connection.copy(
                into: "event",
                from: other,
                query: """
                    SELECT * FROM event WHERE number > (SELECT coalesce(max(number), 0) FROM event) - \(Self.history)
                        OR id IN (SELECT event FROM delivery) ORDER BY number
                    """
            )
            try store.connection.copy(into: "delivery", from: other)
        }
        try readName()
    }

    /// Bounds a database in memory, which may be larger than usual when what it adopted is.
    func limitMemory() throws(DatabaseError) {
        let pages = try connection.pageCount
        limits.memoryPages = max(limits.memoryPages, pages + pages / 4)
        try connection.limit(pages: limits.memoryPages)
    }

    /// Writes everything of `other`, which was adopted from here or began when here was nothing, in one transaction.
    func takeBack(_ other: Store) throws(DatabaseError) {
        try transaction { (store) throws(DatabaseError) in
            try store.connection.run("DELETE FROM delivery")
            for table in Self.state.reversed() { try store.connection.run("DELETE FROM \(table)") }
            for table in Self.state { try store.connection.copy(into: table, from: other.connection) }
            try store.connection.copy(
                into: "event",
                from: other.connection,
                query: "SELECT * FROM event ORDER BY number"
            )
            try store.connection.copy(into: "delivery", from: other.connection)
        }
        ulids = other.ulids
        try readName()
    }
}
