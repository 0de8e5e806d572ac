package import Alerting
package import Basics
import SQLite

extension Journal {
    /// The newest events, the oldest of them first.
    package func events(limit: Int, since: Timestamp? = nil) -> [Event] {
        read { (store) throws(DatabaseError) in try store.events(limit: limit, since: since) } ?? []
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

    /// Ends a silence now; gives it back, or nil when there is none with that id.
    @discardableResult
    package func expireSilence(_ id: ULID) -> Silence? {
        let now = time.now
        return write { (store) throws(DatabaseError) -> Silence? in
            guard var silence = try store.silence(id) else { return nil }
            silence.endsAt = min(silence.endsAt, now)
            try store.put(silence)
            return silence
        } ?? nil
    }

    /// All silences that are not forgotten yet, ended ones included, oldest first.
    package func silences() -> [Silence] {
        read { (store) throws(DatabaseError) in try store.silences() } ?? []
    }
}
