/// What of a file tells whose machine it is, and so how a capture hides it.
package enum Scrubbing: CaseIterable, Sendable {
    /// Numbers and the kernel's own words: addresses and identifiers are replaced wherever they might stand.
    case figures
    /// A kernel's release, which may look like an address.
    case verbatim
    case hostName
    case users
    // The network's files.
    case bond, devices, interfaceEvents
    case routes, routes6, addresses6, sockets, sockets6
    // What is mounted where.
    case mountInfo, mountTable, fileSystemTable, volumeName
    // Of a process.
    case commandLine, controlGroups, processLine, processStatus
    /// A folder of which only the names count: descriptors, members.
    case descriptors, names
    case kernelLog
}

/// A file, or many of one kind, that somebody reads, and how a capture treats it.
package struct HostPlace: Hashable, Sendable {
    /// `*` stands for any name; as the first of procfs, for a process.
    package var path: HostPath
    package var scrubbing: Scrubbing

    init(_ path: HostPath, _ scrubbing: Scrubbing) {
        self.path = path
        self.scrubbing = scrubbing
    }
}

extension HostFiles {
    /// Everything that is read of a host's trees, each place once.
    package static let places: [HostPlace] = {
        var known: Set<HostPath> = []
        let whole = all.flatMap { file in file.places.map { HostPlace($0, file.scrubbing) } }
        return (whole + others).filter { known.insert($0.path).inserted }
    }()

    /// What is read otherwise than as a whole: a line, a list, a link.
    private static let others: [HostPlace] =
        ProcessFile.allCases.map(\.place) + InterfaceFile.allCases.map(\.place) + BlockFile.allCases.map(\.place) + [
            HostPlace(HostPath(.root, "dev/kmsg"), .kernelLog),
            // By which a sysfs that is mounted is told from an empty folder.
            HostPlace(HostPath(.sys, "kernel/uevent_seqnum"), .figures),
        ]
}

extension ProcessFile {
    fileprivate var place: HostPlace {
        switch self {
        case .cgroup: HostPlace(path, .controlGroups)
        case .cmdline: HostPlace(path, .commandLine)
        case .fd: HostPlace(path, .descriptors)
        case .limits: HostPlace(path, ProcessLimits.scrubbing)
        case .stat: HostPlace(path, ProcessStat.scrubbing)
        case .status: HostPlace(path, ProcessStatus.scrubbing)
        case .task: HostPlace(HostPath(.proc, "*/task/*/stat"), ProcessStat.scrubbing)
        case .wchan: HostPlace(path, .figures)
        }
    }

    private var path: HostPath { HostPath(.proc, "*/\(rawValue)") }
}

extension InterfaceFile {
    fileprivate var place: HostPlace {
        HostPlace(HostPath(.sys, "class/net/*/\(rawValue)"), self == .uevent ? .interfaceEvents : .figures)
    }
}

extension BlockFile {
    fileprivate var place: HostPlace {
        let path = HostPath(.sys, "block/*/\(rawValue)")
        return switch self {
        case .mapperName: HostPlace(path, .volumeName)
        case .members: HostPlace(path, .names)
        case .rotational: HostPlace(path, RotationalFlag.scrubbing)
        }
    }
}
