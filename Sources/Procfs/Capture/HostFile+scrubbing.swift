import Netlink

// What the parsers' files disclose, for those that hold more than figures, and where there are many of a kind.

extension Bond {
    package static var places: [HostPath] { [.network(.host, "bonding/*")] }
    package static var scrubbing: Scrubbing { .bond }
}

extension FSTab {
    package static var scrubbing: Scrubbing { .fileSystemTable }
}

extension HostName {
    package static var places: [HostPath] { [source, HostPath(.proc, "sys/kernel/hostname")] }
    package static var scrubbing: Scrubbing { .hostName }
}

extension IPv4ListenQueues {
    package static var scrubbing: Scrubbing { .sockets }
}

extension IPv4Routes {
    package static var scrubbing: Scrubbing { .routes }
}

extension IPv6Addresses {
    package static var scrubbing: Scrubbing { .addresses6 }
}

extension IPv6ListenQueues {
    package static var scrubbing: Scrubbing { .sockets6 }
}

extension IPv6Routes {
    package static var scrubbing: Scrubbing { .routes6 }
}

extension KernelRelease {
    package static var scrubbing: Scrubbing { .verbatim }
}

extension MountInfo {
    package static var scrubbing: Scrubbing { .mountInfo }
}

extension MountTable {
    package static var scrubbing: Scrubbing { .mountTable }
}

extension NeighbourLimit {
    package static var places: [HostPath] {
        AddressFamily.allCases.map { HostPath(.proc, "sys/net/\($0.rawValue)/neigh/default/gc_thresh3") }
    }
}

extension NetworkDevices {
    package static var scrubbing: Scrubbing { .devices }
}

extension ProcessLimits {
    package static var places: [HostPath] { [HostPath(.proc, "*/\(ProcessFile.limits.rawValue)")] }
}

extension ProcessStat {
    package static var places: [HostPath] { [HostPath(.proc, "*/\(ProcessFile.stat.rawValue)")] }
    package static var scrubbing: Scrubbing { .processLine }
}

extension ProcessStatus {
    package static var places: [HostPath] { [HostPath(.proc, "*/\(ProcessFile.status.rawValue)")] }
    package static var scrubbing: Scrubbing { .processStatus }
}

extension RotationalFlag {
    package static var places: [HostPath] { [HostPath(.sys, "block/*/\(BlockFile.rotational.rawValue)")] }
}

extension UserTable {
    package static var scrubbing: Scrubbing { .users }
}
