import Alerting
import Basics
import Procfs

/// The containers of a host without an engine to ask: named by their control groups, known by what the kernel counts.
///
/// Nobody tells how they end and what people call them; the rest is as with an engine.
struct UnmanagedContainers: Sendable {
    private var census = CgroupCensus()
    private var readings = ContainerReadings()
    /// The first process of each, by id, and where they are to be looked for.
    private var leaders: [String: ProcessStat] = [:]
    private var host: Host?

    /// One look; nil where there is no container, or none but our own can be seen.
    ///
    /// - Throws: Where the processes cannot be read: nobody knows then whether there is a container. A host that hides
    ///   them, and has shown none, is taken to have none: those who look at processes tell of that.
    mutating func look(in world: World, _ options: ContainerOptions) throws(CheckError) -> [Observation]? {
        guard let pass = try pass(in: world), pass.scope != .container else { return nil }
        let found = census.take(pass, world.host)
        host = world.host
        if found.isEmpty, let failure = census.failure { return try give(up: failure) }
        leaders = Dictionary(found.map { ($0.key.id, $0.value) }) { first, _ in first }
        let running = found.map { container, leader in Self.running(container, leader) }
            .filter { options.selection.contains(ContainerIdentity(id: $0.id, name: $0.name, image: "")) }
            .sorted { $0.target < $1.target }
        guard !running.isEmpty else { return nil }
        let look = readings.look(
            at: running,
            world.host,
            levels: options.tuning.levels,
            every: options.readEvery,
            at: world.time.now,
            uptime: world.time.uptime
        )
        let killed = Dictionary(look.kills.map { ($0.id, $0.count) }) { first, _ in first }
        return look.observations
            + running.map { run in
                let count = killed[run.id] ?? 0
                return Observation(
                    .containerOOM,
                    of: run.target,
                    .occurrences(Int(clamping: count), count > 0 ? .critical : nil),
                    scope: .container,
                    summary: count > 0
                        ? "A process of container \(run.name) was killed because memory ran out; the container goes on"
                        : nil,
                    labels: run.labels
                )
            }
    }

    /// Whether the container with this id goes on: then a kill in it is its own story (S23).
    func goesOn(_ id: String) -> Bool {
        guard let host, let leader = leaders[id] else { return false }
        return host.isStillThere(leader)
    }

    private func pass(in world: World) throws(CheckError) -> ProcessPass? {
        do throws(HostFileError) {
            return try world.processes.pass(by: world.time)
        } catch {
            return try give(up: error)
        }
    }

    /// A file that is not there is a fault as well: what cannot be seen is not gone.
    private func give<Value>(up error: HostFileError) throws(CheckError) -> Value? {
        if case .denied = error, leaders.isEmpty { return nil }
        throw .degraded(because: "no containers can be looked for: \(error)", remedy: error.hint)
    }

    private static func running(_ container: CgroupContainer, _ leader: ProcessStat) -> ContainerBoard.Running {
        var labels = ["container": container.name, "runtime": container.engine]
        labels["pod_uid"] = container.pod
        return ContainerBoard.Running(
            id: container.id,
            target: Target(container.name),
            pid: leader.pid,
            // Since boot: with the number it names the process.
            startedAt: Timestamp(milliseconds: Int64(min(leader.start, 1 << 50)) * 10),
            name: container.name,
            labels: labels
        )
    }
}
