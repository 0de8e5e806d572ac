package import Alerting
package import Basics
package import Settings

/// What all sinks have in common: which events they hear.
package struct SinkSettings: SettingsGroup, Equatable {
    package var minSeverity = Severity.info
    package var match: [String: Glob] = [:]
    package var sendResolved = true
    package var lifecycle = true

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field("min_severity", \.minSeverity, "Tell only alerts that were at least this bad since they fired.")
            Field(
                "match",
                \.match,
                "Tell only alerts whose check, kind, measure, target, severity or labels fit all of these."
            )
            Field("send_resolved", \.sendResolved, "Tell when an alert is over.")
            Field("lifecycle", \.lifecycle, "Tell of the watchdog itself: started, stopping, configuration reloaded.")
        }
    }

    /// The same as the alerting pipeline reads it.
    package func route(to sink: SinkID) -> SinkRoute {
        var route = SinkRoute(sink: sink)
        route.minSeverity = minSeverity
        route.matchers = match.mapValues(\.description)
        route.sendResolved = sendResolved
        route.lifecycle = lifecycle
        return route
    }
}
