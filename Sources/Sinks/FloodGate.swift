package import Alerting
package import Basics

/// Keeps a sink readable in a storm (S9): so many events a minute, then one digest a minute that lists the rest.
///
/// Pure: the dispatcher asks, then sends what it was allowed. Nothing is dropped: a digest stands for every event it
/// replaces, first firings and resolves included.
package struct FloodGate: Sendable, Equatable {
    /// What may be sent now.
    package enum Passage: Sendable, Equatable {
        /// The next so many events as they are.
        case events(Int)
        /// One digest of at most so many events.
        case digest(Int)
        /// Nothing before this much time has passed.
        case wait(Duration)
    }

    /// The most events that one digest lists; what exceeds it waits for the next.
    package static let digestLimit = 500
    private static let minute = Duration.seconds(60)

    /// Events a minute; nil for no limit.
    private let limit: Int?
    private var windowStart: Duration?
    private var told = 0
    private var overflowed = false

    package init(limit: Int?) {
        self.limit = limit
    }

    /// What may be done with `waiting` events at `uptime`.
    package mutating func admit(_ waiting: Int, at uptime: Duration) -> Passage {
        guard let limit else { return .events(waiting) }
        if windowStart.map({ uptime - $0 >= Self.minute }) ?? true {
            windowStart = uptime
            told = 0
            if overflowed {
                overflowed = false
                if waiting > 1 { return .digest(min(waiting, Self.digestLimit)) }
            }
        }
        guard told >= limit else { return .events(min(waiting, limit - told)) }
        overflowed = waiting > 0
        return .wait((windowStart ?? uptime) + Self.minute - uptime)
    }

    /// How many events could go out now.
    package func room(at uptime: Duration) -> Int {
        guard let limit else { return .max }
        guard let windowStart, uptime - windowStart < Self.minute else { return overflowed ? 0 : limit }
        return max(0, limit - told)
    }

    /// Records that so many events, or one digest, were sent: by leave of `admit`, or within `room`.
    package mutating func sent(_ count: Int, at uptime: Duration) {
        // After an overflow the next window is for `admit` to open: its first word is the digest.
        if !overflowed, windowStart.map({ uptime - $0 >= Self.minute }) ?? true {
            windowStart = uptime
            told = 0
        }
        told += count
    }
}

extension Event {
    /// The digest that stands for `events`, which are all of one sink: how many of what, and a line for each.
    package static func digest(of events: [QueuedEvent], id: ULID, at now: Timestamp, node: String) -> Event {
        // What a replaced tombstone or digest named, nobody else names any more.
        let sequences = events.reduce(into: SequenceRanges([])) { $0.formUnion($1.sequences) }
        let firing = events.count { $0.event.status == .firing }
        let resolved = events.count { $0.event.status == .resolved }
        var digest = Event(
            id: id,
            time: now,
            kind: .digest,
            reason: .flood,
            node: node,
            summary: "\(events.count) more events within a minute: \(firing) firing, \(resolved) resolved"
        )
        digest.severity = events.filter { $0.event.status == .firing }.compactMap(\.event.severity).max()
        digest.annotations["count"] = String(events.count)
        digest.annotations["sequences"] = sequences.description
        digest.annotations["events"] = events.map { DigestList.line(for: $0.event) }.joined(separator: "\n")
        return digest
    }
}
