package import Alerting
package import Basics
import SQLite

// The dispatcher of a sink asks `frozen`, else looks at `pending` and freezes; then attempts; then says `delivered` or
// `deadLetter`. A delivery that is frozen and not yet accepted comes before everything else, also after a restart.

extension Journal {
    /// The delivery that was frozen and not accepted yet.
    package func frozen(_ sink: SinkID) -> Delivery? {
        read { (store) throws(DatabaseError) in try store.frozen(sink) } ?? nil
    }

    /// The oldest events that wait for the sink, frozen ones left out, in order.
    package func pending(_ sink: SinkID, limit: Int) -> [QueuedEvent] {
        read { (store) throws(DatabaseError) in try store.pending(sink, limit: limit) } ?? []
    }

    /// Makes one delivery of all that waits for the sink up to a number of its stream.
    ///
    /// What was frozen earlier and is not accepted yet is given back instead: there is one at a time.
    package func freeze(_ sink: SinkID, through sequence: Int64) -> Delivery? {
        let now = present()
        return write { (store) throws(DatabaseError) in try store.freeze(sink, through: sequence, at: now) } ?? nil
    }

    /// The sink accepted the delivery: its rows are no longer needed.
    package func delivered(_ delivery: Delivery) {
        write { (store) throws(DatabaseError) in try store.delivered(delivery.id) }
    }

    /// The sink will never accept the delivery: its events become dead letters, and a tombstone is enqueued that names
    /// their numbers.
    ///
    /// - Returns: The tombstone; nil when only tombstones were refused: their numbers are named before the next event.
    @discardableResult
    package func deadLetter(_ delivery: Delivery, because: String) -> QueuedEvent? {
        let now = present()
        return write { (store) throws(DatabaseError) in
            try store.deadLetter(delivery.id, because: because, at: now)
        } ?? nil
    }

    /// What was enqueued before `cutoff` becomes dead letters, named by a tombstone; a frozen delivery only as a whole.
    ///
    /// - Returns: How many events.
    @discardableResult
    package func expire(_ sink: SinkID, before cutoff: Timestamp, because: String = "too old") -> Int {
        let now = present()
        return write { (store) throws(DatabaseError) in
            try store.expire(sink, before: cutoff, because: because, at: now)
        } ?? 0
    }

    /// Removes events that wait unfrozen and enqueues one in their place, which must name their numbers: a digest (S9).
    @discardableResult
    package func replace(_ queued: [QueuedEvent], of sink: SinkID, with event: Event) -> QueuedEvent? {
        let now = present()
        return write { (store) throws(DatabaseError) in
            try store.replace(queued.map(\.placement.sequence), of: sink, with: event, at: now)
        }
    }

    /// Queues the sink's dead letters again, under new numbers of its stream.
    ///
    /// - Returns: How many.
    @discardableResult
    package func retryDeadLetters(_ sink: SinkID) -> Int {
        let now = present()
        return write { (store) throws(DatabaseError) in try store.retryDeadLetters(sink, at: now) } ?? 0
    }

    /// How much waits, per sink that has anything.
    package func outboxes() -> [SinkID: OutboxState] {
        read { (store) throws(DatabaseError) in try store.outboxes() } ?? [:]
    }

    /// The name of a sink's stream (S2).
    package func stream(_ sink: SinkID) -> String { store?.stream(sink) ?? sink }
}
