/// The containers of a host, as the control groups of its processes tell, where no engine does.
///
/// A process tells once, at the first two passes that could ask it: a runtime moves it into its group before it becomes
/// the container's. What it was started as and where its namespaces are is not asked.
package struct CgroupCensus: Sendable {
    private struct Sight {
        var container: CgroupContainer?
        var looks = 0
    }

    private var sights: [ProcessStat.Key: Sight] = [:]
    /// Why not all could be asked at the last pass: they are asked again at the next.
    package private(set) var failure: HostFileError?

    package init() {}

    /// Who is in which container now: its first process, by container.
    package mutating func take(_ pass: ProcessPass, _ host: Host) -> [CgroupContainer: ProcessStat] {
        failure = nil
        // Without it nobody can tell a container from the one that the host itself may be.
        let hidden = groups(of: 1, host).map(Self.names)
        var present: [ProcessStat.Key: Sight] = [:]
        present.reserveCapacity(sights.count)
        var known: [CgroupContainer: CgroupContainer] = [:]
        var first: [CgroupContainer: ProcessStat] = [:]
        for process in pass.processes where !process.isKernelThread && !process.isZombie {
            var sight = sights[process.key] ?? Sight()
            if sight.looks < 2, let hidden, let groups = groups(of: process.pid, host) {
                sight.looks += 1
                let container = groups.container(below: hidden)
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

    /// The groups of a process: none where it has ended or the kernel has none, nil where they cannot be read.
    private mutating func groups(of process: Int32, _ host: Host) -> CgroupMembership? {
        let path = HostPath(.proc, "\(process)/\(ProcessFile.cgroup.rawValue)")
        do throws(HostFileError) {
            return CgroupMembership(parsing: try host.bytes(of: path, limit: 1 << 16))
        } catch .absent {
            return CgroupMembership(parsing: [])
        } catch {
            failure = error
            return nil
        }
    }

    /// The groups that a host which is a container itself has around all of its own.
    private static func names(_ groups: CgroupMembership) -> [String] {
        let all = [groups.unified, groups.places[.memory], groups.places[.pids]].compactMap(\.self)
        return all.first { $0.ups == 0 && CgroupContainer($0.names) != nil }?.names ?? []
    }
}
