import Basics

extension Event {
    /// The event that tells how an alert stands, in words for somebody who was just woken.
    init(_ id: ULID, about alert: Alert, reason: Reason, transition: Transition?, node: String, at now: Timestamp) {
        self.init(id: id, time: now, kind: .alert, reason: reason, node: node, summary: "")
        let firing = alert.firing
        status = firing == nil ? .resolved : .firing
        severity = firing ?? alert.lastSeverity ?? alert.highestSeverity
        if case .severityChanged(let former, _) = transition { previousSeverity = former }
        check = alert.id.check.description
        checkKind = alert.id.check.kind
        measure = alert.id.measure
        target = alert.id.target.name.safe(limit: 256)
        fingerprint = alert.id.fingerprint
        value = alert.value
        state = alert.stateName
        threshold = alert.threshold
        startsAt = alert.firedAt
        // Receivers refuse an end before the start, which a clock that was set back would give.
        endsAt = firing == nil ? max(alert.resolvedAt ?? now, alert.firedAt ?? alert.resolvedAt ?? now) : nil
        labels = alert.labels.merging(alert.id.target.identity.safe(most: 64, valueLimit: 256)) { own, _ in own }
        annotations = alert.annotations
        if case .occurred(let count) = transition { annotations["occurrences"] = String(count) }
        runbook = alert.runbook
        summary = Self.summary(of: alert, reason: reason, transition: transition, at: now)
    }

    private static func summary(
        of alert: Alert,
        reason: Reason,
        transition: Transition?,
        at now: Timestamp
    ) -> String {
        let said =
            alert.summary.isEmpty ? "\(alert.id.measure) of \(alert.id.target.name.safe(limit: 200))" : alert.summary
        let lasted = alert.firedAt.map { max(now.since($0), .zero).rough }
        switch reason {
        case .resolved:
            return lasted.map { "Resolved after \($0): \(said)" } ?? "Resolved: \(said)"
        case .gone:
            let target = alert.id.target.name.safe(limit: 200)
            if let why = alert.annotations["configuration"] { return "No longer watched, \(why): \(said)" }
            return "\(target) is gone, last known: \(said)"
        case .severityChanged:
            if case .severityChanged(let former, let severity) = transition {
                return "\(severity > former ? "Worse" : "Better"), now \(severity.rawValue): \(said)"
            }
            return said
        case .occurred:
            if case .occurred(let count) = transition, count > 1 { return "\(count) more times: \(said)" }
            return "Again: \(said)"
        case .reminder:
            return lasted.map { "Still so after \($0): \(said)" } ?? said
        case .silenceEnded:
            return lasted.map { "Not muted any more, and so for \($0): \(said)" } ?? said
        default:
            return said
        }
    }
}
