package import Alerting
import Basics
package import DockerEngine
package import Settings

/// Fires when a container dies, crashes, keeps restarting, turns unhealthy or is killed for memory, and when the engine
/// cannot be reached.
///
/// Reads: the engine's event stream and its lists, which `EngineWatcher` follows: a sweep asks the engine nothing (S25);
/// of each container its control group, which `<proc>/<pid>/cgroup` names, below `<sys>/fs/cgroup`, and with a network of
/// its own `<proc>/<pid>/net/{netstat,sockstat,sockstat6}`, where there are many sockets `tcp` and `tcp6`.
/// Unknown when: the engine cannot be reached.
/// Out of sight: what containers use of their limits, without the host's sysfs.
package struct DockerCheck: Check {
    package static let kind = "docker"
    package static let summary = "A container died, keeps restarting, is unhealthy or was killed for memory."
    package static let measures: [Measure] =
        [
            .engineReachable, .containerDeath, .containerRunning, .containerHealth, .containerRestarts, .containerOOM,
            .containerHealRestart, .containerHealing, .dockerHealing, .containerLabels,
        ] + Measure.read

    /// Out of sight where there is no engine and containers are watched without one.
    package static let reachable = Measure.engineReachable
    package static let instances = Instances.both

    /// A second engine is somewhere else.
    package static func missingChoice(_ settings: Settings) -> String? {
        settings.isHostConfigured ? nil : "host"
    }

    /// Thresholds for restarts: how many within the window.
    package struct Restarts: SettingsGroup {
        package var warning: Int? = 3
        package var critical: Int? = 5

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field(
                    "warning",
                    \.warning,
                    "Warns at this many restarts within `restart_window`.",
                    in: 1...60,
                    fromLabels: true
                )
                Field(
                    "critical",
                    \.critical,
                    "Alarms at this many restarts within `restart_window`.",
                    in: 1...60,
                    fromLabels: true
                )
            }
        }
    }

    package struct Settings: SettingsGroup {
        package var host: String?
        package var certPath: Path?
        package var tlsVerify = false
        package var selection = ContainerSelection()
        package var labels = true
        package var killCounts = false
        package var requestedStopGrace: Duration = .seconds(900)
        package var deathWindow: Duration = .seconds(600)
        package var restartWindow: Duration = .seconds(600)
        package var restarts = Restarts()
        package var startLimit: Duration = .seconds(300)
        package var readEvery: Duration = .seconds(120)
        package var memory = MemoryLevels()
        package var cpuQuota = QuotaLevels()
        package var throttling = ThrottlingLevels()
        package var pids = TaskLevels()
        package var pressure = StallLevels()
        package var connections = ConnectionLevels()
        package var logs = 0
        package var heal = false
        package var healing = Healing.Limits()

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field(
                    "host",
                    \.host,
                    "Where the engine listens: `unix:///path` or `tcp://host:port`; default the usual socket.",
                    alsoFrom: ["DOCKER_HOST"]
                )
                Field(
                    "cert_path",
                    \.certPath,
                    "Speaks TLS with the `ca.pem`, `cert.pem` and `key.pem` of this folder.",
                    alsoFrom: ["DOCKER_CERT_PATH"]
                )
                Field(
                    "tls_verify",
                    \.tlsVerify,
                    "Speaks TLS to an engine at `tcp://`; without `cert_path` by the authorities that the system trusts.",
                    alsoFrom: ["DOCKER_TLS_VERIFY"]
                )
                Field("include", \.selection.include, "Watches only containers with such a name.")
                Field("exclude", \.selection.exclude, "Leaves out containers with such a name.")
                Field(
                    "include_projects",
                    \.selection.includeProjects,
                    "Watches only containers of such a compose project."
                )
                Field(
                    "exclude_projects",
                    \.selection.excludeProjects,
                    "Leaves out containers of such a compose project."
                )
                Field(
                    "include_services",
                    \.selection.includeServices,
                    "Watches only containers of such a compose service."
                )
                Field(
                    "exclude_services",
                    \.selection.excludeServices,
                    "Leaves out containers of such a compose service."
                )
                Field("include_images", \.selection.includeImages, "Watches only containers of such an image.")
                Field("exclude_images", \.selection.excludeImages, "Leaves out containers of such an image.")
                Field(
                    "include_labels",
                    \.selection.includeLabels,
                    "Watches only containers with such a label: `com.example.tier`, or `com.example.tier=prod*`."
                )
                Field("exclude_labels", \.selection.excludeLabels, "Leaves out containers with such a label.")
                Field("container_labels", \.labels, "Lets labels on a container change how it is watched.")
                Field("kill_counts", \.killCounts, "Counts `docker kill` as a crash.", fromLabels: true)
                Field(
                    "requested_stop_grace",
                    \.requestedStopGrace,
                    "Warns when a container that was stopped on request is still down after this time.",
                    fromLabels: true
                )
                Field(
                    "death_window",
                    \.deathWindow,
                    "Keeps a death's alert for this long.",
                    in: .seconds(1) ... .seconds(86400)
                )
                Field(
                    "restart_window",
                    \.restartWindow,
                    "Counts restarts within this time.",
                    in: .seconds(1) ... .seconds(86400)
                )
                Group("restarts", \.restarts)
                Field(
                    "start_limit",
                    \.startLimit,
                    "Warns when a health check says `starting` for longer than this.",
                    fromLabels: true
                )
                Field(
                    "read_every",
                    \.readEvery,
                    "Reads this often what the kernel counts of a container that is far from its levels; near one in every sweep.",
                    in: .zero ... .seconds(3600)
                )
                Group("memory", \.memory)
                Group("cpu_quota", \.cpuQuota)
                Group("throttling", \.throttling)
                Group("pids", \.pids)
                Group("pressure", \.pressure)
                Group("connections", \.connections)
                Field(
                    "logs",
                    \.logs,
                    "Shows this many of a container's last lines in the event of its death; a label can only lower it.",
                    in: 0...50,
                    fromLabels: true
                )
                Field("heal", \.heal, "Restarts containers that are unhealthy.", fromLabels: true)
                Group("healing", \.healing)
            }
        }

        /// What a label may change.
        fileprivate var tuning: ContainerTuning {
            var tuning = ContainerTuning()
            tuning.killCounts = killCounts
            tuning.requestedStopGrace = requestedStopGrace
            tuning.startLimit = startLimit
            tuning.restartsWarning = restarts.warning
            tuning.restartsCritical = restarts.critical
            tuning.levels = ContainerLevels(self)
            tuning.logLines = logs
            tuning.heals = heal
            return tuning
        }

        /// What the board needs of a configuration: these settings, and what a container's labels make of them (S28).
        ///
        /// `resolution` knows which of the settings of the instance `name` outrank a label; `section` is the check's own.
        package func options<Common>(
            _ resolution: Resolution,
            _ section: Section<Settings, Common>,
            _ name: String? = nil
        ) -> ContainerOptions {
            var options = options
            options.reading = { container, labels in
                let labels = ContainerLabels(container: container, labels: labels)
                let own = resolution.instance(of: section, named: name, labels: labels)
                let strays = resolution.problems(of: labels, besides: section)
                return LabelReading(
                    tuning: own.instance?.settings.tuning,
                    refused: (own.problems + strays).map { RefusedLabel($0) }
                )
            }
            return options
        }

        /// What the board needs of the settings alone.
        package var options: ContainerOptions {
            var options = ContainerOptions()
            options.selection = selection
            options.labelsCount = labels
            options.tuning = tuning
            options.deathWindow = deathWindow
            options.restartWindow = restartWindow
            options.readEvery = readEvery
            options.healing = healing
            return options
        }

        /// What the engine, or a proxy before it, must allow besides, because a setting asks for it.
        ///
        /// A container's label may ask for a restart as well: which will is not known beforehand.
        package func furtherRequests(of check: CheckID) -> [String] {
            (logs > 0 ? ["GET /containers/{id}/logs, for \(check).logs"] : [])
                + (heal ? ["POST /containers/{id}/restart, for \(check).heal"] : [])
        }

        /// Whether somebody said where the engine is.
        package var isHostConfigured: Bool { host.map { !$0.isEmpty } ?? false }

        /// Where the engine listens.
        package func address() throws(EngineError) -> EngineAddress {
            guard let host, !host.isEmpty else { return .standard }
            let keys = certPath.map { EngineAddress.Keys(folder: $0.description) }
            return try EngineAddress(host, keys: keys ?? (tlsVerify ? .system : nil))
        }
    }

    private let settings: Settings

    package init(_ settings: Settings) {
        self.settings = settings
    }

    package var rules: [Rule] {
        let restarts = settings.tuning.restartLevels
        return [
            Rule(.engineReachable, .state(bad: ["unreachable": .critical])),
            Rule(.containerDeath, .occurred(atLeast: 1, within: settings.deathWindow, .warning)),
            Rule(.containerRunning, .state(bad: Measure.badRunning)),
            Rule(.containerHealth, .state(bad: ["unhealthy": .critical, "starting_too_long": .warning])),
            Rule(
                .containerRestarts,
                .above(warning: restarts.warning, critical: restarts.critical)
            ),
            Rule(.containerOOM, .occurred(atLeast: 1, within: settings.deathWindow, .critical)),
            Rule(.containerHealRestart, .occurred(atLeast: 1, within: settings.deathWindow, .info)),
            Rule(.containerHealing, .state(bad: ["gave_up": .critical])),
            Rule(.dockerHealing, .state(bad: ["refused": .warning])),
            Rule(.containerListenOverflows, .occurred(atLeast: 1, within: .seconds(300), .warning)),
            Rule(.containerListenOverflows, .rate(warning: nil, critical: 10)),
            Rule(.containerLabels, .state(bad: ["refused": .warning])),
        ] + settings.limitRules
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        guard let containers = world.containers else {
            throw .notApplicable(because: "no Docker engine is watched", remedy: nil)
        }
        return try await containers.observations(in: world)
    }
}
