import Alerting
import Basics

extension Measure {
    static let engineReachable = Measure(
        name: "docker_engine_reachable",
        unit: .none,
        summary: "Whether the engine answers and its event stream is open."
    )
    static let containerDeath = Measure(
        name: "container_death",
        unit: .none,
        summary: "A run of the container that ended without anybody asking for it; "
            + "critical where memory ran out or nothing starts it again."
    )
    static let containerRunning = Measure(
        name: "container_running",
        unit: .none,
        summary: "Whether the container runs, and if not, why not."
    )
    static let containerHealth = Measure(
        name: "container_health",
        unit: .none,
        summary: "What the container's own health check says."
    )
    static let containerRestarts = Measure(
        name: "container_restarts",
        unit: .none,
        summary: "Starts after an unrequested end within the window."
    )
    static let containerOOM = Measure(
        name: "container_oom",
        unit: .none,
        summary: "Processes killed for the container's memory limit while the container went on."
    )
    static let containerLabels = Measure(
        name: "container_labels",
        unit: .none,
        summary: "Whether all labels on the container that are meant for Custos count."
    )
    static let containerHealRestart = Measure(
        name: "container_heal_restart",
        unit: .none,
        summary: "Restarts of the container by Custos, because it was unwell."
    )
    static let containerHealing = Measure(
        name: "container_healing",
        unit: .none,
        summary: "Whether Custos still restarts the container when it is unwell, or has given up."
    )
    static let dockerHealing = Measure(
        name: "docker_healing",
        unit: .none,
        summary: "Whether the engine, or a proxy before it, lets Custos restart unwell containers."
    )
    static let containerListenOverflows = Measure(
        name: "container_listen_overflows_total",
        unit: .total,
        summary: "Connections dropped because a listening socket's queue was full, in the container's own namespace."
    )

    /// The state names of `container_running`, and which of them are a breach.
    static let badRunning: [String: Severity] = [
        "crashed": .critical, "start_failed": .critical, "paused": .warning, "stopped_on_request": .warning,
    ]
}
