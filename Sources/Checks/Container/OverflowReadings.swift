import Alerting
import Basics
import Procfs

/// Listen overflows of the containers' own network namespaces (S27).
///
/// The kernel adds up its counters anew for each reader, which costs more than all else in a sweep: each namespace is read
/// about every two minutes, beside hundreds of containers within eight sweeps. Its last reading is repeated between.
struct OverflowReadings: Sendable {
    private struct Reading {
        var at: Duration
        var value: Observation.Value
    }

    private let every: Duration
    /// By the process whose namespace it is.
    private var last: [Int32: Reading] = [:]

    init(every: Duration) {
        self.every = every
    }

    /// One observation per namespace; what is not there any more is forgotten.
    mutating func observe(
        _ namespaces: [ContainerBoard.Namespace],
        _ host: Host,
        uptime: Duration
    ) -> [Observation] {
        guard !namespaces.isEmpty else {
            last = [:]
            return []
        }
        guard host.scope != .container else {
            let because = "the containers' processes are not visible: mount the host's proc at /host/proc"
            return [Observation(.containerListenOverflows, of: .engine, .unknown(because: because), scope: .unknown)]
        }
        let due = due(namespaces, uptime)
        var present: [Int32: Reading] = [:]
        let observations = namespaces.map { space in
            let known = due.contains(space.pid) ? nil : last[space.pid]
            let reading = known ?? Reading(at: uptime, value: Self.read(space.pid, host))
            present[space.pid] = reading
            var observation = Observation(
                .containerListenOverflows,
                of: space.target,
                reading.value,
                scope: .container,
                labels: space.labels
            )
            observation.isRepeated = known != nil
            return observation
        }
        last = present
        return observations
    }

    /// Most old readings that one sweep renews: each has its turn within eight.
    private static func renewals(of count: Int) -> Int { max(50, count / 8) }

    /// Whose namespaces are to be read: the new ones, and the oldest of the others.
    private func due(_ namespaces: [ContainerBoard.Namespace], _ uptime: Duration) -> Set<Int32> {
        var due: Set<Int32> = []
        var old: [(pid: Int32, at: Duration)] = []
        for space in namespaces {
            guard let reading = last[space.pid] else {
                due.insert(space.pid)
                continue
            }
            if uptime - reading.at >= every { old.append((space.pid, reading.at)) }
        }
        let most = Self.renewals(of: namespaces.count)
        if every > .zero, old.count > most {
            old.sort { $0.at < $1.at }
            old.removeLast(old.count - most)
        }
        return due.union(old.map(\.pid))
    }

    private static func read(_ pid: Int32, _ host: Host) -> Observation.Value {
        do {
            let overflows = try host.listenOverflows(of: pid)
            return overflows.map { .number(Double($0)) } ?? .unknown(because: "the kernel does not count overflows")
        } catch {
            return .unknown(because: "\(error)".safe(limit: 300))
        }
    }
}
