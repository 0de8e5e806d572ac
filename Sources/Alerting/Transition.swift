package import Basics

/// What happened to an alert when a judgement was applied.
package enum Transition: Sendable, Equatable {
    /// The condition holds, but not for long enough yet: a state, never an event (S16).
    case pending
    case fired
    case severityChanged(from: Severity, to: Severity)
    /// So many new occurrences on an alert that fires already (S12).
    case occurred(Int)
    case resolved
    /// The target is no more.
    case gone
}

extension Transition {
    /// The reason of the event that tells it; nil where nothing is told.
    package var reason: Event.Reason? {
        switch self {
        case .pending: nil
        case .fired: .fired
        case .severityChanged: .severityChanged
        case .occurred: .occurred
        case .resolved: .resolved
        case .gone: .gone
        }
    }
}

/// One alert's transition within a step, with the alert as it stands afterwards.
package struct Change: Sendable, Equatable {
    package var alert: Alert
    package var transition: Transition

    package init(alert: Alert, transition: Transition) {
        self.alert = alert
        self.transition = transition
    }
}

/// What the book did with one sweep or reload: the transitions, and the state to keep.
package struct Step: Sendable, Equatable {
    package var changes: [Change] = []
    /// State only; `Telling.decide` adds the events.
    package var decision = Decision()

    package init() {}

    /// Joins a later step, so that both are kept in one transaction.
    package mutating func add(_ later: Step) {
        changes += later.changes
        let alerts = Set(later.decision.alerts.map(\.id)).union(later.decision.forgotten)
        decision.alerts.removeAll { alerts.contains($0.id) }
        decision.forgotten.removeAll { alerts.contains($0) }
        decision.alerts += later.decision.alerts
        decision.forgotten += later.decision.forgotten
        let memories = Set(later.decision.memories.map(\.key)).union(later.decision.forgottenMemories)
        decision.memories.removeAll { memories.contains($0.key) }
        decision.forgottenMemories.removeAll { memories.contains($0) }
        decision.memories += later.decision.memories
        decision.forgottenMemories += later.decision.forgottenMemories
        decision.swept.merge(later.decision.swept) { max($0, $1) }
    }
}
