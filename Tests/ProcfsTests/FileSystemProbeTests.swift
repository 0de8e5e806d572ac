import Basics
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Procfs

@Suite(.timeLimit(.minutes(1))) struct FileSystemProbeTests {
    /// Answers for filesystems by their names; those on `hanging` block until they are let go.
    private final class Server: Sendable {
        let hanging: Mutex<Set<String>>
        let asked = Mutex<[String: Int]>([:])
        private let pipe: (Int32, Int32)

        init(hanging: Set<String>) {
            self.hanging = Mutex(hanging)
            var ends: [Int32] = [0, 0]
            _ = Glibc.pipe(&ends)
            pipe = (ends[0], ends[1])
        }

        func look(_ system: FileSystem) -> FileSystemAnswer {
            asked.withLock { $0[system.name, default: 0] += 1 }
            if hanging.withLock({ $0.contains(system.name) }) {
                var byte: UInt8 = 0
                _ = read(pipe.0, &byte, 1)
            }
            return .use(FileSystemUse(size: 4, free: 2, available: 2, files: 0, freeFiles: 0))
        }

        /// Lets everything that hangs answer.
        func recover() {
            hanging.withLock { $0 = [] }
            close(pipe.1)
        }
    }

    private let time = SystemTime()

    private func systems(_ names: some Sequence<String>) -> [FileSystem] {
        names.map { FileSystem(device: "0:1", type: "nfs4", origin: "x", points: [$0], access: .writable) }
    }

    private func probe(_ server: Server) -> FileSystemProbe {
        FileSystemProbe { system, _ in server.look(system) }
    }

    private func isHung(_ answer: FileSystemAnswer) -> Bool {
        if case .hung = answer { true } else { false }
    }

    private func isUse(_ answer: FileSystemAnswer) -> Bool {
        if case .use = answer { true } else { false }
    }

    @Test func allAnswerAtOnceWhereNoneHangs() async {
        let server = Server(hanging: [])
        let probe = probe(server)
        let start = time.uptime
        let systems = systems((0..<50).map { "/\($0)" })
        for _ in 0..<2 {
            let answers = await probe.answers(of: systems, below: "/", patience: .seconds(30), time: time)
            #expect(answers.count == 50)
            #expect(answers.allSatisfy(isUse))
        }
        #expect(await probe.answers(of: [], below: "/", patience: .seconds(30), time: time) == [])
        #expect(time.uptime - start < .seconds(10))
    }

    @Test func oneThatHangsHoldsUpNoOtherAndIsAskedOnce() async {
        let server = Server(hanging: ["/b"])
        let probe = probe(server)
        let systems = systems(["/a", "/b", "/c"])
        var spans: [Duration] = []
        for _ in 0..<5 {
            let answers = await probe.answers(of: systems, below: "/", patience: .seconds(2), time: time)
            #expect(isUse(answers[0]) && isUse(answers[2]))
            guard case .hung(let span) = answers[1] else {
                Issue.record("\(answers[1])")
                return
            }
            spans.append(span)
        }
        #expect(server.asked.withLock { $0["/b"] } == 1)
        #expect(spans == spans.sorted())
        #expect(spans[0] > .zero)
        server.recover()
        var answers: [FileSystemAnswer] = []
        repeat {
            answers = await probe.answers(of: systems, below: "/", patience: .seconds(10), time: time)
        } while !isUse(answers[1])
        #expect(answers.allSatisfy(isUse))
    }

    @Test func manyThatHangCostOneThreadEachUpToALimit() async {
        let names = (0..<40).map { "/\($0)" }
        let server = Server(hanging: Set(names))
        let probe = probe(server)
        let systems = systems(names) + systems(["/z"])
        for _ in 0..<4 {
            let answers = await probe.answers(of: systems, below: "/", patience: .seconds(2), time: time)
            #expect(answers.count { isHung($0) } == FileSystemProbe.threadLimit)
            #expect(answers.count { $0 == .notAsked } == 41 - FileSystemProbe.threadLimit)
        }
        #expect(server.asked.withLock { $0.values.reduce(0, +) } == FileSystemProbe.threadLimit)
        server.recover()
    }

    @Test func aLookThatIsGivenUpLeavesNothingWaiting() async {
        let server = Server(hanging: ["/a"])
        let probe = probe(server)
        let systems = systems(["/a"])
        let task = Task { await probe.answers(of: systems, below: "/", patience: .seconds(3600), time: time) }
        while server.asked.withLock(\.isEmpty) { await Task.yield() }
        task.cancel()
        #expect(await task.value.allSatisfy(isHung))
        server.recover()
    }
}
