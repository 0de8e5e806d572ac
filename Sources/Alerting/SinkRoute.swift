package import Basics

/// Which events a sink wants: its filters (S6) and whether it hears of the watchdog's own life (S10).
package struct SinkRoute: Sendable, Equatable {
    package var sink: SinkID
    /// The least severity that counts; measured on the highest since the alert fired.
    package var minSeverity: Severity = .info
    /// `label=glob`: every one must fit; the same names as a silence's matchers.
    package var matchers: [String: String] = [:]
    /// Whether a resolve is told.
    package var sendResolved = true
    /// Whether lifecycle events are told.
    package var lifecycle = true

    package init(sink: SinkID) {
        self.sink = sink
    }
}

extension SinkRoute {
    /// Whether the sink is to hear of the alert.
    ///
    /// The severity is the highest since the alert fired (S6). Whoever was told of it hears how it goes on and ends,
    /// whatever has become of the labels since.
    func wants(_ alert: Alert, told: Bool, node: String) -> Bool {
        guard !alert.isAbout(sink: sink) else { return false }
        if told { return true }
        guard let highest = alert.highestSeverity, highest >= minSeverity else { return false }
        return alert.fits(matchers, severity: highest, node: node)
    }
}
