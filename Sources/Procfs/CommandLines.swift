package import Basics
import CLinux
import Glibc
import Synchronization

/// Reads command lines on threads of its own: the kernel takes them from the process's memory, which may wait for ever
/// for a lock or a page.
///
/// All are read one after the other on one thread. When it has taken long, another goes on with the rest, and a process
/// with which a thread is stuck is not asked again before it comes back: it costs one thread, however long it takes.
package final class CommandLines: Sendable {
    typealias Look = @Sendable (Host, ProcessStat) -> CommandLine

    /// The processes that threads are stuck with.
    private let asked = Mutex<Set<ProcessStat.Key>>([])
    private let look: Look

    package convenience init() { self.init { $0.commandLine(of: $1) } }

    init(look: @escaping Look) { self.look = look }

    /// Most threads that may be stuck before no more are asked.
    static let threadLimit = 4
    /// How long one thread may take; usual are microseconds for each process.
    static let patience = Duration.seconds(1)

    /// The command line of each process, in their order.
    package func read(_ processes: [ProcessStat], of host: Host, time: any TimeSource) async -> [CommandLine] {
        var answers = [CommandLine?](repeating: nil, count: processes.count)
        for (place, process) in processes.enumerated() where process.isKernelThread || process.isZombie {
            answers[place] = .words([])
        }
        while true {
            let stuck = asked.withLock(\.self)
            let open = processes.indices.filter { answers[$0] == nil && !stuck.contains(processes[$0].key) }
            guard !open.isEmpty, stuck.count < Self.threadLimit, !Task.isCancelled else { break }
            let round = Round(open.map { processes[$0] })
            guard DetachedThread.start("custos-procs", { self.work(round, host) }) else { break }
            await round.wait(time)
            for (place, answer) in zip(open, round.close()) { answers[place] = answer }
        }
        return answers.map { $0 ?? .silent }
    }

    private func work(_ round: Round, _ host: Host) {
        for (place, process) in round.processes.enumerated() {
            _ = asked.withLock { $0.insert(process.key) }
            let answer = look(host, process)
            _ = asked.withLock { $0.remove(process.key) }
            guard round.put(answer, at: place) else { return }
        }
    }
}

/// What a process was started with.
package enum CommandLine: Sendable, Equatable {
    /// Its words, each ended by a NUL; none for a part of the kernel and for what has ended.
    case words([UInt8])
    /// We may not read it.
    case hidden
    /// It did not answer in time.
    case silent

    /// The words with blanks between, as `ps` shows them.
    package var line: [UInt8]? {
        guard case .words(let words) = self else { return nil }
        var line = words
        while line.last == 0 { line.removeLast() }
        for place in line.indices where line[place] == 0 { line[place] = UInt8(ascii: " ") }
        return line
    }

    /// The first word without its folders: the program, or the link by which it was called.
    package var program: ArraySlice<UInt8>? {
        guard case .words(let words) = self else { return nil }
        let first = words.prefix { $0 != 0 }
        return first.lastIndex(of: UInt8(ascii: "/")).map { first[($0 + 1)...] } ?? first
    }
}

extension Host {
    /// At most this much of a command line is looked at.
    private static let commandLineLimit = 4096

    /// Kernel document: <https://docs.kernel.org/filesystems/proc.html> (`cmdline`).
    fileprivate func commandLine(of process: ProcessStat) -> CommandLine {
        var buffer = [UInt8](repeating: 0, count: Self.commandLineLimit)
        let location = location(of: Self.path(process, .cmdline))
        let count = Self.read(location, in: AT_FDCWD, into: &buffer)
        switch count {
        case -Int(EACCES), -Int(EPERM): return .hidden
        case ...0: return .words([])
        default: return .words(Array(buffer[..<count]))
        }
    }
}

/// One thread's work, and the answers until the round is closed.
private final class Round: Sendable {
    private struct State {
        var answers: [CommandLine] = []
        var isClosed = false
    }

    let processes: [ProcessStat]
    private let state = Mutex(State())
    private let (ended, end) = AsyncStream<Never>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(_ processes: [ProcessStat]) { self.processes = processes }

    /// Notes the answer for the next place; false when nobody wants to know any more.
    func put(_ answer: CommandLine, at place: Int) -> Bool {
        let (isOpen, isLast) = state.withLock { state in
            if !state.isClosed { state.answers.append(answer) }
            return (!state.isClosed, state.answers.count == processes.count)
        }
        if isLast { end.finish() }
        return isOpen
    }

    /// Returns when all have answered or `patience` has passed.
    func wait(_ time: any TimeSource) async {
        await withTaskGroup { group in
            group.addTask { for await _ in self.ended {} }
            group.addTask { try? await time.sleep(for: CommandLines.patience) }
            await group.next()
            group.cancelAll()
        }
    }

    /// The answers so far, from the first on; later ones are dropped.
    func close() -> [CommandLine] {
        state.withLock { state in
            state.isClosed = true
            return state.answers
        }
    }
}
