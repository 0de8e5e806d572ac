package import Basics

/// Where the status server gets what it shows: closures over what the daemon knows, so that no request starts any work.
package struct StatusSource: Sendable {
    /// A verdict and, for people, its reason.
    package typealias Verdict = (isGood: Bool, reason: String)

    /// Whether the loops make progress.
    package var live: @Sendable () async -> Verdict
    /// Whether the first sweeps are done and the state is opened.
    package var ready: @Sendable () async -> Verdict
    /// The metrics in Prometheus' text format.
    package var metrics: @Sendable () async -> String
    /// The last sweeps' report, schema `custos.report/1`.
    package var report: @Sendable () async -> JSON
    /// The alerts that are pending or firing.
    package var alerts: @Sendable () async -> JSON

    package init(
        live: @escaping @Sendable () async -> Verdict,
        ready: @escaping @Sendable () async -> Verdict,
        metrics: @escaping @Sendable () async -> String,
        report: @escaping @Sendable () async -> JSON,
        alerts: @escaping @Sendable () async -> JSON
    ) {
        self.live = live
        self.ready = ready
        self.metrics = metrics
        self.report = report
        self.alerts = alerts
    }
}
