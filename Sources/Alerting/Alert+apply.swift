package import Basics

/// What all rules on one measure say together of one observation.
package struct Verdict: Sendable, Equatable {
    /// The worst judgement of rules whose condition held long enough.
    package var judgement: Judgement
    /// The worst breach that has not held long enough yet.
    package var waiting: Severity?
    /// How many occurrences the observation brought.
    package var occurrences: Int

    package init(_ judgement: Judgement, waiting: Severity? = nil, occurrences: Int = 0) {
        self.judgement = judgement
        self.waiting = waiting
        self.occurrences = occurrences
    }
}

extension Alert {
    /// Moves the alert on by one verdict; says what happened, and nothing else.
    package mutating func apply(_ verdict: Verdict, at now: Timestamp, policy: AlertPolicy) -> Transition? {
        switch verdict.judgement {
        case .breach(let severity, _): breach(severity, occurrences: verdict.occurrences, at: now, policy: policy)
        case .unknown: nil
        case .ok:
            if let waiting = verdict.waiting { wait(waiting, at: now) } else { recover(at: now, policy: policy) }
        }
    }

    /// Ends the alert because its target is no more; nil where nothing was told of it.
    package mutating func vanish(at now: Timestamp) -> Transition? {
        guard firing != nil else {
            state = .inactive
            return nil
        }
        end(at: now)
        return .gone
    }

    private mutating func breach(
        _ severity: Severity,
        occurrences: Int,
        at now: Timestamp,
        policy: AlertPolicy
    ) -> Transition? {
        guard case .firing(let former, let since) = state else {
            state = .firing(severity, since: now)
            highestSeverity = severity
            firedAt = now
            resolvedAt = nil
            wellSince = nil
            lastSeverity = severity
            pendingBootID = nil
            untoldOccurrences = 0
            lastOccurrenceToldAt = occurrences > 0 ? now : nil
            return .fired
        }
        wellSince = nil
        state = .firing(severity, since: since)
        lastSeverity = severity
        highestSeverity = max(highestSeverity ?? severity, severity)
        untoldOccurrences = min(untoldOccurrences, .max / 2) + min(occurrences, .max / 2)
        if former != severity {
            if untoldOccurrences > 0 { lastOccurrenceToldAt = now }
            untoldOccurrences = 0
            return .severityChanged(from: former, to: severity)
        }
        guard untoldOccurrences > 0, mayTellOccurrence(at: now, policy: policy) else { return nil }
        let count = untoldOccurrences
        untoldOccurrences = 0
        lastOccurrenceToldAt = now
        return .occurred(count)
    }

    /// A clock that stepped back holds nothing up.
    private func mayTellOccurrence(at now: Timestamp, policy: AlertPolicy) -> Bool {
        guard let last = lastOccurrenceToldAt, last <= now else { return true }
        return now.since(last) >= policy.occurrenceInterval
    }

    private mutating func wait(_ severity: Severity, at now: Timestamp) -> Transition? {
        switch state {
        case .inactive:
            state = .pending(severity, since: now)
            return .pending
        case .pending(_, let since):
            state = .pending(severity, since: since)
            return nil
        case .firing:
            wellSince = nil
            return nil
        }
    }

    private mutating func recover(at now: Timestamp, policy: AlertPolicy) -> Transition? {
        guard firing != nil else {
            state = .inactive
            return nil
        }
        let since = min(wellSince ?? now, now)
        wellSince = since
        guard now.since(since) >= policy.clearAfter else { return nil }
        end(at: now)
        return .resolved
    }

    private mutating func end(at now: Timestamp) {
        state = .inactive
        resolvedAt = now
        wellSince = nil
        lastOccurrenceToldAt = nil
        untoldOccurrences = 0
    }
}
