package import Basics

/// What the running watchdog answers to the other commands (S33).
package struct ControlSource: Sendable {
    /// Whether sweeps make progress, and a sentence about it.
    package var health: @Sendable () async -> (isHealthy: Bool, reason: String)
    /// The alerts that are not inactive.
    package var alerts: @Sendable () async -> JSON
    /// The one-shot report.
    package var report: @Sendable () async -> JSON
    /// Events, oldest first: at most so many, and only those after an id if one is given.
    package var events: @Sendable (_ limit: Int, _ after: String?) async -> [JSON]
    package var silences: @Sendable () async -> JSON
    /// Adds a silence from its JSON.
    package var addSilence: @Sendable (_ body: [UInt8]) async throws(ControlRefusal) -> JSON
    /// Ends a silence; false when there is none of that id.
    package var expireSilence: @Sendable (_ id: String) async -> Bool
    /// Sends a test event to one sink or all, and says what each answered; nil when there is no such sink.
    package var testSinks: @Sendable (_ name: String?) async -> JSON?
    /// Queues dead letters again and says how many; nil when there is no such sink.
    package var retrySink: @Sendable (_ name: String) async -> Int?

    package init(
        health: @escaping @Sendable () async -> (isHealthy: Bool, reason: String),
        alerts: @escaping @Sendable () async -> JSON,
        report: @escaping @Sendable () async -> JSON,
        events: @escaping @Sendable (_ limit: Int, _ after: String?) async -> [JSON],
        silences: @escaping @Sendable () async -> JSON,
        addSilence: @escaping @Sendable (_ body: [UInt8]) async throws(ControlRefusal) -> JSON,
        expireSilence: @escaping @Sendable (_ id: String) async -> Bool,
        testSinks: @escaping @Sendable (_ name: String?) async -> JSON?,
        retrySink: @escaping @Sendable (_ name: String) async -> Int?
    ) {
        self.health = health
        self.alerts = alerts
        self.report = report
        self.events = events
        self.silences = silences
        self.addSilence = addSilence
        self.expireSilence = expireSilence
        self.testSinks = testSinks
        self.retrySink = retrySink
    }
}

/// A request that cannot be carried out, and why.
package struct ControlRefusal: Error, Sendable {
    package var because: String

    package init(_ because: String) {
        self.because = because
    }
}
