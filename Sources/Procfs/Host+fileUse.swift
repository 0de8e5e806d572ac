import CLinux
import Glibc

extension Host {
    /// Counts every process's descriptors.
    ///
    /// Since Linux 6.2 the size of `<pid>/fd` is their number, and everybody may ask for it. Older kernels say 0 and
    /// make us list the directory, which needs the process's own user or `CAP_SYS_PTRACE`; what that forbids is
    /// counted as hidden.
    ///
    /// - Throws: `HostFileError` when the procfs itself cannot be listed. Processes that end meanwhile are skipped.
    package func fileUse() throws(HostFileError) -> FileUse {
        guard let directory = opendir(roots.proc) else { throw failure(errno, HostPath(.proc, ""), roots.proc) }
        defer { closedir(directory) }
        let isSized = kernelTellsSize
        var use = FileUse()
        var groups: [String: UInt64] = [:]
        while let entry = readdir(directory) {
            guard let pid = Self.pid(&entry.pointee) else { continue }
            let count: UInt64
            switch descriptors(of: pid, directory: dirfd(directory), isSized: isSized) {
            case .number(let number): count = number
            case .hidden:
                use.hidden += 1
                continue
            case .gone: continue
            }
            use.counted += 1
            use.open += count
            if count >= FileUse.floor || use.fullest == nil { consider(pid, count, &use, &groups) }
        }
        if let largest = groups.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
            use.largestGroup = FileUse.Group(path: largest.key, open: largest.value)
        }
        return use
    }

    /// Looks closer at a process that holds many.
    private func consider(_ pid: Int32, _ count: UInt64, _ use: inout FileUse, _ groups: inout [String: UInt64]) {
        guard let limits = try? read(ProcessLimits.self, at: HostPath(.proc, "\(pid)/limits")) else { return }
        if let bytes = try? bytes(of: HostPath(.proc, "\(pid)/cgroup")), let group = FileUse.group(in: bytes) {
            groups[group, default: 0] += count
        }
        var process = FileUse.Process(pid: pid, name: "", open: count, limit: limits.openFiles)
        if let fullest = use.fullest, fullest.ratio >= process.ratio { return }
        process.name = (try? read(ProcessStatus.self, at: HostPath(.proc, "\(pid)/status")).name) ?? ""
        use.fullest = process
    }

    private enum Descriptors {
        case number(UInt64), hidden, gone
    }

    private func descriptors(of pid: Int32, directory: Int32, isSized: Bool) -> Descriptors {
        let path = "\(pid)/fd"
        if isSized {
            var facts = stat()
            if fstatat(directory, path, &facts, 0) == 0 { return .number(UInt64(max(0, facts.st_size))) }
            return errno == ENOENT || errno == ESRCH ? .gone : .hidden
        }
        let handle = openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { return errno == ENOENT || errno == ESRCH ? .gone : .hidden }
        guard let listing = fdopendir(handle) else {
            close(handle)
            return .hidden
        }
        defer { closedir(listing) }
        var number: UInt64 = 0
        while let entry = readdir(listing) {
            if Self.pid(&entry.pointee) != nil { number += 1 }
        }
        return .number(number)
    }

    /// Whether a directory of descriptors says how many it holds; our own always holds some.
    private var kernelTellsSize: Bool {
        var facts = stat()
        return custos_is_procfs(roots.proc) == 1 && stat("\(roots.proc)/thread-self/fd", &facts) == 0
            && facts.st_size > 0
    }

    /// A directory entry's name as a number.
    static func pid(_ entry: inout dirent) -> Int32? {
        withUnsafeBytes(of: &entry.d_name) { name in
            var value: Int32 = 0
            for (index, byte) in name.enumerated() {
                if byte == 0 { return index > 0 ? value : nil }
                guard let digit = byte.hexadecimalDigit, digit < 10, value < 100_000_000 else { return nil }
                value = value * 10 + Int32(digit)
            }
            return nil
        }
    }
}
