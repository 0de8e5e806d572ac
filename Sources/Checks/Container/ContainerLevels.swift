import Alerting
import Settings

/// Above which numbers a container is in breach, by measure: everybody's, or what labels on one make of them.
package struct ContainerLevels: Sendable, Equatable {
    private var levels: [Measure: Observation.OwnLevels] = [:]

    package init() { self.init(DockerCheck.Settings()) }

    init(_ settings: DockerCheck.Settings) {
        func shares(_ warning: Percent?, _ critical: Percent? = nil) -> Observation.OwnLevels {
            Observation.OwnLevels(warning: warning?.ratio, critical: critical?.ratio)
        }
        func counts(_ warning: Int?, _ critical: Int?) -> Observation.OwnLevels {
            Observation.OwnLevels(warning: warning.map(Double.init), critical: critical.map(Double.init))
        }
        let (stalls, ends) = (settings.pressure, settings.connections)
        levels = [
            .containerMemory: shares(settings.memory.warning, settings.memory.critical),
            .containerQuota: shares(settings.cpuQuota.warning, settings.cpuQuota.critical),
            .containerThrottling: shares(settings.throttling.warning, settings.throttling.critical),
            .containerTasks: shares(settings.pids.warning, settings.pids.critical),
            .containerCPUPressure: shares(stalls.cpu),
            .containerMemoryPressure: shares(stalls.memory),
            .containerIOPressure: shares(stalls.io),
            .containerCloseWait: counts(ends.closeWaitWarning, ends.closeWaitCritical),
            .containerTimeWait: counts(ends.timeWaitWarning, ends.timeWaitCritical),
        ]
    }

    subscript(measure: Measure) -> Observation.OwnLevels? { levels[measure] }

    /// The lower of a measure's levels; nil where it is not judged.
    func least(_ measure: Measure) -> Double? {
        guard let own = levels[measure] else { return nil }
        return [own.warning, own.critical].compactMap(\.self).min()
    }

    /// Whether a number is in breach or not far from it, so that it is looked at more often.
    func isNear(_ measure: Measure, _ value: Observation.Value) -> Bool {
        guard case .number(let number) = value, let least = least(measure) else { return false }
        return number >= 0.9 * least
    }
}

extension DockerCheck.Settings {
    /// How what the kernel counts of each container is judged.
    var limitRules: [Rule] {
        let levels = ContainerLevels(self)
        func rule(_ measure: Measure, for span: Duration) -> Rule {
            Rule(measure, .above(warning: levels[measure]?.warning, critical: levels[measure]?.critical), holdFor: span)
        }
        return [
            rule(.containerMemory, for: memory.span),
            rule(.containerQuota, for: cpuQuota.span),
            rule(.containerThrottling, for: throttling.span),
            rule(.containerTasks, for: .zero),
            rule(.containerCPUPressure, for: pressure.span),
            rule(.containerMemoryPressure, for: pressure.span),
            rule(.containerIOPressure, for: pressure.span),
            rule(.containerCloseWait, for: connections.span),
            rule(.containerTimeWait, for: connections.span),
        ]
    }
}
