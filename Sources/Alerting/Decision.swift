package import Basics

/// All that one step changed: what the journal writes in one transaction (S1).
package struct Decision: Sendable, Equatable {
    /// Alerts whose memory changed.
    package var alerts: [Alert] = []
    /// Alerts that need no memory any more.
    package var forgotten: [AlertID] = []
    /// Rule memories that changed.
    package var memories: [RuleMemory] = []
    /// Rule memories whose target is gone or whose rule is no more.
    package var forgottenMemories: [RuleKey] = []
    /// What changed, muted or not.
    package var events: [Event] = []
    /// Which sink is to tell which of the events, in order.
    package var notices: [Notice] = []
    /// What each sink was asked to tell.
    package var records: [NotificationRecord] = []
    /// Checks that completed a sweep, and when: for rates of absence across a restart.
    package var swept: [CheckID: Timestamp] = [:]
    /// Notifications that were kept back, and by what: counted and shown, never written.
    package var suppressed: [Suppression] = []

    package init() {}

    package var isEmpty: Bool {
        alerts.isEmpty && forgotten.isEmpty && memories.isEmpty && forgottenMemories.isEmpty && events.isEmpty
            && notices.isEmpty && records.isEmpty && swept.isEmpty
    }

    /// Whether there is nothing to tell, so that the disk may have it later.
    package var isQuiet: Bool { events.isEmpty && notices.isEmpty && records.isEmpty }
}

/// One event that a sink did not get because something mutes its alert.
package struct Suppression: Sendable, Equatable {
    package var sink: SinkID
    package var event: ULID
    package var mute: Mute

    package init(sink: SinkID, event: ULID, mute: Mute) {
        self.sink = sink
        self.event = event
        self.mute = mute
    }
}

/// One event for one sink.
package struct Notice: Sendable, Equatable {
    package var sink: SinkID
    package var event: ULID

    package init(sink: SinkID, event: ULID) {
        self.sink = sink
        self.event = event
    }
}

/// Whose memory it is: one rule on one target.
package struct RuleKey: Hashable, Sendable, Codable {
    package var alert: AlertID
    /// `Rule.name`.
    package var rule: String

    package init(alert: AlertID, rule: String) {
        self.alert = alert
        self.rule = rule
    }
}

/// What one rule remembers of one target.
package struct RuleMemory: Sendable, Equatable, Codable {
    package var key: RuleKey
    package var memory: Rule.Memory

    package init(key: RuleKey, memory: Rule.Memory) {
        self.key = key
        self.memory = memory
    }
}
