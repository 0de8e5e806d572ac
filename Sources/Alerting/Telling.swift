package import Basics

/// Decides who is told what: route, inhibition, silence, reason, outbox.
///
/// Pure; one beside each alert book.
package struct Telling: Sendable {
    package var node: String
    package var routes: [SinkRoute]
    package var silences: [Silence]
    package var inhibitions: [Inhibition]
    /// Notifications kept back so far, by what did it.
    package private(set) var suppressed = ["silence": 0, "inhibition": 0]

    /// What each sink was last asked to tell and has not been told to be over.
    private(set) var records: [AlertID: [SinkID: NotificationRecord]] = [:]
    package var allRecords: [NotificationRecord] { records.values.flatMap(\.values) }

    /// Forgets what a sink was asked to tell: it hears of what fires once more.
    package mutating func forgetRecords(of sink: SinkID) {
        for alert in records.keys { records[alert]?[sink] = nil }
        records = records.filter { !$0.value.isEmpty }
    }

    /// Firing alerts of which something was kept back.
    private var keptBack: Set<AlertID> = []
    private var ids = ULID.Generator()

    package init(
        node: String,
        routes: [SinkRoute],
        silences: [Silence] = [],
        inhibitions: [Inhibition] = Inhibition.standard,
        records: [NotificationRecord] = [],
        lastID: ULID? = nil
    ) {
        self.node = node
        self.routes = routes
        self.silences = silences
        self.inhibitions = inhibitions
        if let lastID { ids.skip(past: lastID) }
        for record in records where record.severity != nil {
            self.records[record.alert, default: [:]][record.sink] = record
        }
    }

    /// Makes the decision of a step: every transition becomes an event, muted or not, and a notice for each sink that
    /// needs it.
    package mutating func decide(_ step: Step, book: AlertBook, at now: Timestamp) -> Decision {
        var decision = step.decision
        guard !step.changes.isEmpty else { return decision }
        let round = Round(book: book, telling: self)
        for change in step.changes where change.transition.reason != nil {
            tell(change.alert, change.transition, round, at: now, into: &decision)
        }
        if !keptBack.isEmpty, step.changes.contains(where: \.mayEndInhibition) {
            revisit(round, at: now, into: &decision)
        }
        return decision
    }

    /// Compares all that fires with what the sinks were told: at a start, after a reload, when a silence began or ended,
    /// and at `nextRevisit`.
    package mutating func revisit(_ book: AlertBook, at now: Timestamp) -> Decision {
        var decision = Decision()
        let round = Round(book: book, telling: self)
        revisit(round, at: now, into: &decision)
        return decision
    }

    /// When `revisit` has something to do by the mere passing of time; nil for never.
    package func nextRevisit(_ book: AlertBook, after now: Timestamp) -> Timestamp? {
        let edges = silences.flatMap { [$0.startsAt, $0.endsAt] }.filter { $0 > now }
        let sinks = Set(routes.map(\.sink))
        let reminders = records.flatMap { id, told in
            guard let span = book.policy(of: id.check)?.repeatEvery, book.alert(id)?.firing != nil else {
                return [Timestamp]()
            }
            // One that is overdue waits for a mute to end, which is an edge of its own.
            return told.values.filter { sinks.contains($0.sink) }.map { $0.at + span }.filter { $0 > now }
        }
        return (edges + reminders).min()
    }

    /// What mutes an alert now, if anything does.
    package func mute(of alert: Alert, book: AlertBook, at now: Timestamp) -> Mute? {
        Round(book: book, telling: self).mute(of: alert, silences, at: now)
    }

    /// An event about the watchdog itself, for every sink that hears of such things (S10).
    ///
    /// - Parameters:
    ///   - reason: What happened.
    ///   - summary: The same in one sentence.
    ///   - severity: How bad it is, if it is.
    ///   - annotations: Evidence for people.
    ///   - except: The sink that the event is about (S5).
    ///   - now: The present.
    /// - Returns: The decision to commit.
    package mutating func announce(
        _ reason: Event.Reason,
        summary: String,
        severity: Severity? = nil,
        annotations: [String: String] = [:],
        except: SinkID? = nil,
        at now: Timestamp
    ) -> Decision {
        var event = Event(
            id: ids.next(at: now),
            time: now,
            kind: .lifecycle,
            reason: reason,
            node: node,
            summary: summary.safe(limit: 512)
        )
        event.severity = severity
        event.annotations = annotations.safeEvidence()
        var decision = Decision()
        decision.events = [event]
        decision.notices = routes.filter { $0.lifecycle && $0.sink != except }.map {
            Notice(sink: $0.sink, event: event.id)
        }
        return decision
    }
}

extension Telling {
    /// What stays the same while one decision is made.
    private struct Round {
        let book: AlertBook
        let blast: Blast

        init(book: AlertBook, telling: Telling) {
            self.book = book
            blast = Blast(firing: book.firing, inhibitions: telling.inhibitions, node: telling.node)
        }

