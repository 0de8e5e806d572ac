import Alerting
import Basics
import Procfs

/// What is known of one container's control group from one look to the next.
///
/// Limits are n/a without one; shares of time need two looks, and counters that are less than before are another group's.
struct GroupReading: Sendable {
    /// What one look gave.
    struct Look: Sendable {
        var figures: [ContainerFigure] = []
        /// Processes killed for memory since the look before.
        var kills: UInt64 = 0
        /// Why not all could be read: then what is not among the figures is unknown.
        var failure: String?
        /// Whether the next look should come soon, for shares of time need two.
        var wantsNext = false
    }

    private var group: Cgroup?
    private var limits = CgroupLimits()
    private var limitsAt: Duration?
    private var cpu: CgroupCPU?
    private var cpuAt = Duration.zero
    private var kills: UInt64?
    /// The first version does not know pressure, nor do many kernels.
    private var hasPressure = true
    /// What was above nothing once is told from then on.
    private var pressed: Set<PressureResource> = []

    /// Whether a control group of the container's own was found.
    var isFound: Bool { group != nil }

    /// People change limits seldom, and an engine tells of it; of a container near one they are read at each look.
    private static let limitsEvery = Duration.seconds(600)
    /// Shares of a shorter time are noise.
    private static let leastSpan = 0.25
    /// From this share on pressure is worth a word.
    private static let leastPressure = 0.01

    mutating func look(
        at run: ContainerBoard.Running,
        _ host: Host,
        levels: ContainerLevels,
        readsLimits: Bool,
        uptime: Duration
    ) -> Look {
        var look = Look()
        do throws(HostFileError) {
            guard let group = try found(run, host) else { return look }
            if readsLimits || limitsAt.map({ uptime - $0 >= Self.limitsEvery }) ?? true {
                limits = try host.limits(of: group)
                limitsAt = uptime
            }
            look.kills = try killed(host, group)
            try memory(host, group, run, levels, &look)
            try tasks(host, group, run, levels, &look)
            try processors(host, group, run, levels, uptime, &look)
            if hasPressure { try pressure(host, group, run, levels, &look) }
            // It has ended, or was made anew elsewhere: next time it is looked for again.
            if look.figures.isEmpty, !host.exists(group) { self = Self() }
        } catch .absent {
            // It ended between the list and this look.
            self = Self()
        } catch {
            let because = "\(error)".safe(limit: 300)
            look.failure = because
            if !look.figures.contains(where: { $0.measure == .containerMemory }) {
                look.figures.append(ContainerFigure(.containerMemory, .unknown(because: because)))
            }
        }
        return look
    }

    private mutating func found(_ run: ContainerBoard.Running, _ host: Host) throws(HostFileError) -> Cgroup? {
        if group == nil { group = try host.cgroup(ofContainer: run.id, process: run.pid) }
        return group
    }

    private mutating func killed(_ host: Host, _ group: Cgroup) throws(HostFileError) -> UInt64 {
        guard let count = try host.memoryKills(of: group) else { return 0 }
        defer { kills = count }
        guard let last = kills, count > last else { return 0 }
        return count - last
    }

    private func memory(
        _ host: Host,
        _ group: Cgroup,
        _ run: ContainerBoard.Running,
        _ levels: ContainerLevels,
        _ look: inout Look
    ) throws(HostFileError) {
        guard let limit = limits.memory, limit > 0, let usage = try host.memoryUse(of: group),
            let inactive = try host.inactiveFile(of: group)
        else { return }
        // The two are not read at the same moment.
        let used = usage - min(usage, inactive)
        let (shown, most) = (Unit.bytes.text(Double(used)), Unit.bytes.text(Double(limit)))
        look.figures.append(
            ContainerFigure(.containerMemory, Double(used) / Double(limit)).told(
                near: levels,
                "Container \(run.name) uses \(shown) of the \(most) of memory that it may",
                ["memory_used": shown, "memory_limit": most, "inactive_file": Unit.bytes.text(Double(inactive))]
            )
        )
    }

