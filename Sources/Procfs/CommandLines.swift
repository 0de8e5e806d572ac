package import Basics
import CLinux
import Glibc
import Synchronization

/// Reads command lines on threads of its own: the kernel takes them from the process's memory, which may wait for ever
/// for a lock or a page.
///
/// All are read one after the other on one thread. When it has taken long, another goes on with the rest, and a process
/// with which a thread is stuck is not asked again before it comes back: it costs one thread for each who asked at that
/// moment, however long it takes.
package final class CommandLines: Sendable {
    /// Reads one command line; the buffer is the thread's, for all that it reads.
    typealias Look = @Sendable (Host, ProcessStat, _ buffer: inout [UInt8]) -> CommandLine

    /// The processes that threads are stuck with, as who waited for them found; the thread takes its own out.
    private let stuck = Mutex<Set<ProcessStat.Key>>([])
    private let look: Look

    package convenience init() { self.init { $0.commandLine(of: $1, into: &$2) } }

    init(look: @escaping Look) { self.look = look }

    /// Most threads that may be stuck before no more are asked.
    static let threadLimit = 4
    /// How long one thread may take; usual are microseconds for each process.
    static let patience = Duration.seconds(1)

    /// What somebody makes of the command line of each process, in their order.
    ///
    /// The lines themselves are not kept: those of all processes together may be larger than our memory.
    package func read<Value: Sendable>(
        _ processes: [ProcessStat],
        of host: Host,
        time: any TimeSource,
        _ take: @escaping @Sendable (ProcessStat, CommandLine) -> Value
    ) async -> [Value] {
        var answers = [Value?](repeating: nil, count: processes.count)
        for (place, process) in processes.enumerated() where process.isKernelThread || process.isZombie {
            answers[place] = take(process, .words([]))
        }
        while true {
            let stuck = stuck.withLock(\.self)
            let open = processes.indices.filter { answers[$0] == nil && !stuck.contains(processes[$0].key) }
            guard !open.isEmpty, stuck.count < Self.threadLimit, !Task.isCancelled else { break }
            let round = Round<Value>(open.map { processes[$0] })
            guard DetachedThread.start("custos-procs", { self.work(round, host, take) }) else { break }
            await round.wait(time)
            let given = round.close { process in _ = self.stuck.withLock { $0.insert(process.key) } }
            for (place, answer) in zip(open, given) { answers[place] = answer }
        }
        return zip(processes, answers).map { process, answer in answer ?? take(process, .silent) }
    }

    private func work<Value>(
        _ round: Round<Value>,
        _ host: Host,
        _ take: @Sendable (ProcessStat, CommandLine) -> Value
    ) {
        var buffer: [UInt8] = []
        for process in round.processes {
            let answer = take(process, look(host, process, &buffer))
            guard round.put(answer) else {
                // Nobody waited any longer, and it was taken for stuck.
                _ = stuck.withLock { $0.remove(process.key) }
                return
            }
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
    /// Only its beginning fits into our memory.
    case tooLong

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
    /// Nearly all are shorter than this.
    private static let usualCommandLine = 4096
    /// Longer ones are not judged: the class path of a Java program takes twenty thousand, its main class comes last.
    static let commandLineLimit = 128 << 10

    /// Kernel document: <https://docs.kernel.org/filesystems/proc.html> (`cmdline`); a read gives all that it has room
    /// for.
    fileprivate func commandLine(of process: ProcessStat, into buffer: inout [UInt8]) -> CommandLine {
        let file = open(location(of: Self.path(process, .cmdline)), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return errno == EACCES || errno == EPERM ? .hidden : .words([]) }
        defer { close(file) }
        var count = 0
        for room in [Self.usualCommandLine, Self.commandLineLimit] {
            if buffer.count < room { buffer += [UInt8](repeating: 0, count: room - buffer.count) }
            let got = buffer.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress.map { $0 + count }, room - count)
            }
            if got < 0 { return errno == EACCES || errno == EPERM ? .hidden : .words([]) }
            count += got
            if count < room { return .words(Array(buffer[..<count])) }
        }
        return .tooLong
    }
}

/// One thread's work, and the answers until the round is closed.
private final class Round<Answer: Sendable>: Sendable {
    private struct State {
        var answers: [Answer] = []
        var isClosed = false
    }

    let processes: [ProcessStat]
    private let state = Mutex(State())
    private let (ended, end) = AsyncStream<Never>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(_ processes: [ProcessStat]) { self.processes = processes }

    /// Notes the answer for the next place; false when nobody wants to know any more.
    func put(_ answer: Answer) -> Bool {
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
    ///
    /// `missing` gets the first process without one, before its thread can learn that nobody waits any longer.
    func close(_ missing: (ProcessStat) -> Void) -> [Answer] {
        state.withLock { state in
            state.isClosed = true
            if state.answers.count < processes.count { missing(processes[state.answers.count]) }
            return state.answers
        }
    }
}
