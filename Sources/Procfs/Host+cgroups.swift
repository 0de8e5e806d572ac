import Glibc
import SystemPackage

/// What a control group may use.
package struct CgroupLimits: Sendable, Equatable {
    /// In bytes; nil for no limit.
    package var memory: UInt64?
    /// In processors; nil for no quota.
    package var processors: Double?
    /// Tasks, which are threads; nil for no limit.
    package var tasks: UInt64?

    package init(memory: UInt64? = nil, processors: Double? = nil, tasks: UInt64? = nil) {
        self.memory = memory
        self.processors = processors
        self.tasks = tasks
    }
}

// What is read of a group. Nil where the kernel or the group does not count it, and where the group has ended meanwhile.

extension Host {
    package func limits(of group: Cgroup) throws(HostFileError) -> CgroupLimits {
        var limits = CgroupLimits()
        limits.memory = try read(group.file(.memory, first: "memory.limit_in_bytes", second: "memory.max")) {
            bytes,
            path throws(HostFileError) in try CgroupLimit(parsing: bytes, path: path).value
        }
        limits.tasks = try read(group.file(.pids, first: "pids.max", second: "pids.max")) {
            bytes,
            path throws(HostFileError) in try CgroupLimit(parsing: bytes, path: path).value
        }
        limits.processors = try processors(of: group)
        return limits
    }

    private func processors(of group: Cgroup) throws(HostFileError) -> Double? {
        guard let folder = group.folders[.cpu] else {
            return try read(group.file(.cpu, first: "", second: "cpu.max")) { bytes, path throws(HostFileError) in
                try CgroupCPUMax(parsing: bytes, path: path).processors
            }
        }
        let quota = try read(folder.appending("cpu.cfs_quota_us")) { bytes, path throws(HostFileError) in
            try CgroupLimit(parsing: bytes, path: path).value
        }
        guard let quota else { return nil }
        let period = try read(folder.appending("cpu.cfs_period_us")) { bytes, path throws(HostFileError) in
            try CgroupNumber(parsing: bytes, path: path).value
        }
        return period.flatMap { CgroupCPUMax.processors(quota, $0) }
    }

    /// Processor time, and how often the quota was used up.
    package func cpu(of group: Cgroup) throws(HostFileError) -> CgroupCPU? {
        var cpu = try read(group.file(.cpu, first: "cpu.stat", second: "cpu.stat")) {
            bytes,
            path throws(HostFileError) in try CgroupCPU(parsing: bytes, path: path)
        }
        if cpu != nil, let folder = group.folders[.cpuacct] {
            cpu?.usage = try read(folder.appending("cpuacct.usage")) { bytes, path throws(HostFileError) in
                try CgroupNumber(parsing: bytes, path: path).value / 1000
            }
        }
        return cpu
    }

    /// Memory that counts against the limit, in bytes: pages of files are among it.
    package func memoryUse(of group: Cgroup) throws(HostFileError) -> UInt64? {
        try read(group.file(.memory, first: "memory.usage_in_bytes", second: "memory.current")) {
            bytes,
            path throws(HostFileError) in try CgroupNumber(parsing: bytes, path: path).value
        }
    }

    /// Pages of files that nobody used of late, in bytes: the kernel takes them back before it kills.
    ///
    /// It adds them up over all processors for each reader, which costs more than other files.
    package func inactiveFile(of group: Cgroup) throws(HostFileError) -> UInt64? {
        try read(group.file(.memory, first: "memory.stat", second: "memory.stat")) {
            bytes,
            path throws(HostFileError) in try CgroupMemoryStat(parsing: bytes, path: path).inactiveFile
        }
    }

    /// Processes of the group that were killed because memory ran out, since it was made.
    package func memoryKills(of group: Cgroup) throws(HostFileError) -> UInt64? {
        try read(group.file(.memory, first: "memory.oom_control", second: "memory.events")) {
            bytes,
            path throws(HostFileError) in try CgroupKills(parsing: bytes, path: path).count
        }
    }

    /// Tasks, which are threads.
    package func tasks(of group: Cgroup) throws(HostFileError) -> UInt64? {
        try read(group.file(.pids, first: "pids.current", second: "pids.current")) {
            bytes,
            path throws(HostFileError) in try CgroupNumber(parsing: bytes, path: path).value
        }
    }

    /// What the group's tasks waited for; only the second version knows.
    package func pressure(on resource: PressureResource, of group: Cgroup) throws(HostFileError) -> PressureStall? {
        do throws(HostFileError) {
            return try read(group.unified?.appending("\(resource.rawValue).pressure")) {
                bytes,
                path throws(HostFileError) in try PressureStall(parsing: bytes, path: path)
            }
        } catch .unreadable(_, .notSupported) {
            // Switched off at boot.
            return nil
        }
    }

    /// Whether the group is still there.
    package func exists(_ group: Cgroup) -> Bool {
        (group.folders.values.first ?? group.unified).map { exists($0) } ?? false
    }

    private func read<Value>(
        _ path: HostPath?,
        _ parse: ([UInt8], String) throws(HostFileError) -> Value?
    ) throws(HostFileError) -> Value? {
        guard let path, root(of: path.tree) != nil else { return nil }
        let location = location(of: path)
        // What a kernel file gives less of than was asked for is all of it: nobody reads a second time to learn that.
        switch FileReader.read(location, limit: 1 << 16, isEnough: { $0.count < 2048 && $0.last == 0x0A }) {
        case .bytes(let bytes): return try parse(bytes, location)
        case .tooLarge: throw .tooLarge(path: location, limit: 1 << 16)
        case .failed(let errno):
            if [ENOENT, ENOTDIR, ENODEV].contains(errno) { return nil }
            throw failure(errno, path, location)
        }
    }
}
