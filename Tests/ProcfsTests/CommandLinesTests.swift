import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Procfs

@Suite struct CommandLinesTests {
    private final class Scene: Sendable {
        let asked = Atomic(0)
        let isOpen = Atomic(false)
    }

    private func process(_ pid: Int32, flags: UInt64 = 4) throws -> ProcessStat {
        try ProcessStat(parsing: "\(pid) (x) S 1 0 0 0 -1 \(flags) 0 0 0 0 0 0 0 0 20 0 1 0 10 0\n")
    }

    @Test func commandLinesAreReadInOrder() async throws {
        let fixture = try HostFixture()
        let table = ProcessTable(fixture.host)
        let pass = try table.pass(at: .zero)
        let processes = pass.processes.reversed() + [try process(4000)]
        let lines = await table.commandLines(of: processes, time: ManualTime()) { $1 }
        #expect(
            lines.map { $0.line.map { String(decoding: $0, as: UTF8.self) } } == [
                "/opt/leaky/bin/leaky --port 8080", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", "",
                "/sbin/init splash", "",
            ]
        )
        #expect(
            lines.map { $0.program.map { String(decoding: $0, as: UTF8.self) } } == [
                "leaky", "sshd -D [listener] 0 of 10-100 startups", "", "init", "",
            ]
        )
    }

    @Test("a process that does not answer costs one thread, and holds up no other", .timeLimit(.minutes(1)))
    func aStuckProcess() async throws {
        let fixture = try HostFixture()
        let time = ManualTime()
        let scene = Scene()
        let reader = CommandLines { _, process, _ in
            scene.asked.add(1, ordering: .sequentiallyConsistent)
            while process.pid == 7, !scene.isOpen.load(ordering: .sequentiallyConsistent) { usleep(1000) }
            return .words([UInt8(ascii: "a")])
        }
        let processes = try [5, 7, 9].map { try process($0) }
        async let answers = reader.read(processes, of: fixture.host, time: time) { $1 }
        while scene.asked.load(ordering: .sequentiallyConsistent) < 2 || time.sleeperCount == 0 { await Task.yield() }
        time.advance(by: .seconds(1))
        #expect(await answers == [.words([97]), .silent, .words([97])])
        // It is not asked again while its thread is stuck.
        func again() async -> [CommandLine] { await reader.read([processes[1]], of: fixture.host, time: time) { $1 } }
        #expect(await again() == [.silent])
        scene.isOpen.store(true, ordering: .sequentiallyConsistent)
        while await again() == [.silent] { await Task.yield() }
    }

    @Test("whoever asks while others are being answered is answered, too")
    func manyAtOnce() async throws {
        let fixture = try HostFixture()
        let reader = CommandLines { _, _, _ in
            usleep(10)
            return .words([97])
        }
        let processes = try (1...500).map { try process($0) }
        let silent = await withTaskGroup { group in
            for _ in 0..<6 {
                group.addTask {
                    await reader.read(processes, of: fixture.host, time: ManualTime()) { $1 }.count { $0 == .silent }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(silent == 0)
    }

    @Test("a command line of many thousand bytes is read to its end; one that has none in sight is not judged")
    func longOnes() async throws {
        let fixture = try HostFixture()
        let table = ProcessTable(fixture.host)
        func line(_ count: Int) async throws -> CommandLine? {
            let text = "java\0-cp\0" + String(repeating: "x", count: count - 18) + "\0kafka.K\0"
            try fixture.write("proc/4000/cmdline", text)
            return await table.commandLines(of: [try process(4000), try process(4000)], time: ManualTime()) { $1 }.last
        }
        for count in [4095, 4096, 4097, 9 << 10, (128 << 10) - 1] {
            let line = try #require(try await line(count)?.line)
            #expect(line.count == count - 1)
            #expect(line.suffix(8) == Array(" kafka.K".utf8)[...])
        }
        #expect(try await line(128 << 10) == .tooLong)
    }

    @Test func partsOfTheKernelHaveNoneAndAreNotAsked() async throws {
        let fixture = try HostFixture()
        let reader = CommandLines { _, _, _ in .hidden }
        let processes = [try process(5, flags: 0x20_0000), try process(6)]
        let lines = await reader.read(processes, of: fixture.host, time: ManualTime()) { $1 }
        #expect(lines == [.words([]), .hidden])
    }
}
