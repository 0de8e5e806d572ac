import Basics
import Glibc
import TestSupport
import Testing

@testable import Procfs

/// A journal below the fixture's root, written by systemd's own program.
@Suite struct KernelJournalTests {
    private final class Scene {
        let fixture: HostFixture
        let now = SystemTime().now

        init() throws {
            fixture = try HostFixture()
            try fixture.write("root/var/log/journal/\(Scene.machine)/keep", "")
            #expect(chmod(fixture.folder, 0o755) == 0)
        }

        private static let machine = "0123456789abcdef0123456789abcdef"

        var file: String { fixture.path("root/var/log/journal/\(Self.machine)/system.journal") }

        /// A hung task of this number, as journald would have read it.
        func append(
            _ pid: Int,
            facility: Int = 0,
            transport: String = "kernel",
            boot: String = "1f6c2f0e6f0b4d0a9b0e3d2a5c7e9f11",
            ago: Duration = .seconds(60)
        ) throws {
            let moment = (now - ago).milliseconds * 1000 + Int64(pid)
            let fields = [
                "__REALTIME_TIMESTAMP=\(moment)", "__MONOTONIC_TIMESTAMP=\(5000 + pid)", "_BOOT_ID=\(boot)",
                "_TRANSPORT=\(transport)", "SYSLOG_FACILITY=\(facility)", "_SOURCE_MONOTONIC_TIMESTAMP=\(1000 + pid)",
                "MESSAGE=INFO: task cp:\(pid) blocked for more than 120 seconds.",
            ]
            try fixture.write("entry", fields.joined(separator: "\n") + "\n\n")
            #expect(try Self.run("/lib/systemd/systemd-journal-remote", "-o", file, fixture.path("entry")) == 0)
        }

        private static func run(_ words: String...) throws -> Int32 {
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            for descriptor in [0, 1, 2] as [Int32] {
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
            }
            let arguments = words.map { strdup($0) }
            defer { for argument in arguments { free(argument) } }
            var (process, status) = (pid_t(), Int32())
            let result = posix_spawn(&process, words[0], &actions, nil, arguments + [nil], environ)
            try #require(result == 0, "install the packages for tests: scripts/install-deps test")
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            return status
        }

        func news(_ log: KernelLog) throws -> KernelLog.News { try log.news(of: fixture.host, at: now) }
    }

    @Test("where the device may not be read the journal tells, each record once")
    func journalInsteadOfTheDevice() throws {
        let (scene, log) = (try Scene(), KernelLog())
        try scene.append(7)
        let first = try scene.news(log)
        #expect(first.isFirst)
        #expect(first.hungTasks.map(\.pid) == [7])
        #expect(first.hungTasks.first?.stamp == .microseconds(1007))
        #expect(try scene.news(log) == KernelLog.News())
        try scene.append(8)
        let second = try scene.news(log)
        #expect(!second.isFirst)
        #expect(second.hungTasks.map(\.pid) == [8])
    }

    @Test("only the kernel is believed, of this boot and of the last day")
    func whatIsNotBelieved() throws {
        let (scene, log) = (try Scene(), KernelLog())
        try scene.append(4, ago: .seconds(2 * 86400))
        try scene.append(1, facility: 3)
        try scene.append(2, transport: "syslog")
        try scene.append(3, boot: "00000000000040008000000000000001")
        try scene.append(5)
        #expect(try scene.news(log).hungTasks.map(\.pid) == [5])
    }

    @Test("opened anew at its cursor, it goes on behind it")
    func cursor() throws {
        let scene = try Scene()
        try scene.append(7)
        func read(behind cursor: String?) throws -> (cursor: String?, pids: [Int32]) {
            let journal = try #require(
                KernelJournal.open(of: scene.fixture.host, behind: cursor, orSince: scene.now - .seconds(3600))
            )
            var pids: [Int32] = []
            let last = try journal.read(atMost: 100) { record in
                if let task = HungTask(record) { pids.append(task.pid) }
            }
            return (last, pids)
        }
        let first = try read(behind: nil)
        #expect(first.pids == [7])
        let same = try read(behind: first.cursor)
        #expect(same.pids == [] && same.cursor == nil)
        try scene.append(8)
        #expect(try read(behind: first.cursor).pids == [8])
    }

    @Test("a journal that may not be read, or is not there, leaves the device's own reason and remedy")
    func blind() throws {
        let scene = try Scene()
        let absent = #expect(throws: HostFileError.self) { try scene.news(KernelLog()) }
        #expect(absent?.hint?.contains("--device /dev/kmsg") == true)
        try scene.append(7)
        #expect(chmod(scene.file, 0o600) == 0)
        let denied = try IsolatedThread.run(.unprivileged) { [host = scene.fixture.host, now = scene.now] in
            #expect(throws: HostFileError.self) { try KernelLog().news(of: host, at: now) }
        }
        #expect(denied?.hint?.contains("systemd-journal") == true)
    }
}
