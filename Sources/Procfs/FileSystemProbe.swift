package import Basics
import CLinux
import Glibc
import Synchronization

/// Looks at filesystems on threads of its own, because a look at one whose server is away blocks for ever.
///
/// All are asked one after the other on one thread. If that gets stuck, those after are asked by several at once. What
/// has not answered in time is marked, and not asked again before it answers: it costs one thread, however long it
/// hangs. With nothing to do there is no thread.
package final class FileSystemProbe: Sendable {
    typealias Look = @Sendable (FileSystem, String) -> FileSystemAnswer

    /// Since when a filesystem has been asked, by monotonic time.
    private let asked = Mutex<[FileSystem.Key: Duration]>([:])
    private let look: Look

    package convenience init() {
        self.init { $0.look(below: $1) }
    }

    init(look: @escaping Look) {
        self.look = look
    }

    /// Most filesystems that may hang before no more are asked.
    static let threadLimit = 16

    /// An answer for each filesystem, in at most twice `patience`.
    package func answers(
        of systems: [FileSystem],
        below root: String,
        patience: Duration,
        time: any TimeSource
    ) async -> [FileSystemAnswer] {
        var answers = hanging(systems, at: time.uptime)
        for threads in [1, Self.threadLimit] {
            let open = systems.indices.filter { answers[$0] == nil }
            let allowed = min(threads, open.count, Self.threadLimit - asked.withLock(\.count))
            guard allowed > 0 else { break }
            let round = Round(systems, open)
            for _ in 0..<allowed
            where !DetachedThread.start("custos-disk", { self.work(round, below: root, time: time) }) { break }
            await round.wait(atMost: patience, time: time)
            for (index, answer) in round.close() { answers[index] = answer }
            let hung = hanging(systems, at: time.uptime)
            for index in open where answers[index] == nil { answers[index] = hung[index] }
        }
        return answers.map { $0 ?? .notAsked }
    }

    /// Those that were asked and have not answered yet.
    private func hanging(_ systems: [FileSystem], at now: Duration) -> [FileSystemAnswer?] {
        asked.withLock { asked in systems.map { asked[$0.key].map { .hung(now - $0) } } }
    }

    private func work(_ round: Round, below root: String, time: any TimeSource) {
        while let (index, system) = round.next() {
            asked.withLock { $0[system.key] = time.uptime }
            let answer = look(system, root)
            _ = asked.withLock { $0.removeValue(forKey: system.key) }
            round.put(answer, at: index)
        }
    }
}

extension FileSystem {
    /// What stays the same while its mounts and its access change.
    fileprivate struct Key: Hashable {
        var device: String
        var name: String
    }

    fileprivate var key: Key { Key(device: device, name: name) }
}

/// One turn: the filesystems that threads take one by one, and the answers until the turn is closed.
private final class Round: Sendable {
    private struct State {
        var waiting: ArraySlice<Int>
        var unanswered: Int
        var answers: [Int: FileSystemAnswer] = [:]
        var isClosed = false
    }

    private let systems: [FileSystem]
    private let state: Mutex<State>
    private let (ended, end) = AsyncStream<Never>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(_ systems: [FileSystem], _ indices: [Int]) {
        self.systems = systems
        state = Mutex(State(waiting: indices[...], unanswered: indices.count))
    }

    /// The next one to ask; nil when there is none left or nobody wants to know any more.
    func next() -> (Int, FileSystem)? {
        state.withLock { state in
            guard !state.isClosed, let index = state.waiting.popFirst() else { return nil }
            return (index, systems[index])
        }
    }

    func put(_ answer: FileSystemAnswer, at index: Int) {
        let isLast = state.withLock { state in
            state.answers[index] = answer
            state.unanswered -= 1
            return state.unanswered == 0
        }
        if isLast { end.finish() }
    }

    /// Returns when all have answered or `patience` has passed.
    func wait(atMost patience: Duration, time: any TimeSource) async {
        await withTaskGroup { group in
            group.addTask { for await _ in self.ended {} }
            group.addTask { try? await time.sleep(for: patience) }
            await group.next()
            group.cancelAll()
        }
    }

    /// The answers so far; later ones are dropped.
    func close() -> [Int: FileSystemAnswer] {
        state.withLock { state in
            state.isClosed = true
            return state.answers
        }
    }
}
