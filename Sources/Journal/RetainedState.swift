package import Alerting
package import Basics

/// What a start finds in the journal of the last run.
package struct RetainedState: Sendable, Equatable {
    package var alerts: [Alert] = []
    package var memories: [RuleMemory] = []
    package var records: [NotificationRecord] = []
    /// Also those that have ended meanwhile.
    package var silences: [Silence] = []
    package var swept: [CheckID: Timestamp] = [:]
    /// The greatest id of an event: later ones go on behind it, also when the clock was set back meanwhile.
    package var lastID: ULID?
    /// The machine's name as it was last found, where `peek` looked.
    package var node: String?
    /// How many rows could not be understood and were left out, by table; they stay in the journal.
    package var unreadable: [String: Int] = [:]

    package init() {}
}

/// What a commit put into the outbox.
package struct Committed: Sendable, Equatable {
    /// Every event that was enqueued, per sink, in order.
    package var queued: [SinkID: [QueuedEvent]] = [:]
    /// Deliveries that were frozen at once and can be attempted without another look at the journal.
    package var frozen: [SinkID: Delivery] = [:]
    /// Whether it is on disk.
    package var durable = false
    /// Whether the journal wants the whole state again.
    package var hasLostState = false

    package init() {}
}

/// How much waits in a sink's outbox.
package struct OutboxState: Sendable, Equatable {
    package var pending = 0
    /// When the oldest that waits was enqueued.
    package var oldest: Timestamp?
    package var deadLetters = 0

    package init() {}
}
