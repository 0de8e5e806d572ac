import CLinux
import Glibc
import SystemPackage

/// The machine being watched, read through its kernel's files.
///
/// The only type that knows where they are mounted. No method takes a path: `<proc>/net`, `<proc>/self` and most of
/// `<proc>/sys/net` describe the reader, and nobody can ask for them by mistake.
package struct Host: Hashable, Sendable {
    package let roots: HostRoots
    let memory = HostMemory()

    package init(roots: HostRoots) {
        self.roots = roots
    }

    package static func == (left: Host, right: Host) -> Bool { left.roots == right.roots }

    package func hash(into hasher: inout Hasher) { hasher.combine(roots) }

    /// The size of a page, in bytes.
    package static var pageSize: UInt64 { UInt64(max(1, sysconf(Int32(_SC_PAGESIZE)))) }

    package func fileHandles() throws(HostFileError) -> FileHandles { try read(FileHandles.self) }
    package func uptime() throws(HostFileError) -> Uptime { try read(Uptime.self) }
    package func bootTime() throws(HostFileError) -> BootTime { try read(BootTime.self) }
    package func bootID() throws(HostFileError) -> BootID { try read(BootID.self) }
    package func memInfo() throws(HostFileError) -> MemInfo { try read(MemInfo.self) }
    package func vmStat() throws(HostFileError) -> VMStat { try read(VMStat.self) }
    package func cpuTimes() throws(HostFileError) -> CPUTimes { try read(CPUTimes.self) }
    package func loadAverage() throws(HostFileError) -> LoadAverage { try read(LoadAverage.self) }
    package func conntrackLimit() throws(HostFileError) -> ConntrackLimit { try read(ConntrackLimit.self) }
    package func mountInfo() throws(HostFileError) -> MountInfo {
        let path = MountInfo.source
        let location = location(of: path)
        let watched = custos_is_procfs(location) == 1 ? location : nil
        return try memory.mounts(watching: watched) { atLeast throws(HostFileError) in
            try bytes(of: path, limit: 4 << 20) { bytes in atLeast.map { bytes.count >= $0 } ?? false }
        } parse: { bytes throws(HostFileError) in
            try MountInfo(parsing: bytes, path: location)
        }
    }
    package func hostName() throws(HostFileError) -> HostName { try read(HostName.self) }
    package func pidLimit() throws(HostFileError) -> PIDLimit { try read(PIDLimit.self) }
    package func threadLimit() throws(HostFileError) -> ThreadLimit { try read(ThreadLimit.self) }
    package func kernelRelease() throws(HostFileError) -> KernelRelease { try read(KernelRelease.self) }
    package func hungTaskCount() throws(HostFileError) -> HungTaskCount { try read(HungTaskCount.self) }
    package func hungTaskTimeout() throws(HostFileError) -> HungTaskTimeout { try read(HungTaskTimeout.self) }
    package func hungTaskWarnings() throws(HostFileError) -> HungTaskWarnings { try read(HungTaskWarnings.self) }
    package func users() throws(HostFileError) -> UserTable { try read(UserTable.self) }

    func read<File: HostFile>(
        _ file: File.Type,
        at path: HostPath = File.source,
        limit: Int = FileReader.usualLimit
    ) throws(HostFileError) -> File {
        try File(parsing: bytes(of: path, limit: limit), path: location(of: path))
    }

    /// The path as it is opened.
    func location(of path: HostPath) -> String {
        root(of: path.tree).map { $0 == "/" ? $0 + path.relative : "\($0)/\(path.relative)" } ?? path.description
    }

    func root(of tree: HostPath.Tree) -> String? {
        switch tree {
        case .proc: roots.proc
        case .sys: roots.sys
        case .root: roots.root
        case .run: roots.run
        }
    }

    // MARK: - Reading

    /// The content of a file; `isEnough` looks at what was read so far, and true stops before the end.
    func bytes(
        of path: HostPath,
        limit: Int = FileReader.usualLimit,
        isEnough: ([UInt8]) -> Bool = { _ in false }
    ) throws(HostFileError) -> [UInt8] {
        let location = location(of: path)
        guard let root = root(of: path.tree) else {
            throw .absent(path: location, hint: Self.hint(toMount: path.tree))
        }
        // Links in the host's root and runtime directory are meant for a reader whose root that is.
        let outcome =
            switch path.tree {
            case .proc, .sys: FileReader.read(location, limit: limit, isEnough: isEnough)
            case .root, .run: FileReader.read(path.relative, below: root, limit: limit, isEnough: isEnough)
            }
        switch outcome {
        case .bytes(let bytes): return bytes
        case .tooLarge: throw .tooLarge(path: location, limit: limit)
        case .failed(let errno): throw failure(errno, path, location)
        }
    }

    /// The same with links that never lead out of the file's tree, whichever it is.
    func bytesWithin(
        _ path: HostPath,
        limit: Int,
        isEnough: ([UInt8]) -> Bool
    ) throws(HostFileError) -> [UInt8] {
        let location = location(of: path)
        guard let root = root(of: path.tree) else {
            throw .absent(path: location, hint: Self.hint(toMount: path.tree))
        }
        switch FileReader.read(path.relative, below: root, limit: limit, isEnough: isEnough) {
        case .bytes(let bytes): return bytes
        case .tooLarge: throw .tooLarge(path: location, limit: limit)
        case .failed(let errno): throw failure(errno, path, location)
        }
    }

    func failure(_ errno: Int32, _ path: HostPath, _ location: String) -> HostFileError {
        switch errno {
        case ENOENT, ENOTDIR, ESRCH:
            guard path.tree == .proc || path.tree == .sys else { return .absent(path: location) }
            if !isMounted(path.tree) { return .absent(path: location, hint: Self.hint(toMount: path.tree)) }
            let isHidden = path.relative.hasPrefix("1/") && !exists("\(roots.proc)/1")
            return isHidden ? .denied(path: location, hint: Self.hiddenHint) : .absent(path: location)
        case EACCES, EPERM:
            let isProcess = path.relative.first?.isNumber == true
            return .denied(path: location, hint: isProcess ? Self.hiddenHint : Self.deniedHint)
        default:
            return .unreadable(path: location, errno: Errno(rawValue: errno))
        }
    }

    /// Whether anything is there: a mount that was forgotten is an empty directory or none.
    func isMounted(_ tree: HostPath.Tree) -> Bool {
        tree == .proc ? exists("\(roots.proc)/uptime") || exists("\(roots.proc)/stat") : exists("\(roots.sys)/kernel")
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    // MARK: - Hints

    static func hint(toMount tree: HostPath.Tree) -> String {
        switch tree {
        case .proc: "mount the host's procfs: -v /proc:/host/proc:ro"
        case .sys: "mount the host's sysfs: -v /sys:/host/sys:ro"
        case .root: "mount the host's root: -v /:/host/root:ro,rslave"
        case .run: "mount the host's runtime directory: -v /run:/host/run:ro"
        }
    }

    private static let hiddenHint =
        "the host hides other users' processes (mount option hidepid): give Custos the group of that mount's gid= "
        + "option (group_add), or remount the host's procfs with hidepid=0"

    private static let deniedHint =
        "let Custos' user read it: look for a security module's denial (AppArmor, SELinux) and for masked paths"
}
