package import Alerting
package import Checks
import DockerEngine
import Settings

/// One engine whose containers are watched: an instance of `docker`.
package struct WatchedEngine: Sendable {
    package let check: CheckID
    package let settings: DockerCheck.Settings
    /// How containers are chosen and judged, their own labels included.
    package let options: ContainerOptions
    /// Equal as long as nothing about the engine or the choice of containers changed.
    package let fingerprint: String
    /// What events and the log call it, where there are several.
    package let label: String?

    /// Whether this machine's boot is that of its containers: one with a name at a port is another machine's, as far as
    /// anybody knows.
    package var isHere: Bool { check.instance == nil || (try? settings.address())?.isSocket ?? false }

    /// Those that are switched on, the one without a name first.
    static func all(in resolution: Resolution) -> [WatchedEngine] {
        let instances = Configuration.running(DockerCheck.self, in: resolution)
        return instances.map { instance in
            WatchedEngine(
                check: CheckID(DockerCheck.kind, instance: instance.name),
                settings: instance.settings,
                options: instance.settings.options(resolution, ConfigurationCatalogue.ofContainer, instance.name),
                fingerprint: "\(instance.fingerprint) \(instances.count > 1)",
                label: instances.count > 1 ? instance.name ?? DockerCheck.kind : nil
            )
        }
    }
}
