package import Basics
import CLinux
import Glibc
import Synchronization
import SystemPackage

/// The kernel's log, read on from where we last were.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/abi-testing.html> (`/dev/kmsg`): each read gives one record;
/// what was overwritten before it was read is told by `EPIPE`. The log is the machine's, whoever reads it. Where the
/// device may not be read, what journald has read of it is, if libsystemd is installed beside us.
package final class KernelLog: Sendable {
    private struct State {
        var file: Int32 = -1
        /// Of the last record read.
        var sequence: UInt64?
        /// What came before a kill and says more about it.
        var context = OOMKill.Context()
        var buffer: [UInt8] = []
        var journal: KernelJournal?
        /// Of the last record read from the journal.
        var cursor: String?
    }

    /// What was read at one look.
    package struct News: Sendable, Equatable {
        package var hungTasks: [HungTask] = []
        package var oomKills: [OOMKill] = []
        /// Whether this was the first look, which reads all that the log still holds.
        package var isFirst = false
        /// Records that were overwritten before they were read.
        package var missed: UInt64 = 0
    }

    /// At most so many records at one look: the rest waits for the next.
    static let recordLimit = 200_000

    private let state = Mutex(State())

    package init() {}

    deinit {
        state.withLock { state in if state.file >= 0 { close(state.file) } }
    }

    /// What was written since the last look; of the journal, what is not older than a day.
    ///
    /// - Throws: `HostFileError` when the log cannot be opened or read; the next call tries again.
    package func news(of host: Host, at now: Timestamp) throws(HostFileError) -> News {
        try state.withLock { state throws(HostFileError) in
            do throws(HostFileError) {
                return try Self.deviceNews(of: host, &state)
            } catch {
                guard let news = try Self.journalNews(of: host, at: now, &state) else { throw error }
                return news
            }
        }
    }

    private static func deviceNews(of host: Host, _ state: inout State) throws(HostFileError) -> News {
        var news = News()
        if state.file < 0 {
            state.file = try host.openKernelLog()
            state.buffer = [UInt8](repeating: 0, count: 8192)
            news.isFirst = state.sequence == nil
        }
        for _ in 0..<recordLimit {
            let file = state.file
            let count = state.buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            switch count < 0 ? errno : 0 {
            case 0 where count > 0: take(count, &state, &news)
            case EPIPE, EINTR: continue
            case 0, EAGAIN: return news
            case let error:
                close(state.file)
                state.file = -1
                throw .unreadable(path: Host.kernelLogName, errno: Errno(rawValue: error))
            }
        }
        return news
    }

    /// What the journal has; nil where it cannot be opened.
    private static func journalNews(
        of host: Host,
        at now: Timestamp,
        _ state: inout State
    ) throws(HostFileError) -> News? {
        var news = News()
        if state.journal == nil {
            news.isFirst = state.cursor == nil
            state.journal = KernelJournal.open(of: host, behind: state.cursor, orSince: now - .seconds(86400))
        }
        guard let journal = state.journal else { return nil }
        do throws(HostFileError) {
            let cursor = try journal.read(atMost: recordLimit) { record in
                if let task = HungTask(record) { news.hungTasks.append(task) }
                if let kill = state.context.kill(record) { news.oomKills.append(kill) }
            }
            if let cursor { state.cursor = cursor }
        } catch {
            state.journal = nil
            throw error
        }
        return news
    }

    /// Takes what one read gave: a record, with the lines that belong to it.
    private static func take(_ count: Int, _ state: inout State, _ news: inout News) {
        for line in state.buffer[..<count].split(separator: UInt8(ascii: "\n")) {
            guard let record = KernelRecord(line) else { continue }
            if let last = state.sequence {
                // Opened anew after a failure, the log begins with what is known.
                guard record.sequence > last else { continue }
                news.missed += record.sequence - last - 1
            }
            state.sequence = record.sequence
            guard record.isFromKernel else { continue }
            if let task = HungTask(record) { news.hungTasks.append(task) }
            if let kill = state.context.kill(record) { news.oomKills.append(kill) }
        }
    }
}

extension Host {
    static let kernelLogName = "/dev/kmsg"

    fileprivate func openKernelLog() throws(HostFileError) -> Int32 {
        var file = -ENOENT
        if let path = roots.kernelLog {
            let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
            file = opened < 0 ? -errno : Self.kernelLog(opened)
        }
        // An engine that runs as the host's root may pass the host's devices with its root.
        if file == -ENOENT, let root = roots.root {
            let opened = custos_open_below(root, "dev/kmsg")
            file = opened < 0 ? opened : Self.kernelLog(opened)
        }
        switch file {
        case 0...: return file
        case -EACCES, -EPERM: throw .denied(path: Self.kernelLogName, hint: Self.kernelLogHint)
        case -ENOENT, -ENOTDIR: throw .absent(path: Self.kernelLogName, hint: Self.kernelLogHint)
        default: throw .unreadable(path: Self.kernelLogName, errno: Errno(rawValue: -file))
        }
    }

    /// The file, if it is the log, or stands for it in a captured host; else it is closed, and the log is absent.
    ///
    /// Whoever puts `/dev/null` in its place would make us believe that nothing happens.
    private static func kernelLog(_ file: Int32) -> Int32 {
        var facts = stat()
        if fstat(file, &facts) == 0 {
            switch facts.st_mode & S_IFMT {
            case S_IFREG, S_IFIFO: return file
            // Number 11 of the memory devices: <https://docs.kernel.org/admin-guide/devices.html>.
            case S_IFCHR where facts.st_rdev == 1 << 8 | 11: return file
            default: break
            }
        }
        close(file)
        return -ENOENT
    }

    /// What the log holds of kills and blocked tasks, as it stands there: the last records, up to so many bytes.
    func kernelLogRecords(limit: Int) throws(HostFileError) -> [UInt8] {
        let file = try openKernelLog()
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        var rest: [UInt8] = []
        var context = OOMKill.Context()
        var kept: [[UInt8]] = []
        reading: for _ in 0..<KernelLog.recordLimit {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            switch count < 0 ? errno : 0 {
            case 0 where count > 0: rest += buffer[..<count]
            case EPIPE, EINTR: continue
            case 0, EAGAIN: break reading
            case let error: throw .unreadable(path: Self.kernelLogName, errno: Errno(rawValue: error))
            }
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            for line in rest[..<end].split(separator: UInt8(ascii: "\n")) {
                guard let record = KernelRecord(line), record.isFromKernel else { continue }
                let isKill = context.kill(record) != nil || OOMKill.announces(record)
                if isKill || HungTask(record) != nil { kept.append(line + [UInt8(ascii: "\n")]) }
            }
            rest.removeSubrange(...end)
        }
        var size = 0
        let last = kept.reversed().prefix { line in
            size += line.count
            return size <= limit
        }
        return last.reversed().flatMap(\.self)
    }

    private static let kernelLogHint =
        "to read the kernel's log, give Custos the device (--device /dev/kmsg:/dev/kmsg:r) and set "
        + "kernel.dmesg_restrict=0 on the host, or run it as root with the capability SYSLOG; where libsystemd is installed "
        + "beside Custos, the group systemd-journal will do"
}

extension KernelLog {
    /// How long ago the kernel wrote a record, in the clock by which it stamps them: it stands still in a suspend.
    package static func age(of stamp: Duration) -> Duration {
        var reading = timespec()
        clock_gettime(CLOCK_MONOTONIC_RAW, &reading)
        return .seconds(reading.tv_sec) + .nanoseconds(reading.tv_nsec) - stamp
    }
}
