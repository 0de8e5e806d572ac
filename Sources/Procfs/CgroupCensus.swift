/// The containers of a host, as the control groups of its processes tell, where no engine does.
///
/// A process tells once, at the first two passes that see it: a runtime moves it into its group before it becomes the
/// container's. What it was started as and where its namespaces are is not asked.
package struct CgroupCensus: Sendable {
    private struct Sight {
        var container: CgroupContainer?
        var looks = 0
    }

    private var sights: [ProcessStat.Key: Sight] = [:]

    package init() {}

    /// Who is in which container now: its first process, by container.
    package mutating func take(_ pass: ProcessPass, _ host: Host) -> [CgroupContainer: ProcessStat] {
        let hidden = Self.groups(of: 1, host).map(Self.names) ?? []
        var present: [ProcessStat.Key: Sight] = [:]
        present.reserveCapacity(sights.count)
        var known: [CgroupContainer: CgroupContainer] = [:]
        var first: [CgroupContainer: ProcessStat] = [:]
        for process in pass.processes where !process.isKernelThread && !process.isZombie {
            var sight = sights[process.key] ?? Sight()
            if sight.looks < 2 {
                sight.looks += 1
                let container = Self.groups(of: process.pid, host)?.container(below: hidden)
                // One text for all processes of a container.
                sight.container = container.map { known[$0] ?? $0 }
            }
            present[process.key] = sight
            guard let container = sight.container else { continue }
            known[container] = container
            if let other = first[container], (other.start, other.pid) <= (process.start, process.pid) { continue }
            first[container] = process
        }
        sights = present
        return first
    }

    private static func groups(of process: Int32, _ host: Host) -> CgroupMembership? {
        let path = HostPath(.proc, "\(process)/\(ProcessFile.cgroup.rawValue)")
        return (try? host.bytes(of: path, limit: 1 << 16)).map { CgroupMembership(parsing: $0) }
    }

    /// The groups that a host which is a container itself has around all of its own.
    private static func names(_ groups: CgroupMembership) -> [String] {
        let all = [groups.unified, groups.places[.memory], groups.places[.pids]].compactMap(\.self)
        return all.first { $0.ups == 0 && CgroupContainer($0.names) != nil }?.names ?? []
    }
}
