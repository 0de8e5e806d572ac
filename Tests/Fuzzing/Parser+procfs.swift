import Basics
import Glibc
import Netlink

@testable import Procfs

extension Parser {
    /// A file that is read whole: its seeds are that file of all captured hosts.
    static func kernelFile<File: HostFile>(_ file: File.Type) -> Parser {
        let isProcess = File.source.relative.hasPrefix("1/")
        let relative = isProcess ? "[0-9]*" + File.source.relative.dropFirst() : File.source.relative
        return Parser("\(file)", fixtures: ["hosts/*/\(File.source.tree.rawValue)/\(relative)"]) { bytes in
            conclude(from: try File(parsing: bytes.array))
            return true
        }
    }

    /// What is computed from some files' numbers and names.
    private static func conclude(from file: any HostFile) {
        switch file {
        case let file as BootTime: _ = file.at.description
        case let file as CPUTimes:
            for core in file.cores {
                _ = CPUShares(from: file.all, to: core.ticks, least: 1)
                _ = CPUShares(from: core.ticks, to: file.all, least: 1)
            }
        case let file as DiskStats:
            for (first, second) in zip(file.devices, file.devices.dropFirst()) {
                _ = DiskActivity(from: first, to: second, over: 1)?.awaitSeconds
            }
        case let file as FSTab: for entry in file.entries { _ = (entry.demandedOptions, entry.allows(type: "ext4")) }
        case let file as IPv4Routes: _ = file.toAnywhere
        case let file as MountInfo: _ = file.fileSystems { _ in true }
        case let file as MountTable: for mount in file.mounts { _ = (mount.point, mount.type, mount.options) }
        case let file as ProcessStat: _ = (file.name.text, file.isZombie, file.key)
        case let file as ReservedPorts: _ = file.left(of: 32768...60999)
        default: break
        }
    }

    static let procfs = [
        Parser("CgroupFiles", of: "Procfs/CgroupFiles.swift") { bytes in
            let (bytes, path) = (bytes.array, "file")
            let cpu = try? CgroupCPU(parsing: bytes, path: path)
            let number = try? CgroupNumber(parsing: bytes, path: path).value
            let limit = try? CgroupLimit(parsing: bytes, path: path)
            let processors = try? CgroupCPUMax(parsing: bytes, path: path)
            let memory = try? CgroupMemoryStat(parsing: bytes, path: path).inactiveFile
            let kills = try? CgroupKills(parsing: bytes, path: path)
            return cpu != nil || number != nil || limit != nil || processors != nil || memory != nil || kills != nil
        },
        Parser("CommandLine", of: "Procfs/CommandLines.swift", fixtures: ["hosts/*/proc/[0-9]*/cmdline"]) { bytes in
            let line = CommandLine.words(bytes.array)
            return line.line?.isEmpty == false && line.program?.isEmpty == false
        },
        Parser(
            "ControlGroups",
            of: "Procfs/FileUse.swift",
            "Procfs/Host+process.swift",
            "Procfs/CgroupMembership.swift",
            fixtures: ["hosts/*/proc/[0-9]*/cgroup"]
        ) { bytes in
            let group = FileUse.group(in: bytes.array)
            let membership = CgroupMembership(parsing: bytes.array)
            let container = membership.container(below: ["docker"])?.name
            for place in [membership.unified].compactMap(\.self) + membership.places.values {
                _ = (place.container("0f3a0f3a0f3a"), place.below("/docker"))
            }
            return Host.freezer(in: bytes.array) != nil || group != nil || container != nil
        },
        Parser("KernelLog", of: "Procfs/KernelRecord.swift") { bytes in
            let news = try kernelLog(bytes)
            for kill in news.oomKills { _ = (kill.container, KernelLog.age(of: kill.stamp)) }
            return !news.hungTasks.isEmpty || !news.oomKills.isEmpty
        },
        Parser("ListenQueue", of: "Procfs/ListenQueue.swift", fixtures: ["hosts/*/proc/1/net/tcp*"]) { bytes in
            ListenQueue.isComplete(bytes.array)
        },
        Parser(
            "Scrubber",
            of: "Procfs/Capture/Scrubber.swift",
            "Procfs/Capture/Scrubber+files.swift",
            "Procfs/Capture/Scrubber+network.swift",
            "Procfs/Capture/Scrubber+processes.swift",
            fixtures: ["hosts/*/proc/1/*", "hosts/*/proc/1/net/*"]
        ) { bytes in
            // A few lines say as much as many. Each treatment takes its time: the last byte says which, and what is
            // short gets all of them.
            let start = Array(bytes.array.prefix(512))
            let chosen = Int(bytes.array.last ?? 0) % Scrubbing.allCases.count
            let treatments = start.count <= 32 ? Scrubbing.allCases : [Scrubbing.allCases[chosen]]
            var scrubber = Scrubber()
            if let routes = try? IPv4Routes(parsing: start) { scrubber.learnNetworks(routes) }
            for scrubbing in treatments { _ = scrubber.scrub(scrubber.scrub(start, scrubbing), scrubbing) }
            return !scrubber.counts.isEmpty
        },
        Parser(
            "SysfsMount",
            of: "Procfs/Host+interfaces.swift",
            fixtures: ["hosts/*/proc/1/mountinfo"]
        ) { bytes in
            bytes.array.split(separator: UInt8(ascii: "\n")).contains { Host.isSysfs($0, Array("0:22".utf8)) }
        },
        Parser("TCPTable", of: "Procfs/TCPTable.swift", fixtures: ["hosts/*/proc/1/net/tcp"]) { bytes in
            try tcpTable(.ipv4, bytes)
        },
        Parser("TCPTable6", of: "Procfs/TCPTable.swift", fixtures: ["hosts/*/proc/1/net/tcp6"]) { bytes in
            try tcpTable(.ipv6, bytes)
        },
    ]

    /// What the log says that gives these bytes: a pipe in the device's place.
    private static func kernelLog(_ bytes: RawSpan) throws -> KernelLog.News {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return KernelLog.News() }
        defer { for end in ends { close(end) } }
        _ = unsafe bytes.withUnsafeBytes { unsafe write(ends[1], $0.baseAddress, $0.count) }
        let host = Host(roots: HostRoots(proc: "", sys: "", kernelLog: "/proc/self/fd/\(ends[0])"))
        return try KernelLog().news(of: host, at: SystemTime().now)
    }

    private static func tcpTable(_ family: AddressFamily, _ bytes: RawSpan) throws -> Bool {
        var table = TCPTable(family, states: Set(TCPState.allCases), path: "tcp")
        var census = TCPCensus()
        try bytes.pieces { piece in
            try table.take(piece) { socket in
                census.count(socket)
                census.countDestination(of: socket)
                _ = (socket.local.description, ListenQueue(socket).isFull)
            }
        }
        try table.finish()
        for tally in census.tallies.values { _ = tally.largest(3) }
        return census.fullest != nil
    }
}
