import Alerting
import Basics
import Procfs

/// What the kernel counts of each container that runs: its control group, and the network of its own (S27).
///
/// A few files for each, of which some cost the kernel more than all else in a sweep: one that is far from its levels is
/// looked at every two minutes, beside hundreds within eight sweeps, and what was read is repeated between. One that is
/// near a level is looked at in each sweep.
struct ContainerReadings: Sendable {
    /// What one sweep gave.
    struct Look: Sendable {
        var observations: [Observation] = []
        var kills: [ContainerBoard.Kills] = []
    }

    /// By the first process of the container.
    private var states: [Int32: RunReading] = [:]
    /// Whether the tree of control groups is mounted, as of the last look into it.
    private var showsGroups = true
    /// Whether a container's processes were ever seen in a control group of its own: then the engine is on this machine.
    private(set) var foundGroup = false

    /// Looks at those whose turn it is; what does not run any more is forgotten.
    ///
    /// Of an engine that is not `onSocket` a process is a container's only where its control group says so: a number of
    /// another machine's process is any process here.
    mutating func look(
        at running: [ContainerBoard.Running],
        _ host: Host,
        levels: ContainerLevels,
        every: Duration,
        onSocket: Bool = true,
        at now: Timestamp,
        uptime: Duration
    ) -> Look {
        guard !running.isEmpty else {
            states = [:]
            return Look()
        }
        guard host.scope != .container else { return Look(observations: [Self.processesHidden]) }
        let due = due(running, every, uptime)
        if !due.isEmpty { showsGroups = host.showsCgroups }
        var round = RunReading.Round(
            host: host,
            now: now,
            uptime: uptime,
            every: every,
            showsGroups: showsGroups,
            onSocket: onSocket,
            walks: every > .zero ? 1 : .max,
            // A container on the host's network has none of its own, whatever the engine says.
            networks: Set([host.networkID(of: .host)].compactMap(\.self))
        )
        var look = Look(observations: showsGroups ? [] : [Self.groupsHidden])
        look.observations.reserveCapacity(running.count * 2)
        var present: [Int32: RunReading] = [:]
        present.reserveCapacity(running.count)
        for run in running {
            let known = states[run.pid].flatMap { $0.isOf(run) ? $0 : nil }
            var state = known ?? RunReading(run, at: now, uptime)
            state.look(at: run, isDue: due.contains(run.pid), run.levels ?? levels, &round, &look)
            foundGroup = foundGroup || state.hasGroup
            present[run.pid] = state
        }
        states = present
        if !onSocket, !foundGroup, showsGroups { look.observations.append(Self.elsewhere) }
        return look
    }

    /// What was read before, while nobody knows whether it still runs: alerts keep their state.
    func unknown(because: String) -> [Observation] {
        states.values.sorted { $0.target < $1.target }.flatMap { state in
            state.figures.map { figure in
                Observation(figure.measure, of: state.target, .unknown(because: because), scope: .container)
            }
        }
    }

    private static let processesHidden = Observation(
        .containerListenOverflows,
        of: .engine,
        .unknown(because: "the containers' processes are not visible: mount the host's proc at /host/proc"),
        scope: .unknown
    )
    private static let groupsHidden = Observation.outOfSight(
        .containerMemory,
        of: .engine,
        because: "the containers' control groups are not visible: mount the host's sysfs: -v /sys:/host/sys:ro"
    )

    private static let elsewhere = Observation.outOfSight(
        .containerMemory,
        of: .engine,
        because: "the engine's containers are not on this machine: the kernel's counts of them are seen there only"
    )

    /// Most old readings that one sweep renews: each has its turn within eight.
    private static func renewals(of count: Int) -> Int { max(50, count / 8) }

    /// Whose turn it is: the new ones, those near a level, and the oldest of the others.
    private func due(_ running: [ContainerBoard.Running], _ every: Duration, _ uptime: Duration) -> Set<Int32> {
        // Sweeps come a little early, too.
        let patience = every * 0.95
        var due: Set<Int32> = []
        var old: [(pid: Int32, at: Duration)] = []
        for run in running {
            guard let state = states[run.pid], state.isOf(run), !state.isPressing(run) else {
                due.insert(run.pid)
                continue
            }
            if uptime - state.at >= patience { old.append((run.pid, state.at)) }
        }
        let most = Self.renewals(of: running.count)
        if every > .zero, old.count > most {
            old.sort { $0.at < $1.at }
            old.removeLast(old.count - most)
        }
        return due.union(old.map(\.pid))
    }
}
