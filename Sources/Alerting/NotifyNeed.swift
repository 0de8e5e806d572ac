package import Basics

/// Whether a sink needs telling about an alert now.
package enum NotifyNeed: Sendable, Equatable {
    case nothing
    case tell(Event.Reason)
    /// It would be told, were it not muted.
    case muted(Event.Reason, by: Mute)
}

/// Compares how an alert stands with what the sink was last asked to tell (S1): level-triggered, so that nothing depends
/// on having watched the edge.
///
/// Never two firings without a resolve between, and no resolve of what the sink never heard of. A resolve is never muted:
/// what was told as open must be told as over.
///
/// - Parameters:
///   - alert: The alert as it stands.
///   - last: What was last enqueued for the sink.
///   - transition: What just happened to the alert; nil on a timer, at a start, when a mute or a reload ends.
///   - mute: What mutes the alert now.
///   - wasMuted: Whether something muted it until now.
///   - repeatEvery: After what time a firing alert is told again.
///   - now: The present.
/// - Returns: What to do, with the reason for the event.
package func notifyNeed(
    for alert: Alert,
    last: NotificationRecord?,
    transition: Transition? = nil,
    mute: Mute? = nil,
    wasMuted: Bool = false,
    repeatEvery: Duration? = nil,
    at now: Timestamp
) -> NotifyNeed {
    guard let severity = alert.firing else {
        guard last?.severity != nil, alert.state == .inactive else { return .nothing }
        return .tell(transition == .gone ? .gone : .resolved)
    }
    let reason: Event.Reason
    switch (last?.severity, transition) {
    case (nil, .fired): reason = .fired
    case (nil, .severityChanged): reason = .severityChanged
    // A sink that is new, or heard nothing so far for another reason, hears of the firing as the others did.
    case (nil, _): reason = wasMuted ? .silenceEnded : .fired
    case (let told?, let transition) where told != severity:
        if case .severityChanged = transition {
            reason = .severityChanged
        } else {
            reason = wasMuted ? .silenceEnded : .severityChanged
        }
    case (_, .occurred): reason = .occurred
    case (_, _):
        guard let repeatEvery, let last else { return .nothing }
        // A clock that was set back by more than the interval must not hold reminders back until it catches up.
        let age = now.since(last.at)
        guard age >= repeatEvery || age <= .zero - repeatEvery else { return .nothing }
        reason = .reminder
    }
    return mute.map { .muted(reason, by: $0) } ?? .tell(reason)
}
