import Alerting
import Basics
import FoundationEssentials
import Journal
import SQLite
import TestSupport

extension TemporaryFolder {
    var journal: String { file("journal.db") }

    /// What a `kill -9` would leave at this moment, as a journal of another name.
    func crashed(_ journal: String? = nil, as name: String) throws -> String {
        let source = String((journal ?? self.journal).dropFirst(path.count + 1))
        for ending in ["", "-wal"] where names.contains(source + ending) {
            try write(name + ending, try bytes(source + ending))
        }
        return file(name)
    }
}

/// Makes events and decisions with rising ids.
struct Samples {
    var ulids = ULID.Generator()
    let time: ManualTime

    init(_ time: ManualTime) { self.time = time }

    static func id(_ target: String) -> AlertID {
        AlertID(check: CheckID("docker"), measure: "container_health", target: Target(target))
    }

    mutating func event(_ reason: Event.Reason = .fired, target: String = "web") -> Event {
        var event = Event(
            id: ulids.next(at: time.now),
            time: time.now,
            kind: .alert,
            reason: reason,
            node: "edge-7",
            summary: "Container \(target): \(reason.rawValue)"
        )
        event.target = target
        event.labels = ["image": "nginx \"quoted\"\u{1B}"]
        return event
    }

    /// An alert that fires, told to `sinks`.
    mutating func decision(
        _ reason: Event.Reason = .fired,
        target: String = "web",
        sinks: [SinkID] = ["webhook"]
    ) -> Decision {
        var decision = Decision()
        var alert = Alert(id: Self.id(target))
        if reason != .resolved { alert.state = .firing(.critical, since: time.now) }
        alert.value = .infinity
        let event = event(reason, target: target)
        decision.alerts = [alert]
        decision.events = [event]
        decision.notices = sinks.map { Notice(sink: $0, event: event.id) }
        decision.records = sinks.map {
            NotificationRecord(
                alert: alert.id,
                sink: $0,
                severity: reason == .resolved ? nil : .critical,
                at: time.now
            )
        }
        return decision
    }
}

extension Journal {
    /// Opens, for tests that are not about opening.
    static func opened(
        _ path: String? = nil,
        _ time: ManualTime,
        limits: JournalLimits = JournalLimits()
    ) async -> Journal {
        await Journal.open(at: path.map { .file($0) } ?? .memory, time: time, bootID: "boot-1", limits: limits).journal
    }

    /// Attempts and accepts everything that waits; gives the events in the order of telling.
    func drain(_ sink: SinkID) -> [QueuedEvent] {
        var told: [QueuedEvent] = []
        while let delivery = frozen(sink)
            ?? pending(sink, limit: 100).last.flatMap({
                freeze(sink, through: $0.placement.sequence)
            })
        {
            told += delivery.events
            delivered(delivery)
        }
        return told
    }
}

extension Array {
    /// `map` for one call after another.
    func asyncMap<Value>(_ transform: (Element) async -> Value) async -> [Value] {
        var values: [Value] = []
        for element in self { values.append(await transform(element)) }
        return values
    }
}
