import Alerting

/// What the kernel counts of one container: its control group, and the network namespace of its own.
extension Measure {
    static let containerMemory = Measure(
        name: "container_memory_used_ratio",
        unit: .ratio,
        summary: "Share of the container's memory limit in use, pages of files that nobody used of late left out."
    )
    static let containerQuota = Measure(
        name: "container_cpu_quota_used_ratio",
        unit: .ratio,
        summary: "Share of the container's quota of processor time that it used."
    )
    static let containerThrottling = Measure(
        name: "container_cpu_throttled_ratio",
        unit: .ratio,
        summary:
            "Share of the periods with something to do in which the container's quota was used up and it had to wait."
    )
    static let containerTasks = Measure(
        name: "container_pids_used_ratio",
        unit: .ratio,
        summary: "Share of the processes and threads that the container may have."
    )
    static let containerCPUPressure = Measure(
        name: "container_cpu_pressure_ratio",
        unit: .ratio,
        summary: "Share of the last minute in which a task of the container waited for a processor."
    )
    static let containerMemoryPressure = Measure(
        name: "container_memory_pressure_ratio",
        unit: .ratio,
        summary: "Share of the last minute in which a task of the container waited for memory."
    )
    static let containerIOPressure = Measure(
        name: "container_io_pressure_ratio",
        unit: .ratio,
        summary: "Share of the last minute in which a task of the container waited for a disk."
    )
    static let containerSockets = Measure(
        name: "container_tcp_in_use",
        unit: .none,
        summary: "TCP sockets of the container's own namespace in any state but TIME_WAIT, listening ones included."
    )
    static let containerTimeWait = Measure(
        name: "container_tcp_time_wait",
        unit: .none,
        summary:
            "Ended connections of the container's own namespace that keep their ports for another minute (TIME_WAIT)."
    )
    static let containerCloseWait = Measure(
        name: "container_tcp_close_wait",
        unit: .none,
        summary:
            "Connections that the peer has closed and the container has not (CLOSE_WAIT); counted where there may be many."
    )
    static let containerEstablished = Measure(
        name: "container_tcp_established",
        unit: .none,
        summary: "Open connections of the container's own namespace; counted where there may be many in CLOSE_WAIT."
    )

    /// What `ContainerReadings` reads, and no event of the engine tells.
    static let read: [Measure] = [
        .containerListenOverflows, .containerMemory, .containerQuota, .containerThrottling, .containerTasks,
        .containerCPUPressure, .containerMemoryPressure, .containerIOPressure, .containerSockets, .containerTimeWait,
        .containerCloseWait, .containerEstablished,
    ]
}
