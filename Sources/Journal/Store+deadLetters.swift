import Alerting
import Basics
import SQLite

// A number that will not be told leaves a gap in its stream. Each such row stays as a dead letter, and a tombstone event
// later in the stream names its number, so that a receiver can tell a refusal from a loss (S2). A tombstone may be refused
// like any event: the next one names its number and all that it named, and waits for the next real event, so that a sink
// that refuses everything is not asked for ever. The same holds for a digest and what it stands for.

extension Store {
    /// The sink will never accept the delivery: its events become dead letters.
    func deadLetter(_ id: ULID, because: String, at now: Timestamp) throws(DatabaseError) -> QueuedEvent? {
        let rows = try connection.all(
            """
            SELECT d.sink, d.sequence, e.reason FROM delivery d JOIN event e ON e.id = d.event WHERE d.batch = ?
            """,
            id.description
        ) { (sink: $0.text(0), sequence: $0.integer(1), reason: $0.text(2)) }
        guard let sink = rows.first?.sink else { return nil }
        try connection.run(
            "UPDATE delivery SET state = 'dead', batch = NULL, because = ? WHERE batch = ?",
            because.safe(limit: 300),
            id.description
        )
        try connection.run("DELETE FROM batch WHERE id = ?", id.description)
        let tombstones = rows.filter { $0.reason == Event.Reason.tombstone.rawValue }
        guard tombstones.count < rows.count else { return nil }
        return try nameDead(sink, at: now)
    }

    /// What waits since before `cutoff` becomes dead letters; a frozen delivery only as a whole.
    ///
    /// - Returns: How many events.
    func expire(
        _ sink: SinkID,
        before cutoff: Timestamp,
        because: String,
        at now: Timestamp
    ) throws(DatabaseError) -> Int {
        let real = try connection.first(
            """
            SELECT count(*) FROM delivery d JOIN event e ON e.id = d.event
            WHERE d.sink = ?1 AND d.state = 'queued' AND d.enqueued_at < ?2 AND e.reason <> 'tombstone'
            """,
            sink,
            cutoff.milliseconds
        ) { $0.integer(0) }
        let count = try connection.run(
            """
            UPDATE delivery SET state = 'dead', batch = NULL, because = ?3
            WHERE sink = ?1 AND state = 'queued' AND enqueued_at < ?2 AND (batch IS NULL OR batch NOT IN (
                SELECT batch FROM delivery
                WHERE sink = ?1 AND state = 'queued' AND enqueued_at >= ?2 AND batch IS NOT NULL))
            """,
            sink,
            cutoff.milliseconds,
            because.safe(limit: 300)
        )
        guard count > 0 else { return 0 }
        try dropEmptyBatches()
        // Where nothing but tombstones expired, the next one waits for an event.
        if real != 0 { _ = try nameDead(sink, at: now) }
        return count
    }

    /// Queues every dead letter again, under new numbers, and names the old ones that nobody has named.
    ///
    /// What this version cannot read stays a dead letter: another one may.
    ///
    /// - Returns: How many are queued again.
    func retryDeadLetters(_ sink: SinkID, at now: Timestamp) throws(DatabaseError) -> Int {
        _ = try nameDead(sink, at: now)
        let letters = try connection.all(
            """
            SELECT d.sequence, e.body FROM delivery d JOIN event e ON e.id = d.event
            WHERE d.sink = ? AND d.state = 'dead' AND e.reason <> 'tombstone' ORDER BY d.sequence
            """,
            sink
        ) { (sequence: $0.integer(0), body: $0.text(1)) }
        var count = 0
        for letter in letters {
            guard let event = decode(Event.self, letter.body) else { continue }
            try connection.run("DELETE FROM delivery WHERE sink = ? AND sequence = ?", sink, letter.sequence)
            _ = try enqueue(event, for: sink, at: now)
            count += 1
        }
        // All that a dead tombstone names is named by a later one.
        try connection.run(
            """
            DELETE FROM delivery WHERE sink = ? AND state = 'dead'
                AND (SELECT reason FROM event WHERE id = delivery.event) = 'tombstone'
            """,
            sink
        )
        return count
    }

