import Basics

/// Who holds most descriptors: what to look at where the machine's own limit limits nothing.
package struct FileUse: Sendable, Equatable {
    /// A process and its use.
    package struct Process: Sendable, Equatable {
        package var pid: Int32
        /// Chosen by the process itself; safe to show.
        package var name: String
        /// Its open descriptors.
        package var open: UInt64
        /// Its soft limit; nil for none.
        package var limit: UInt64?

        /// Share of the limit in use, 0 without one.
        package var ratio: Double { FileUse.ratio(open, of: limit) }
    }

    /// Share of a limit, 0 without one.
    package static func ratio(_ open: UInt64, of limit: UInt64?) -> Double {
        limit.map { Double(open) / Double(max(1, $0)) } ?? 0
    }

    /// A control group and its use.
    package struct Group: Sendable, Equatable {
        /// As the first line that fits in `<pid>/cgroup` names it; safe to show.
        package var path: String
        /// Descriptors of its processes; one that is shared counts for each.
        package var open: UInt64
    }

    /// The process nearest to its limit; nil where none could be counted.
    package var fullest: Process?
    /// The group with most descriptors among processes that hold at least `floor`.
    package var largestGroup: Group?
    /// Descriptors of all processes that could be counted.
    package var open: UInt64 = 0
    /// Processes that could be counted.
    package var counted = 0
    /// Processes that could not.
    package var hidden = 0

    /// Processes with fewer descriptors than this, which most are, have their limits remembered and their groups not
    /// looked up.
    package static let floor: UInt64 = 64
}

extension FileUse {
    /// The group in the content of `<pid>/cgroup`: the unified hierarchy's, else systemd's, else the first that says
    /// more than `/`.
    static func group(in bytes: [UInt8]) -> String? {
        var chosen: ArraySlice<UInt8>?
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].count > 1 || chosen == nil else { continue }
            let isBetter = parts[1].isEmpty || parts[1].spells("name=systemd")
            if chosen == nil || chosen?.count == 1 || isBetter { chosen = parts[2] }
        }
        return chosen?.text.safe(limit: 512)
    }
}
