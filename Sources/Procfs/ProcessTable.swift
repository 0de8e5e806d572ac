package import Basics
import CLinux
import Glibc
import Synchronization

/// The processes of the host, listed once for all who ask at about the same time.
///
/// A pass opens one file of each process, `stat`; of those that slept, at every second pass, for that file is what a pass
/// costs. What else is wanted (descriptors, limits, users, command lines) is read when somebody asks for it, of the
/// processes that he asks for: a file that no check needs is never opened.
package final class ProcessTable: Sendable {
    private struct State {
        var pass: ProcessPass?
        var begunAt = Duration.zero
        var goodFor = Duration.zero
        /// Of the pass, by place; nil where nobody asked yet.
        var openFiles: [OpenFiles?] = []
        var limits = FilesLimits()
    }

    /// How long a pass is good for, from its beginning: as long as a turn's checks take to begin.
    ///
    /// One that took long, as where we get little of the processor, is good for as long again after its end, this at most.
    static let freshness = Duration.seconds(1)
    /// How long what a sleeper was is taken for what it is.
    static let patience = Duration.seconds(60)

    let host: Host
    private let state = Mutex(State())
    private let reader = CommandLines()

    package init(_ host: Host) { self.host = host }

    /// Every process there is or was at the pass that others got at this turn; of one that slept at the pass before, what
    /// was seen then.
    ///
    /// - Parameter time: What says how old a pass is, and how long it took.
    /// - Returns: The others' pass, also when they asked first and it is still being made; or a new one.
    /// - Throws: `HostFileError` when the procfs cannot be listed, or hides the processes of others, or when descriptors or
    ///   memory run out.
    package func pass(by time: any TimeSource) throws(HostFileError) -> ProcessPass {
        let askedAt = time.uptime
        return try state.withLock { state throws(HostFileError) in
            if let pass = state.pass, askedAt - state.begunAt < state.goodFor { return pass }
            let begunAt = time.uptime
            let last = state.pass.take()
            let isRecent = begunAt - state.begunAt <= Self.patience
            let pass = try host.listProcesses(after: isRecent ? last : nil, expecting: last?.processes.count ?? 0)
            state.pass = pass
            state.begunAt = begunAt
            let took = time.uptime - begunAt
            state.goodFor = max(Self.freshness, took + min(took, Self.freshness))
            state.openFiles = []
            return pass
        }
    }

    /// What `take` makes of each process and what it was started with, in their order; it is called on other threads.
    package func commandLines<Value: Sendable>(
        of processes: [ProcessStat],
        time: any TimeSource,
        _ take: @escaping @Sendable (ProcessStat, CommandLine) -> Value
    ) async -> [Value] {
        await reader.read(processes, of: host, time: time, take)
    }

    /// How many descriptors processes have open.
    package enum OpenFiles: Sendable, Equatable {
        case number(UInt64)
        /// We may not look, which needs the process's own user, `CAP_SYS_PTRACE` or Linux 6.2.
        case hidden
        /// The process has ended since the pass.
        case gone
    }

    /// The descriptors of the processes at these places of the pass; each is counted once, whoever asks.
    package func openFiles(of pass: ProcessPass, at places: [Int]) -> [OpenFiles] {
        state.withLock { state in
            var known = state.pass?.id == pass.id ? state.openFiles : []
            if known.isEmpty { known = [OpenFiles?](repeating: nil, count: pass.processes.count) }
            let wanted = places.filter { known[$0] == nil }
            if !wanted.isEmpty {
                for (place, count) in zip(wanted, host.openFiles(of: wanted.map { pass.processes[$0].pid })) {
                    known[place] = count
                }
                if state.pass?.id == pass.id { state.openFiles = known }
            }
            return places.map { known[$0] ?? .gone }
        }
    }

    /// How many descriptors processes may open.
    ///
    /// - Parameters:
    ///   - pass: The pass that saw them.
    ///   - places: Where they are in it.
    ///   - open: What they have open, in their order.
    ///   - ratio: Share of the limit above which it is read anew; below, it may be as it was sixty passes ago.
    /// - Returns: Each one's soft limit; nil for what has ended, for parts of the kernel, and where what is open could
    ///   not be counted.
    package func filesLimits(
        of pass: ProcessPass,
        at places: [Int],
        open: [OpenFiles],
        exactAbove ratio: Double
    ) -> [Host.FilesLimit?] {
        state.withLock { state in
            state.limits.enter(pass)
            return zip(places, open).map { place, open in
                let process = pass.processes[place]
                guard case .number(let open) = open, !process.isKernelThread else { return nil }
                if let limit = state.limits.limit(of: process, open: open, exactAbove: ratio) { return limit }
                guard let limit = host.openFilesLimit(of: process) else { return nil }
                state.limits.remember(limit, of: process)
                return limit
            }
        }
    }
}

