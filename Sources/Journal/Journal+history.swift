package import Alerting
package import Basics
import SQLite

extension Journal {
    /// The newest events, or the next ones after an id, the oldest of them first.
    package func events(limit: Int, after: ULID? = nil) -> [Event] {
        read { (store) throws(DatabaseError) in try store.events(limit: limit, after: after) } ?? []
    }

    /// Forgets old events that no delivery needs, and silences that ended before `cutoff`: at most a batch per call, so
    /// that nobody waits long behind it.
    ///
    /// - Returns: How many events; call again soon while it equals `batch`.
    @discardableResult
    package func prune(keeping count: Int, since cutoff: Timestamp, batch: Int = 500) -> Int {
        write { (store) throws(DatabaseError) in
            try store.dropSilences(endedBefore: cutoff)
            return try store.prune(keeping: count, since: cutoff, batch: batch)
        } ?? 0
    }

    /// Adds a silence, or replaces the one with the same id.
    package func add(_ silence: Silence) {
        write { (store) throws(DatabaseError) in try store.put(silence) }
    }

    /// All silences that are not forgotten yet, ended ones included, oldest first.
    package func silences() -> [Silence] {
        read { (store) throws(DatabaseError) in try store.silences() } ?? []
    }
}
