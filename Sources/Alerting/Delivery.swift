package import Basics

/// A sink by its configured name: `stdout`, `webhook`, `webhook.ops`.
package typealias SinkID = String

/// One event on its way to one sink.
package struct QueuedEvent: Sendable, Equatable {
    package var event: Event
    package var placement: Event.Placement

    package init(event: Event, placement: Event.Placement) {
        self.event = event
        self.placement = placement
    }
}

/// What a sink is asked to tell in one go: frozen at its first attempt, so that a repeated attempt is the same request.
package struct Delivery: Sendable, Equatable {
    /// The idempotency key.
    package var id: ULID
    package var sink: SinkID
    package var events: [QueuedEvent]
    /// How many attempts were made before this one.
    package var attempts: Int

    package init(id: ULID, sink: SinkID, events: [QueuedEvent], attempts: Int = 0) {
        self.id = id
        self.sink = sink
        self.events = events
        self.attempts = attempts
    }
}

/// Why a delivery was not accepted: a sink's only verdict.
package enum DeliveryError: Error, Sendable, Equatable {
    /// Worth trying again. `alarming` asks for an alert of the sink's own (401, 403, 404: S5).
    case transient(because: String, retryAfter: Duration? = nil, alarming: Bool = false)
    /// Will never be accepted: a dead letter.
    case permanent(because: String)

    package var because: String {
        switch self {
        case .transient(let because, _, _), .permanent(let because): because
        }
    }
}