    private func tasks(
        _ host: Host,
        _ group: Cgroup,
        _ run: ContainerBoard.Running,
        _ levels: ContainerLevels,
        _ look: inout Look
    ) throws(HostFileError) {
        guard let limit = limits.tasks, limit > 0, let count = try host.tasks(of: group) else { return }
        look.figures.append(
            ContainerFigure(.containerTasks, Double(count) / Double(limit)).told(
                near: levels,
                "Container \(run.name) has \(count) of the \(limit) processes and threads that it may",
                ["tasks": "\(count)", "tasks_limit": "\(limit)"]
            )
        )
    }

    private mutating func processors(
        _ host: Host,
        _ group: Cgroup,
        _ run: ContainerBoard.Running,
        _ levels: ContainerLevels,
        _ uptime: Duration,
        _ look: inout Look
    ) throws(HostFileError) {
        guard let quota = limits.processors, let now = try host.cpu(of: group) else {
            cpu = nil
            return
        }
        let span = (uptime - cpuAt).inSeconds
        guard let last = cpu else {
            (cpu, cpuAt) = (now, uptime)
            look.wantsNext = true
            return
        }
        guard span >= Self.leastSpan else { return }
        (cpu, cpuAt) = (now, uptime)
        guard now.periods >= last.periods, now.throttledPeriods >= last.throttledPeriods else { return }
        let shown = "a quota of \(Unit.none.text(quota)) processors"
        if let usage = now.usage, let before = last.usage, usage >= before {
            let share = Double(usage - before) / (span * 1_000_000 * quota)
            look.figures.append(
                ContainerFigure(.containerQuota, share).told(
                    near: levels,
                    "Container \(run.name) used \(Unit.ratio.text(share)) of \(shown)",
                    ["processors": Unit.none.text(share * quota), "quota": Unit.none.text(quota)]
                )
            )
        }
        let (periods, held) = (now.periods - last.periods, now.throttledPeriods - last.throttledPeriods)
        let share = periods > 0 ? min(1, Double(held) / Double(periods)) : 0
        let waited = now.throttledTime >= last.throttledTime ? now.throttledTime - last.throttledTime : 0
        look.figures.append(
            ContainerFigure(.containerThrottling, share).told(
                near: levels,
                "Container \(run.name) had to wait in \(held) of \(periods) periods, with \(shown)",
                [
                    "throttled_periods": "\(held)", "periods": "\(periods)", "quota": Unit.none.text(quota),
                    "waited": Unit.seconds.text(Double(waited) / 1_000_000),
                ]
            )
        )
    }

    private mutating func pressure(
        _ host: Host,
        _ group: Cgroup,
        _ run: ContainerBoard.Running,
        _ levels: ContainerLevels,
        _ look: inout Look
    ) throws(HostFileError) {
        for resource in PressureResource.allCases {
            guard let stall = try host.pressure(on: resource, of: group) else {
                hasPressure = resource != .cpu
                return
            }
            let share = stall.some.minute
            if share >= Self.leastPressure { pressed.insert(resource) }
            guard pressed.contains(resource) else { continue }
            look.figures.append(
                ContainerFigure(resource.measure, share).told(
                    near: levels,
                    "A task of container \(run.name) waited for \(resource.what) for \(Unit.ratio.text(share)) "
                        + "of the last minute",
                    [
                        "avg10": Unit.ratio.text(stall.some.tenSeconds),
                        "avg300": Unit.ratio.text(stall.some.fiveMinutes),
                    ]
                )
            )
        }
    }
}

extension PressureResource {
    fileprivate var measure: Measure {
        switch self {
        case .cpu: .containerCPUPressure
        case .memory: .containerMemoryPressure
        case .io: .containerIOPressure
        }
    }

    fileprivate var what: String {
        switch self {
        case .cpu: "a processor"
        case .memory: "memory"
        case .io: "a disk"
        }
    }
}