        /// Inhibition before silence: what the cause explains needs no operator.
        func mute(of alert: Alert, _ silences: [Silence], at now: Timestamp) -> Mute? {
            guard alert.firing != nil else { return nil }
            let inhibitor = blast.inhibitor(of: alert) { book.policy(of: $0)?.dependsOn ?? [] }
            if let inhibitor { return .inhibition(by: inhibitor) }
            return silences.first { $0.mutes(alert, node: blast.node, at: now) }.map {
                .silence(id: $0.id.description)
            }
        }
    }

    /// The pipeline: route → inhibition → silence → reason → outbox.
    private mutating func tell(
        _ alert: Alert,
        _ transition: Transition?,
        _ round: Round,
        at now: Timestamp,
        into decision: inout Decision
    ) {
        let told = records[alert.id] ?? [:]
        let mute = round.mute(of: alert, silences, at: now)
        let wasMuted = mute == nil && wasMuted(alert, at: now)
        let repeatEvery = round.book.policy(of: alert.id.check)?.repeatEvery
        var events: [Event.Reason: ULID] = [:]
        if let reason = transition?.reason {
            // An edge is kept whoever hears of it.
            events[reason] = add(alert, reason, transition, at: now, to: &decision)
        }
        for route in routes where route.wants(alert, told: told[route.sink] != nil, node: node) {
            let need = notifyNeed(
                for: alert,
                last: told[route.sink],
                transition: transition,
                mute: mute,
                wasMuted: wasMuted,
                repeatEvery: repeatEvery,
                at: now
            )
            switch need {
            case .nothing: break
            case .muted(let reason, let mute):
                keptBack.insert(alert.id)
                // Counted once, when it happens: a later look at the same silence keeps nothing more back.
                if transition != nil, let event = events[reason] ?? events.values.first {
                    decision.suppressed.append(Suppression(sink: route.sink, event: event, mute: mute))
                    suppressed[mute.word, default: 0] += 1
                }
            case .tell(let reason):
                let event = events[reason] ?? add(alert, reason, transition, at: now, to: &decision)
                events[reason] = event
                if alert.firing != nil || route.sendResolved {
                    decision.notices.append(Notice(sink: route.sink, event: event))
                }
                enqueue(alert, route.sink, at: now, into: &decision)
            }
        }
        if alert.firing == nil {
            close(alert.id, at: now, into: &decision)
        } else if mute == nil {
            keptBack.remove(alert.id)
        }
    }

    private mutating func add(
        _ alert: Alert,
        _ reason: Event.Reason,
        _ transition: Transition?,
        at now: Timestamp,
        to decision: inout Decision
    ) -> ULID {
        let id = ids.next(at: now)
        decision.events.append(
            Event(id, about: alert, reason: reason, transition: transition, node: node, at: now)
        )
        return id
    }

    /// Records what was enqueued, in the decision that enqueues it (S1).
    private mutating func enqueue(_ alert: Alert, _ sink: SinkID, at now: Timestamp, into decision: inout Decision) {
        let record = NotificationRecord(alert: alert.id, sink: sink, severity: alert.firing, at: now)
        decision.records.removeAll { $0.alert == alert.id && $0.sink == sink }
        decision.records.append(record)
        records[alert.id, default: [:]][sink] = alert.firing == nil ? nil : record
    }

    /// An alert that is over leaves no record open, not even of a sink that is no longer configured.
    private mutating func close(_ id: AlertID, at now: Timestamp, into decision: inout Decision) {
        keptBack.remove(id)
        guard let open = records.removeValue(forKey: id) else { return }
        for sink in open.keys.sorted() {
            decision.records.append(NotificationRecord(alert: id, sink: sink, severity: nil, at: now))
        }
    }

    private mutating func revisit(_ round: Round, at now: Timestamp, into decision: inout Decision) {
        for alert in round.blast.firing { tell(alert, nil, round, at: now, into: &decision) }
        // What was told as firing and is not any more, say because memory of it was lost, is told as over.
        for id in records.keys.sorted() where round.book.alert(id)?.firing == nil {
            var lost = Alert(id: id)
            lost.lastSeverity = records[id]?.values.compactMap(\.severity).max()
            tell(lost, nil, round, at: now, into: &decision)
        }
    }

    /// Whether something muted the alert until now: seen by this run, or a silence that ended since the alert fired.
    private func wasMuted(_ alert: Alert, at now: Timestamp) -> Bool {
        if keptBack.contains(alert.id) { return true }
        guard let fired = alert.firedAt else { return false }
        return silences.contains { silence in
            silence.endsAt <= now && silence.endsAt > fired && silence.startsAt < silence.endsAt
                && silence.mutes(alert, node: node, at: max(silence.startsAt, silence.endsAt - .milliseconds(1)))
        }
    }
}

extension Change {
    /// Whether what others were muted by may be over: the alert has ended, or is less severe.
    fileprivate var mayEndInhibition: Bool {
        switch transition {
        case .severityChanged: true
        case .pending: false
        default: alert.firing == nil
        }
    }
}

extension Mute {
    /// Its kind, as a metric's label names it.
    package var word: String {
        switch self {
        case .silence: "silence"
        case .inhibition: "inhibition"
        }
    }
}