    /// Enqueues one tombstone for all numbers of the sink that nobody has named; nil when there is none.
    func nameDead(_ sink: SinkID, at now: Timestamp) throws(DatabaseError) -> QueuedEvent? {
        let rows = try connection.all(
            """
            SELECT d.sequence, d.because, e.reason, e.body FROM delivery d JOIN event e ON e.id = d.event
            WHERE d.sink = ? AND d.state = 'dead' AND d.named = 0 ORDER BY d.sequence
            """,
            sink
        ) { row in
            let names = [Event.Reason.tombstone.rawValue, Event.Reason.flood.rawValue].contains(row.text(2))
            return (sequence: row.integer(0), because: row.text(1), naming: names ? row.text(3) : nil)
        }
        guard !rows.isEmpty else { return nil }
        var numbers = SequenceRanges(rows.map(\.sequence))
        for body in rows.compactMap(\.naming) {
            if let named = decode(Event.self, body)?.namedSequences { numbers.formUnion(named) }
        }
        var reasons: [String] = []
        for row in rows where !reasons.contains(row.because) && reasons.count < 3 { reasons.append(row.because) }
        var event = Event(
            id: ulids.next(at: now),
            time: now,
            kind: .lifecycle,
            reason: .tombstone,
            node: try fact(.kept("node")) ?? "unknown",
            summary: "\(numbers.count) \(numbers.count == 1 ? "event" : "events") of this stream will not be told: "
                + reasons.joined(separator: "; ")
        )
        event.annotations = [
            "sequences": numbers.description, "sink": sink, "because": reasons.joined(separator: "; "),
        ]
        try insert(event)
        let tombstone = try enqueue(event, for: sink, at: now)
        try connection.run(
            "UPDATE delivery SET named = 1 WHERE sink = ? AND state = 'dead' AND named = 0",
            sink
        )
        try boundDeadLetters(of: sink)
        return tombstone
    }

    /// Lets the oldest reminders give way when too much waits: never a fired or resolved.
    func boundReminders(of sink: SinkID, at now: Timestamp) throws(DatabaseError) {
        // The span of numbers is an upper bound of the count, and costs one look at an index.
        let span = try connection.first(
            """
            SELECT (SELECT next FROM stream WHERE sink = ?1) - min(sequence)
            FROM delivery WHERE sink = ?1 AND state = 'queued'
            """,
            sink
        ) { $0.integer(0) }
        guard let span, span > limits.outbox else { return }
        let count = try connection.first(
            "SELECT count(*) FROM delivery WHERE sink = ? AND state = 'queued'",
            sink
        ) { $0.integer(0) }
        guard let count, count > limits.outbox else { return }
        // A tenth more than needed, so that a full outbox does not pay this at every commit.
        let dropped = try connection.run(
            """
            UPDATE delivery SET state = 'dead', because = 'outbox full' WHERE sink = ?1 AND sequence IN (
                SELECT sequence FROM delivery
                WHERE sink = ?1 AND state = 'queued' AND reminder = 1 AND batch IS NULL ORDER BY sequence LIMIT ?2)
            """,
            sink,
            Int(count) - limits.outbox + limits.outbox / 10
        )
        if dropped > 0 { _ = try nameDead(sink, at: now) }
    }

    /// Gives up the older half of what waits, without keeping it: only for a memory that is full.
    func dropOlderHalf(of sink: SinkID, at now: Timestamp) throws(DatabaseError) -> Int {
        let count = try connection.run(
            """
            UPDATE delivery SET state = 'dead', batch = NULL, because = 'no room' WHERE sink = ?1 AND sequence IN (
                SELECT d.sequence FROM delivery d JOIN event e ON e.id = d.event
                WHERE d.sink = ?1 AND d.state = 'queued' AND e.reason <> 'tombstone' ORDER BY d.sequence
                LIMIT (SELECT count(*) / 2 FROM delivery WHERE sink = ?1 AND state = 'queued'))
            """,
            sink
        )
        guard count > 0 else { return 0 }
        try dropEmptyBatches()
        _ = try nameDead(sink, at: now)
        try connection.run("DELETE FROM delivery WHERE sink = ? AND state = 'dead' AND named = 1", sink)
        return count
    }

    private func boundDeadLetters(of sink: SinkID) throws(DatabaseError) {
        try connection.run(
            """
            DELETE FROM delivery WHERE sink = ?1 AND sequence IN (
                SELECT sequence FROM delivery WHERE sink = ?1 AND state = 'dead' AND named = 1
                ORDER BY sequence DESC LIMIT -1 OFFSET ?2)
            """,
            sink,
            limits.deadLetters
        )
    }
}
