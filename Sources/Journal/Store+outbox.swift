import Alerting
import Basics
import SQLite

extension Store {
    /// Whether nothing waits for the sink.
    func isIdle(_ sink: SinkID) throws(DatabaseError) -> Bool {
        try connection.first("SELECT 1 FROM delivery WHERE sink = ? AND state = 'queued' LIMIT 1", sink) { _ in true }
            == nil
    }

    /// The oldest events that wait and belong to no frozen delivery, in order.
    func pending(_ sink: SinkID, limit: Int) throws(DatabaseError) -> [QueuedEvent] {
        let rows = try connection.all(
            """
            SELECT d.sequence, e.body, e.id, e.at FROM delivery d JOIN event e ON e.id = d.event
            WHERE d.sink = ? AND d.state = 'queued' AND d.batch IS NULL ORDER BY d.sequence LIMIT ?
            """,
            sink,
            max(0, limit),
            read: OutboxRow.init
        )
        return queued(rows, sink)
    }

    /// The delivery that was frozen first and has not been accepted yet.
    func frozen(_ sink: SinkID) throws(DatabaseError) -> Delivery? {
        let batch = try connection.first(
            """
            SELECT batch FROM delivery
            WHERE sink = ? AND state = 'queued' AND batch IS NOT NULL ORDER BY sequence LIMIT 1
            """,
            sink
        ) { $0.text(0) }
        guard let batch, let id = ULID(batch) else { return nil }
        let rows = try connection.all(
            """
            SELECT d.sequence, e.body, e.id, e.at FROM delivery d JOIN event e ON e.id = d.event
            WHERE d.batch = ? ORDER BY d.sequence
            """,
            batch,
            read: OutboxRow.init
        )
        return Delivery(id: id, sink: sink, events: queued(rows, sink))
    }

    /// Makes one delivery of everything that waits up to `sequence`: its members and its id never change again (S5).
    func freeze(_ sink: SinkID, through sequence: Int64, at now: Timestamp) throws(DatabaseError) -> Delivery? {
        if let frozen = try frozen(sink) { return frozen }
        let id = ulids.next(at: now)
        try connection.run("INSERT INTO batch VALUES (?, ?)", id.description, sink)
        let members = try connection.run(
            "UPDATE delivery SET batch = ? WHERE sink = ? AND sequence <= ? AND state = 'queued' AND batch IS NULL",
            id.description,
            sink,
            sequence
        )
        guard members > 0 else {
            try dropEmptyBatches()
            return nil
        }
        return try frozen(sink)
    }

    /// The sink accepted the delivery.
    func delivered(_ id: ULID) throws(DatabaseError) {
        try connection.run("DELETE FROM delivery WHERE batch = ?", id.description)
        try connection.run("DELETE FROM batch WHERE id = ?", id.description)
    }

    /// Removes events that wait and tells one other in their place: a digest.
    func replace(
        _ sequences: [Int64],
        of sink: SinkID,
        with event: Event,
        at now: Timestamp
    ) throws(DatabaseError) -> QueuedEvent {
        for sequence in sequences {
            try connection.run(
                "DELETE FROM delivery WHERE sink = ? AND sequence = ? AND state = 'queued' AND batch IS NULL",
                sink,
                sequence
            )
        }
        try insert(event)
        return try enqueue(event, for: sink, at: now)
    }

    /// What waits, per sink; sinks without any row are left out.
    func outboxes() throws(DatabaseError) -> [SinkID: OutboxState] {
        let rows = try connection.all(
            """
            SELECT sink, sum(state = 'queued'), min(CASE state WHEN 'queued' THEN enqueued_at END), sum(state = 'dead')
            FROM delivery GROUP BY sink
            """
        ) { ($0.text(0), $0.integer(1), $0.optionalInteger(2), $0.integer(3)) }
        return rows.reduce(into: [:]) { states, row in
            var state = OutboxState()
            state.pending = Int(row.1)
            state.oldest = row.2.map(Timestamp.init(milliseconds:))
            state.deadLetters = Int(row.3)
            states[row.0] = state
        }
    }

    func dropEmptyBatches() throws(DatabaseError) {
        try connection.run(
            "DELETE FROM batch WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.batch = batch.id)"
        )
    }

    private func queued(_ rows: [OutboxRow], _ sink: SinkID) -> [QueuedEvent] {
        rows.map { row in
            QueuedEvent(
                event: decode(Event.self, row.body) ?? unreadable(row),
                placement: .init(stream: stream(sink), sequence: row.sequence, durable: durable)
            )
        }
    }

    /// Tells of an event that only another version can read: leaving it out would hold up its stream for ever.
    private func unreadable(_ row: OutboxRow) -> Event {
        Event(
            id: ULID(row.id) ?? ulids.next(at: row.at),
            time: row.at,
            kind: .lifecycle,
            reason: .journalTrouble,
            node: ((try? fact(.kept("node"))) ?? nil) ?? "unknown",
            summary: "An event of \(row.at) cannot be read by this version of Custos"
        )
    }
}

/// One row of the outbox, with its event as it is kept.
private struct OutboxRow {
    var sequence: Int64
    var body: String
    var id: String
    var at: Timestamp

    init(_ row: borrowing Row) {
        sequence = row.integer(0)
        body = row.text(1)
        id = row.text(2)
        at = Timestamp(milliseconds: row.integer(3))
    }
}
