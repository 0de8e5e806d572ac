import Alerting
import Basics
import SQLite

extension Store {
    /// Writes what has no event: it needs no sync of its own.
    func write(_ changes: UnsyncedChanges) throws(DatabaseError) {
        for (id, alert) in changes.alerts {
            if let alert {
                try connection.run(
                    "INSERT INTO alert VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                    id.key,
                    try encode(alert)
                )
            } else {
                try connection.run("DELETE FROM alert WHERE id = ?", id.key)
                try connection.run("DELETE FROM notification WHERE alert = ?", id.key)
            }
        }
        for (key, memory) in changes.memories {
            if let memory {
                try connection.run(
                    "INSERT INTO rule_memory VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                    key.alert.key,
                    key.rule,
                    try encode(memory)
                )
            } else {
                try connection.run("DELETE FROM rule_memory WHERE alert = ? AND rule = ?", key.alert.key, key.rule)
            }
        }
        for (check, at) in changes.swept {
            try connection.run(
                "INSERT INTO swept VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
                check.description,
                try encode(check),
                at.milliseconds
            )
        }
    }

    /// Writes events, the outbox and the notification records (S1); `freezing` names the sinks whose deliveries are
    /// frozen at once when nothing else waits for them.
    func write(
        events: [Event],
        notices: [Notice],
        records: [NotificationRecord],
        freezing: Set<SinkID>,
        at now: Timestamp
    ) throws(DatabaseError) -> Committed {
        for event in events { try insert(event) }
        for record in records {
            try connection.run(
                "INSERT INTO notification VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                record.alert.key,
                record.sink,
                try encode(record)
            )
        }
        var committed = Committed()
        committed.durable = durable
        var idle: [SinkID: Bool] = [:]
        let known = Dictionary(events.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for notice in notices {
            var event = known[notice.event]
            if event == nil { event = try self.event(notice.event) }
            guard let event else { continue }
            if idle[notice.sink] == nil {
                idle[notice.sink] = try isIdle(notice.sink)
                // Numbers that nobody has named yet travel ahead of the next event.
                if let tombstone = try nameDead(notice.sink, at: now) {
                    committed.queued[notice.sink, default: []].append(tombstone)
                }
            }
            committed.queued[notice.sink, default: []].append(try enqueue(event, for: notice.sink, at: now))
        }
        for sink in committed.queued.keys {
            try boundReminders(of: sink, at: now)
            guard freezing.contains(sink), idle[sink] == true, let last = committed.queued[sink]?.last else { continue }
            committed.frozen[sink] = try freeze(sink, through: last.placement.sequence, at: now)
        }
        return committed
    }

    func insert(_ event: Event) throws(DatabaseError) {
        try connection.run(
            "INSERT OR IGNORE INTO event (id, at, reason, body) VALUES (?, ?, ?, ?)",
            event.id.description,
            event.time.milliseconds,
            event.reason.rawValue,
            event.json().text
        )
    }

    /// Gives the event the next number of the sink's stream, without a gap.
    func enqueue(_ event: Event, for sink: SinkID, at now: Timestamp) throws(DatabaseError) -> QueuedEvent {
        let sequence =
            try connection.first(
                """
                INSERT INTO stream VALUES (?, 2) ON CONFLICT DO UPDATE SET next = next + 1 RETURNING next - 1
                """,
                sink
            ) { $0.integer(0) } ?? 0
        try connection.run(
            "INSERT INTO delivery (sink, sequence, event, enqueued_at, reminder) VALUES (?, ?, ?, ?, ?)",
            sink,
            sequence,
            event.id.description,
            now.milliseconds,
            event.reason == .reminder
        )
        return QueuedEvent(
            event: event,
            placement: .init(stream: stream(sink), sequence: sequence, durable: durable)
        )
    }

    /// Everything a start needs.
    func retained() throws(DatabaseError) -> RetainedState {
        var state = RetainedState()
        state.alerts = try bodies(of: "alert", &state.unreadable)
        state.memories = try bodies(of: "rule_memory", &state.unreadable)
        state.records = try bodies(of: "notification", &state.unreadable)
        state.silences = try bodies(of: "silence", &state.unreadable)
        state.lastID = try lastID()
        let swept = try connection.all("SELECT body, at FROM swept") { ($0.text(0), $0.integer(1)) }
        for (body, at) in swept {
            guard let check = decode(CheckID.self, body) else {
                state.unreadable["swept", default: 0] += 1
                continue
            }
            state.swept[check] = Timestamp(milliseconds: at)
        }
        return state
    }

    func bodies<Value: Decodable>(
        of table: String,
        _ unreadable: inout [String: Int]
    ) throws(DatabaseError) -> [Value] {
        let texts = try connection.all("SELECT body FROM \(table)") { $0.text(0) }
        let values = texts.compactMap { decode(Value.self, $0) }
        if values.count < texts.count { unreadable[table] = texts.count - values.count }
        return values
    }
}
