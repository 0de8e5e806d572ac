import Basics

/// While one alert fires, others are not told: their cause is known.
package struct Inhibition: Sendable, Equatable {
    /// What must fire.
    private let source: Matchers
    /// What is muted meanwhile.
    private let muted: Matchers
    /// What must be the same on both: names on the source, with their counterparts on what is muted.
    private let equal: [String: String]

    /// - Parameters:
    ///   - source: What must fire, by the same matchers as a silence's.
    ///   - muted: What is muted meanwhile.
    ///   - equal: What of the source must be what of the muted alert, by the names that matchers have; what one of the
    ///     two does not have is equal to nothing.
    package init(while source: [String: String], mutes muted: [String: String], equal: [String: String] = [:]) {
        self.source = Matchers(source)
        self.muted = Matchers(muted)
        self.equal = equal
    }

    /// What is known to bring others down with it.
    package static let standard = [
        // Of the containers of an engine that cannot be reached nothing is known.
        Inhibition(
            while: ["kind": "docker", "measure": "docker_engine_reachable"],
            mutes: ["kind": "docker", "measure": "container_*"],
            equal: ["check": "check"]
        ),
        // Where the engine's data is nothing can be written: so it is with all that its containers write.
        Inhibition(
            while: ["kind": "disk", "measure": "disk_engine_data"],
            mutes: ["kind": "docker", "measure": "container_*"],
            equal: ["engine_check": "check"]
        ),
        // The same, said by how full the filesystem is.
        Inhibition(
            while: ["kind": "disk", "measure": "disk_engine_data"],
            mutes: ["kind": "disk", "measure": "disk_*used_ratio"],
            equal: ["check": "check", "filesystem": "target"]
        ),
        // A container whose network others live in.
        Inhibition(
            while: ["kind": "docker", "measure": "container_running", "severity": "critical"],
            mutes: ["kind": "docker", "measure": "container_*", "network_of": "?*"],
            equal: ["check": "check", "target": "network_of"]
        ),
    ]

    func isSource(_ alert: Alert, node: String) -> Bool { alert.fits(source, severity: alert.firing, node: node) }

    func canMute(_ alert: Alert, node: String) -> Bool { alert.fits(muted, severity: alert.firing, node: node) }

    func relates(_ source: Alert, to muted: Alert, node: String) -> Bool {
        equal.allSatisfy { name, counterpart in
            let text = source.matchable(name, severity: source.firing, node: node)
            return !text.isEmpty && text == muted.matchable(counterpart, severity: muted.firing, node: node)
        }
    }
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
            (inhibition, firing.filter { inhibition.isSource($0, node: node) })
        }
    }

    /// The alert whose firing mutes this one, if any.
    ///
    /// Two that would mute each other both speak.
    func inhibitor(of alert: Alert, dependsOn: (CheckID) -> [String]) -> AlertID? {
        for (inhibition, alerts) in sources where !alerts.isEmpty && inhibition.canMute(alert, node: node) {
            let isSource = alerts.contains { $0.id == alert.id }
            let source = alerts.first { source in
                guard source.id != alert.id, inhibition.relates(source, to: alert, node: node) else { return false }
                let isMutual = isSource && inhibition.canMute(source, node: node)
                return !(isMutual && inhibition.relates(alert, to: source, node: node))
            }
            if let source { return source.id }
        }
        let needed = dependsOn(alert.id.check)
        guard !needed.isEmpty else { return nil }
        return firing.first { source in
            source.id != alert.id && source.isNamed(in: needed) && !alert.isNamed(in: dependsOn(source.id.check))
        }?.id
    }
}

extension Alert {
    /// Whether a list of checks or `check/target` names it.
    fileprivate func isNamed(in names: [String]) -> Bool {
        let check = id.check.description
        return names.contains { $0 == check || $0 == "\(check)/\(id.target.name)" }
    }
}
