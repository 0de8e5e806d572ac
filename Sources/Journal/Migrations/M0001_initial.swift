import SQLite

extension Migration {
    /// Alerts and rule memory, events, the outbox, silences.
    static let initial = Migration(
        1,
        "initial",
        """
        -- Small facts: the journal's name, how it was closed, the last sign of life, the node's name.
        CREATE TABLE fact (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE alert (
            id TEXT PRIMARY KEY,
            body TEXT NOT NULL CHECK (json_valid(body))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE rule_memory (
            alert TEXT NOT NULL,
            rule TEXT NOT NULL,
            body TEXT NOT NULL CHECK (json_valid(body)),
            PRIMARY KEY (alert, rule)
        ) STRICT, WITHOUT ROWID;

        -- When a check last completed a sweep.
        CREATE TABLE swept (
            "check" TEXT PRIMARY KEY,
            body TEXT NOT NULL CHECK (json_valid(body)),
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE event (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (length(id) = 26),
            at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            body TEXT NOT NULL CHECK (json_valid(body))
        ) STRICT;

        -- What a sink was last asked to tell about an alert.
        CREATE TABLE notification (
            alert TEXT NOT NULL,
            sink TEXT NOT NULL,
            body TEXT NOT NULL CHECK (json_valid(body)),
            PRIMARY KEY (alert, sink)
        ) STRICT, WITHOUT ROWID;

        -- The next sequence number of each sink's stream.
        CREATE TABLE stream (
            sink TEXT PRIMARY KEY,
            next INTEGER NOT NULL CHECK (next > 0)
        ) STRICT, WITHOUT ROWID;

        -- Deliveries that were attempted together: their id is the idempotency key.
        CREATE TABLE batch (
            id TEXT PRIMARY KEY CHECK (length(id) = 26),
            sink TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- The outbox, dead letters included. `named` says that a tombstone named a dead one's number.
        CREATE TABLE delivery (
            sink TEXT NOT NULL REFERENCES stream (sink),
            sequence INTEGER NOT NULL CHECK (sequence > 0),
            event TEXT NOT NULL REFERENCES event (id),
            enqueued_at INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'dead')),
            reminder INTEGER NOT NULL CHECK (reminder IN (0, 1)),
            batch TEXT REFERENCES batch (id),
            named INTEGER NOT NULL DEFAULT 0 CHECK (named IN (0, 1)),
            because TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (sink, sequence),
            CHECK (state = 'queued' OR batch IS NULL),
            CHECK (state = 'dead' OR named = 0)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX delivery_queued ON delivery (sink, sequence) WHERE state = 'queued';
        CREATE INDEX delivery_unnamed ON delivery (sink, sequence) WHERE state = 'dead' AND named = 0;
        CREATE INDEX delivery_event ON delivery (event);
        CREATE INDEX delivery_batch ON delivery (batch) WHERE batch IS NOT NULL;

        CREATE TABLE silence (
            id TEXT PRIMARY KEY CHECK (length(id) = 26),
            ends_at INTEGER NOT NULL,
            body TEXT NOT NULL CHECK (json_valid(body))
        ) STRICT, WITHOUT ROWID;
        """
    )
}
