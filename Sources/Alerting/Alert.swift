package import Basics

/// What an alert is about: stable for ever, across restarts and re-creation of the watchdog.
package struct AlertID: Hashable, Sendable, Codable, Comparable {
    package var check: CheckID
    package var measure: String
    package var target: Target

    package init(check: CheckID, measure: String, target: Target) {
        self.check = check
        self.measure = measure
        self.target = target
    }

    package static func < (left: AlertID, right: AlertID) -> Bool {
        (left.check, left.measure, left.target) < (right.check, right.measure, right.target)
    }
}

/// The memory of one (check, target, measure).
package struct Alert: Sendable, Equatable, Codable {
    /// Where the alert stands; the names are Prometheus's.
    package enum State: Sendable, Equatable, Codable {
        case inactive
        case pending(Severity, since: Timestamp)
        case firing(Severity, since: Timestamp)
    }

    package let id: AlertID
    package var state: State = .inactive
    /// The worst severity since the alert fired (S6).
    package var highestSeverity: Severity?
    /// What was last observed, for people and for events.
    package var summary = ""
    package var value: Double?
    package var stateName: String?
    package var threshold: String?
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
    package var runbook: String?
    /// Since when the observations have been well while the alert still fires (`clear_after`).
    package var wellSince: Timestamp?
    /// How many complete sweeps in a row the target was missing.
    package var missedSweeps = 0
    /// When an `occurred` event was last made, and how many occurrences came since (S12).
    package var lastOccurrenceToldAt: Timestamp?
    package var untoldOccurrences = 0
    /// The boot in which a pending state began: it counts across a restart only on the same boot (S14).
    package var pendingBootID: String?
    /// When it last fired and resolved, and how severe it last was: what the event of its end tells.
    package var firedAt: Timestamp?
    package var resolvedAt: Timestamp?
    package var lastSeverity: Severity?

    package init(id: AlertID) {
        self.id = id
    }

    /// When it began to wait or to fire; nil while inactive.
    var since: Timestamp? {
        switch state {
        case .inactive: nil
        case .pending(_, let since), .firing(_, let since): since
        }
    }

    /// The severity while firing, else nil.
    package var firing: Severity? {
        if case .firing(let severity, _) = state { severity } else { nil }
    }
}
