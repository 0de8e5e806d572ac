import Basics

/// While one alert fires, others are not told: their cause is known.
package struct Inhibition: Sendable, Equatable {
    /// What must fire, by the same matchers as a silence's.
    package var source: [String: String]
    /// What is muted meanwhile.
    package var muted: [String: String]

    package init(while source: [String: String], mutes muted: [String: String]) {
        self.source = source
        self.muted = muted
    }

    /// An engine that cannot be reached mutes its containers: nothing is known of them.
    package static let standard = [
        Inhibition(
            while: ["kind": "docker", "measure": "docker_engine_reachable"],
            mutes: ["kind": "docker", "measure": "container_*"]
        )
    ]
}

/// What inhibits what at one moment.
struct Blast {
    /// All that fire.
    let firing: [Alert]
    private let sources: [(inhibition: Inhibition, alerts: [Alert])]
    let node: String

    init(firing: [Alert], inhibitions: [Inhibition], node: String) {
        self.firing = firing
        self.node = node
        // Once a decision, not once an alert: in a storm there are many of both.
        sources = inhibitions.map { inhibition in
            (inhibition, firing.filter { $0.fits(inhibition.source, severity: $0.firing, node: node) })
        }
    }

    /// The alert whose firing mutes this one, if any.
    ///
    /// Two that would mute each other both speak.
    func inhibitor(of alert: Alert, dependsOn: (CheckID) -> [String]) -> AlertID? {
        for (inhibition, alerts) in sources where !alerts.isEmpty && isMuted(alert, by: inhibition) {
            let source = alerts.first {
                $0.id != alert.id && !(isMuted($0, by: inhibition) && alerts.contains { $0.id == alert.id })
            }
            if let source { return source.id }
        }
        let needed = dependsOn(alert.id.check)
        guard !needed.isEmpty else { return nil }
        return firing.first { source in
            source.id != alert.id && source.isNamed(in: needed) && !alert.isNamed(in: dependsOn(source.id.check))
        }?.id
    }

    private func isMuted(_ alert: Alert, by inhibition: Inhibition) -> Bool {
        alert.fits(inhibition.muted, severity: alert.firing, node: node)
    }
}

extension Alert {
    /// Whether a list of checks or `check/target` names it.
    fileprivate func isNamed(in names: [String]) -> Bool {
        let check = id.check.description
        return names.contains { $0 == check || $0 == "\(check)/\(id.target.name)" }
    }
}
