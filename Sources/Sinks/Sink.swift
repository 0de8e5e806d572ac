package import Alerting
package import Basics
package import Curl
package import Settings

/// Where notifications go.
///
/// A sink's only verdict is: accepted, worth another attempt, or never.
package protocol Sink: Sendable {
    associatedtype Settings: SettingsGroup

    /// The key in YAML and the first segment of the sink's name.
    static var kind: String { get }
    /// What it does, in one sentence.
    static var summary: String { get }
    /// Whether it may be configured once or any number of times.
    static var instances: Instances { get }
    /// Whether it runs without any configuration.
    static var runsByDefault: Bool { get }

    init(_ settings: Settings, tools: SinkTools)

    /// How the dispatcher queues for it.
    var policy: DeliveryPolicy { get }

    /// Tells all events of a delivery, in order; returns when they are accepted.
    ///
    /// - Throws: `DeliveryError`; its text never holds a secret.
    func deliver(_ delivery: Delivery) async throws(DeliveryError)
}

/// What every sink is made with.
package struct SinkTools: Sendable {
    package var curl: CurlLoop
    package var time: any TimeSource
    /// This build's.
    package var version: String
    /// `custos/<version>`.
    package var userAgent: String { "custos/\(version)" }

    package init(curl: CurlLoop, time: any TimeSource, version: String) {
        self.curl = curl
        self.time = time
        self.version = version
    }
}

/// How deliveries to a sink are made, repeated and given up.
package struct DeliveryPolicy: Sendable, Equatable {
    /// The most events in one delivery; at least one.
    package var batchMax = 1 { didSet { batchMax = max(1, batchMax) } }
    /// Events a minute before the rest becomes a digest (S9); nil for no limit.
    package var maxPerMinute: Int?
    /// The age at which an event that was not accepted is given up; nil for never.
    package var maxAge: Duration?
    /// Whether what was queued before a restart is still told (S7).
    package var replaysBacklog = true

    package init() {}
}
