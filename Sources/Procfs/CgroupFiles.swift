// What the files of one control group say, in both versions of the interface. Kernel documents:
// <https://docs.kernel.org/admin-guide/cgroup-v2.html> and <https://docs.kernel.org/admin-guide/cgroup-v1/index.html>.
// None is read at a fixed place, so none is a `HostFile`: `Host+cgroups` knows where a group's files are.

/// Lines of a name and a number, which the kernel calls flat keyed.
private func eachKey(
    _ bytes: [UInt8],
    _ path: String,
    _ take: (ArraySlice<UInt8>, UInt64) -> Void
) throws(HostFileError) {
    var lines = LineScanner(bytes, path: path)
    while var line = try lines.next() {
        guard let name = line.next() else { throw lines.malformed("the line is empty") }
        take(name, try lines.decimal(&line, "the value"))
    }
}

/// One number: `memory.current`, `pids.current`, `memory.usage_in_bytes`, `cpuacct.usage`.
/// ```
/// 482345984
/// ```
struct CgroupNumber: Sendable, Equatable {
    var value: UInt64

    init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the number")
        value = try lines.decimal(&line, "the value")
    }
}

/// One limit: `memory.max`, `pids.max`, `memory.limit_in_bytes`, `cpu.cfs_quota_us`.
/// ```
/// max
/// ```
struct CgroupLimit: Sendable, Equatable {
    /// Nil for none: `max`, −1, and in the first version of memory's the largest number of whole pages.
    var value: UInt64?

    /// No machine has as much of anything; pages of 64 KiB and kernels before 3.19 write different largest numbers.
    private static let unlimited: UInt64 = 1 << 62

    init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the limit")
        guard let word = line.next() else { throw lines.malformed("the line is empty") }
        if word.spells("max") || word.spells("-1") { return }
        guard let number = word.decimal else { throw lines.malformed("the limit is neither a number nor max") }
        value = number < Self.unlimited ? number : nil
    }
}

/// Processor time that a group may use in each period: `cpu.max`, both numbers in microseconds.
/// ```
/// 50000 100000
/// ```
struct CgroupCPUMax: Sendable, Equatable {
    /// In processors: 0.5 is half of one; nil for no limit.
    var processors: Double?

    init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the limit")
        guard let quota = line.next() else { throw lines.malformed("the line is empty") }
        let period = try lines.decimal(&line, "the period")
        if quota.spells("max") { return }
        guard let quota = quota.decimal else { throw lines.malformed("the quota is neither a number nor max") }
        processors = Self.processors(quota, period)
    }

    /// The kernel refuses a period of 0.
    static func processors(_ quota: UInt64, _ period: UInt64) -> Double? {
        quota > 0 && period > 0 ? Double(quota) / Double(period) : nil
    }
}

/// Processor time and what was kept back of it: `cpu.stat`.
///
/// Of the first version `nr_periods`, `nr_throttled` and `throttled_time`, in nanoseconds; of the second `usage_usec`, in
/// microseconds, and with the controller `nr_periods`, `nr_throttled` and `throttled_usec`.
/// ```
/// usage_usec 3120045
/// user_usec 2100000
/// system_usec 1020045
/// nr_periods 1200
/// nr_throttled 300
/// throttled_usec 9000000
/// ```
package struct CgroupCPU: Sendable, Equatable {
    /// In microseconds.
    package var usage: UInt64?
    /// Periods in which the group had something to do, while it had a quota.
    package var periods: UInt64 = 0
    /// Those of them in which its quota was used up.
    package var throttledPeriods: UInt64 = 0
    /// How long its tasks waited for the next period, in microseconds.
    package var throttledTime: UInt64 = 0

    init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var read = Self()
        try eachKey(bytes, path) { name, value in
            if name.spells("usage_usec") { read.usage = value }
            if name.spells("nr_periods") { read.periods = value }
            if name.spells("nr_throttled") { read.throttledPeriods = value }
            if name.spells("throttled_usec") { read.throttledTime = value }
            if name.spells("throttled_time") { read.throttledTime = value / 1000 }
        }
        self = read
    }

    private init() {}
}

/// Pages of files that nobody used of late, which the kernel takes back before it kills: `memory.stat`.
/// ```
/// anon 4096000
/// file 8192000
/// inactive_file 2048000
/// ```
struct CgroupMemoryStat: Sendable, Equatable {
    /// In bytes; of the first version's `total_inactive_file`, which counts the groups below as its usage does.
    var inactiveFile: UInt64

    init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var own: UInt64?
        var total: UInt64?
        try eachKey(bytes, path) { name, value in
            if name.spells("inactive_file") { own = value }
            if name.spells("total_inactive_file") { total = value }
        }
        guard let found = total ?? own else {
            throw .malformed(path: path, line: 1, because: "inactive_file is missing")
        }
        inactiveFile = found
    }
}

/// Processes of the group that the kernel killed because memory ran out: `memory.events` and the first version's
/// `memory.oom_control`, both since Linux 4.13.
/// ```
/// oom_kill_disable 0
/// under_oom 0
/// oom_kill 2
/// ```
struct CgroupKills: Sendable, Equatable {
    /// Nil where an older kernel does not count them.
    var count: UInt64?

    init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var found: UInt64?
        try eachKey(bytes, path) { name, value in
            if name.spells("oom_kill") { found = value }
        }
        count = found
    }
}
