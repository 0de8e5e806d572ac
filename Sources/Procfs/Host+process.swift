import Basics

// Files of one process, read for those few that a pass has made interesting. One that has ended is none: nil.

extension Host {
    /// How many descriptors a process may open.
    package enum FilesLimit: Sendable, Equatable {
        case number(UInt64), unlimited

        package var number: UInt64? {
            if case .number(let number) = self { number } else { nil }
        }
    }

    /// The soft limit, which is the one that `open` obeys.
    package func openFilesLimit(of process: ProcessStat) -> FilesLimit? {
        (try? read(ProcessLimits.self, at: Self.path(process, .limits))).map { limits in
            limits.openFiles.map { .number($0) } ?? .unlimited
        }
    }

    /// The user whose rights it has.
    package func user(of process: ProcessStat) -> UInt32? {
        (try? read(ProcessStatus.self, at: Self.path(process, .status)))?.user
    }

    /// The control group as `FileUse.Group` names it; safe to show.
    package func controlGroup(of process: ProcessStat) -> String? {
        (try? bytes(of: Self.path(process, .cgroup))).flatMap { FileUse.group(in: $0) }
    }

    /// Whether control groups are seen from a namespace of our own: paths out of it begin with `/..`, and none is as the
    /// host names it.
    ///
    /// Document: cgroup_namespaces(7); engines give each container its own where the host has cgroup v2.
    package var hasOwnControlGroups: Bool {
        let first = (try? bytes(of: HostPath(.proc, "1/cgroup"))).flatMap { FileUse.group(in: $0) }
        return first == "/.." || first?.hasPrefix("/../") == true
    }

    /// The kernel function in which it waits; nil where we may not ask (ptrace access) or it waits nowhere.
    package func waitsIn(_ process: ProcessStat) -> String? {
        guard let bytes = try? bytes(of: Self.path(process, .wchan)), bytes.count < 256 else { return nil }
        let name = bytes[...].text.safe(limit: 64)
        return name.isEmpty || name == "0" ? nil : name
    }

    /// Whether its group's freezer holds it: a paused container (cgroup v1), whose processes look blocked and are well.
    ///
    /// Kernel document: <https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html>
    package func isFrozen(_ process: ProcessStat, known: inout [String: Bool]) -> Bool {
        guard let lines = try? bytes(of: Self.path(process, .cgroup)), let group = Self.freezer(in: lines),
            group != "/"
        else { return false }
        if let frozen = known[group] { return frozen }
        let state = try? bytes(of: Self.freezerState(of: group))
        let isFrozen = state.map { !$0.starts(with: "THAWED".utf8) } ?? false
        known[group] = isFrozen
        return isFrozen
    }

    /// Where a group of the freezer says whether it holds its processes.
    static func freezerState(of group: String) -> HostPath {
        HostPath(.sys, "fs/cgroup/freezer\(group)/freezer.state")
    }

    static func freezer(in lines: [UInt8]) -> String? {
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].first == UInt8(ascii: "/") else { continue }
            let isFreezer = parts[1].split(separator: UInt8(ascii: ",")).contains { $0.spells("freezer") }
            if isFreezer { return parts[2].text }
        }
        return nil
    }

    /// Whether the process of the pass still is the one with its number.
    package func isStillThere(_ process: ProcessStat) -> Bool {
        (try? read(ProcessStat.self, at: Self.path(process, .stat)))?.key == process.key
    }

    static func path(_ process: ProcessStat, _ file: ProcessFile) -> HostPath {
        HostPath(.proc, "\(process.pid)/\(file.rawValue)")
    }
}