/// What one pass saw.
package struct ProcessPass: Sendable {
    /// In the order of their numbers.
    package var processes: [ProcessStat]
    /// Processes that we may not look at.
    package var hidden: Int
    /// Tells one pass from another.
    let id: Int
    /// The inode of each one's folder while `stat` was just read, 0 when it was taken over from the pass before.
    var folders: [UInt64] = []

    /// Whose processes these are: in the machine's first PID namespace, and nowhere else, process 2 is the kernel's.
    package var scope: HostScope {
        guard let second = self[2] else { return .container }
        return second.parent == 0 && second.name == Self.kernelsFirst ? .host : .container
    }

    /// The process with this number.
    package subscript(pid: Int32) -> ProcessStat? {
        var low = 0
        var high = processes.count
        while low < high {
            let middle = (low + high) / 2
            if processes[middle].pid < pid { low = middle + 1 } else { high = middle }
        }
        return low < processes.count && processes[low].pid == pid ? processes[low] : nil
    }

    private static let kernelsFirst = ProcessName(escaped: Array("kthreadd".utf8).span.bytes)
    fileprivate static let passes = Atomic(0)
}

/// Those of a pass who slept when they were looked at, found one after the other.
struct Sleepers {
    let pass: ProcessPass
    private var place = 0

    /// None where a program waited and could not be interrupted: how many do is counted at every look then.
    init?(_ pass: consuming ProcessPass) {
        if pass.processes.contains(where: { $0.isBlocked && !$0.isKernelThread }) { return nil }
        self.pass = pass
    }

    /// The process with this number and folder; numbers come in their order.
    mutating func find(_ pid: Int32, _ folder: UInt64) -> ProcessStat? {
        while place < pass.processes.count, pass.processes[place].pid < pid { place += 1 }
        guard place < pass.processes.count, pass.processes[place].pid == pid, pass.folders[place] == folder,
            pass.processes[place].isAsleep
        else { return nil }
        return pass.processes[place]
    }
}

