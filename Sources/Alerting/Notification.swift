package import Basics

/// What one sink was last asked to tell about one alert (S1): written when enqueued, not when accepted.
package struct NotificationRecord: Sendable, Equatable, Codable {
    package var alert: AlertID
    package var sink: SinkID
    /// The severity that was last enqueued; nil once a resolve was.
    package var severity: Severity?
    package var at: Timestamp

    package init(alert: AlertID, sink: SinkID, severity: Severity?, at: Timestamp) {
        self.alert = alert
        self.sink = sink
        self.severity = severity
        self.at = at
    }
}

/// What keeps a notification back.
package enum Mute: Sendable, Equatable {
    case silence(id: String)
    case inhibition(by: AlertID)
}

/// An operator's temporary mute, by matchers on labels.
package struct Silence: Sendable, Equatable, Codable {
    /// `name=glob`: every one must fit.
    ///
    /// Names: `check`, `kind`, `measure`, `target`, `severity`, or a label's.
    package var id: ULID
    package var matchers: [String: String]
    package var startsAt: Timestamp
    package var endsAt: Timestamp
    package var comment: String
    package var author: String

    package init(
        id: ULID,
        matchers: [String: String],
        startsAt: Timestamp,
        endsAt: Timestamp,
        comment: String,
        author: String
    ) {
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.comment = comment
        self.author = author
    }
}
