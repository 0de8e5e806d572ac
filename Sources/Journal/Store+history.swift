import Alerting
import Basics
import SQLite

extension Store {
    func event(_ id: ULID) throws(DatabaseError) -> Event? {
        try connection.first("SELECT body FROM event WHERE id = ?", id.description) { $0.text(0) }
            .flatMap { decode(Event.self, $0) }
    }

    /// The newest events, or the next ones after an id, oldest of them first.
    func events(limit: Int, after: ULID?) throws(DatabaseError) -> [Event] {
        if let after {
            return try connection.all(
                "SELECT body FROM event WHERE id > ? ORDER BY id LIMIT ?",
                after.description,
                max(0, limit)
            ) { $0.text(0) }
            .compactMap { decode(Event.self, $0) }
        }
        return try connection.all("SELECT body FROM event ORDER BY number DESC LIMIT ?", max(0, limit)) { $0.text(0) }
            .reversed().compactMap { decode(Event.self, $0) }
    }

    /// Forgets old events that no delivery needs, at most `batch` of them.
    ///
    /// - Returns: How many; as many as `batch` means that there may be more.
    func prune(keeping count: Int, since cutoff: Timestamp, batch: Int) throws(DatabaseError) -> Int {
        // The newest event stays, since its number is where numbering goes on.
        let pruned = try connection.run(
            """
            DELETE FROM event WHERE number IN (
                SELECT number FROM event e
                WHERE (at < ?1 OR number <= (SELECT max(number) FROM event) - ?2)
                    AND number < (SELECT max(number) FROM event)
                    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event = e.id)
                ORDER BY number LIMIT ?3)
            """,
            cutoff.milliseconds,
            count,
            batch
        )
        // Pages are given back slowly: soon they are needed again.
        if pruned > 0 { try connection.shrink(pages: 64) }
        return pruned
    }

    // MARK: - Silences

    func put(_ silence: Silence) throws(DatabaseError) {
        try connection.run(
            """
            INSERT INTO silence VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET ends_at = excluded.ends_at, body = excluded.body
            """,
            silence.id.description,
            silence.endsAt.milliseconds,
            try encode(silence)
        )
    }

    /// Forgets silences that ended before `cutoff`.
    func dropSilences(endedBefore cutoff: Timestamp) throws(DatabaseError) {
        try connection.run("DELETE FROM silence WHERE ends_at < ?", cutoff.milliseconds)
    }

    func silences() throws(DatabaseError) -> [Silence] {
        var unreadable: [String: Int] = [:]
        return try bodies(of: "silence", &unreadable).sorted { $0.id < $1.id }
    }
}