extension Host {
    /// One pass: the directory, and `stat` of each process that is new or did not sleep at the `last`.
    ///
    /// Whoever slept then is taken to sleep still, once: what it has become since (blocked, a zombie, another program by
    /// exec) is seen one pass later. Who is new and who is gone is seen at once: procfs gives the folder of a later
    /// process with the same number another inode.
    fileprivate func listProcesses(
        after last: consuming ProcessPass?,
        expecting expected: Int
    ) throws(HostFileError) -> ProcessPass {
        guard let directory = opendir(roots.proc) else { throw failure(errno, HostPath(.proc, ""), roots.proc) }
        defer { closedir(directory) }
        var pass = ProcessPass(
            processes: [],
            hidden: 0,
            id: ProcessPass.passes.wrappingAdd(1, ordering: .relaxed).newValue
        )
        // Some more than the last time, rather than twice as many because of one.
        pass.processes.reserveCapacity(max(256, expected + expected / 16))
        pass.folders.reserveCapacity(max(256, expected + expected / 16))
        var sleepers = custos_is_procfs(roots.proc) == 1 ? last.flatMap { Sleepers($0) } : nil
        var buffer = [UInt8](repeating: 0, count: 2048)
        var path = ProcessPath(.stat)
        while let entry = readdir(directory) {
            guard let pid = ProcessPath.number(&entry.pointee) else { continue }
            let folder = UInt64(entry.pointee.d_ino)
            if let process = sleepers?.find(pid, folder) {
                pass.processes.append(process)
                pass.folders.append(0)
                continue
            }
            let count = path.with(pid) { Self.read($0, in: dirfd(directory), into: &buffer) }
            switch Int32(clamping: -count) {
            case EACCES, EPERM: pass.hidden += 1
            case EMFILE, ENFILE, ENOMEM:
                // Nobody knows of who could not be asked.
                let path = HostPath(.proc, "\(pid)/stat")
                throw failure(Int32(clamping: -count), path, location(of: path))
            default: break
            }
            // One that ended meanwhile, or is a folder that only looks like a process, is none.
            guard count > 0, let process = ProcessStat(buffer.span.bytes.extracting(first: count)), process.pid == pid
            else { continue }
            pass.processes.append(process)
            pass.folders.append(folder)
        }
        // The kernel lists them in order; a captured tree of plain files need not.
        if !zip(pass.processes, pass.processes.dropFirst()).allSatisfy({ $0.pid < $1.pid }) {
            pass.processes.sort { $0.pid < $1.pid }
        }
        guard pass[1] != nil, pass.hidden == 0 else {
            // A procfs without its first process is none, or one that hides it.
            let path = HostPath(.proc, "1/stat")
            throw failure(pass.hidden > 0 ? EACCES : ENOENT, path, location(of: path))
        }
        return pass
    }

    /// The content of a small file, as much as the buffer holds; a negative `errno` where it cannot be read.
    static func read(_ path: UnsafePointer<CChar>, in directory: Int32, into buffer: inout [UInt8]) -> Int {
        let file = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return -Int(errno) }
        defer { close(file) }
        let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        return count < 0 ? -Int(errno) : count
    }

    /// Counts descriptors.
    ///
    /// Since Linux 6.2 the size of `<pid>/fd` is their number, and everybody may ask for it. Older kernels say 0 and
    /// make us list the directory.
    func openFiles(of pids: [Int32]) -> [ProcessTable.OpenFiles] {
        let directory = open(roots.proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return pids.map { _ in .gone } }
        defer { close(directory) }
        let isSized = kernelTellsSize
        var path = ProcessPath(.fd)
        return pids.map { pid in
            path.with(pid) { path in
                guard isSized else { return Self.list(path, in: directory) }
                var facts = stat()
                if fstatat(directory, path, &facts, 0) == 0 { return .number(UInt64(max(0, facts.st_size))) }
                return errno == ENOENT || errno == ESRCH ? .gone : .hidden
            }
        }
    }

    private static func list(_ path: UnsafePointer<CChar>, in directory: Int32) -> ProcessTable.OpenFiles {
        let handle = openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { return errno == ENOENT || errno == ESRCH ? .gone : .hidden }
        guard let listing = fdopendir(handle) else {
            close(handle)
            return .hidden
        }
        defer { closedir(listing) }
        var number: UInt64 = 0
        while let entry = readdir(listing) {
            if ProcessPath.number(&entry.pointee) != nil { number += 1 }
        }
        return .number(number)
    }

    /// Whether a directory of descriptors says how many it holds; our own always holds some.
    private var kernelTellsSize: Bool {
        var facts = stat()
        return custos_is_procfs(roots.proc) == 1 && stat("\(roots.proc)/thread-self/fd", &facts) == 0
            && facts.st_size > 0
    }
}
