import Alerting
import Basics
import Glibc
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite(.timeLimit(.minutes(1))) struct OOMCheckTests {
    private static let web = String(repeating: "a1", count: 32)

    /// A machine whose kernel kills, an engine that tells, and the check.
    private final class Scene {
        let check = OOMCheck(OOMCheck.Settings())
        let keeper: ContainerKeeper
        private let scene: ProcessScene
        private(set) var log: Int32 = -1
        private var total = 24
        private var number = 0

        init(log isReadable: Bool = true) throws {
            scene = try ProcessScene()
            keeper = ContainerKeeper(ContainerBoard(), time: scene.time)
            guard isReadable else { return }
            try scene.fixture.write("root/dev/keep", "")
            #expect(mkfifo(scene.fixture.path("root/dev/kmsg"), 0o600) == 0)
            log = open(scene.fixture.path("root/dev/kmsg"), O_RDWR | O_NONBLOCK)
        }

        deinit { close(log) }

        var fixture: HostFixture { scene.fixture }

        /// The kernel kills; without a limit because the machine's memory ran out.
        func kill(_ name: String, in group: String = "/user.slice", limit: Bool = false, counts: Bool = true) throws {
            if counts {
                total += 1
                try fixture.write("proc/vmstat", "oom_kill \(total)\n")
            }
            guard log >= 0 else { return }
            let own = limit ? "oom_memcg=\(group)," : "global_oom,"
            write([
                "oom-kill:constraint=X,nodemask=(null),\(own)task_memcg=\(group),task=\(name),pid=7,uid=0",
                "\(limit ? "Memory cgroup out" : "Out") of memory: Killed process 7 (\(name)) total-vm:1kB, "
                    + "anon-rss:2048kB, file-rss:0kB",
            ])
        }

        /// The kernel counts so many.
        func count(_ total: UInt64) throws { try fixture.write("proc/vmstat", "oom_kill \(total)\n") }

        /// The kernel writes lines.
        func write(_ lines: [String], ago: Duration = .zero) {
            let stamp = (KernelLog.age(of: .zero) - ago).wholeMilliseconds * 1000
            #expect(stamp > 0, "the machine has not run for long enough")
            var text = ""
            for line in lines {
                number += 1
                text += "3,\(number),\(stamp),-;\(line)\n"
            }
            #expect(Glibc.write(log, text, text.utf8.count) == text.utf8.count)
        }

        func engineKnows(_ id: String) async {
            let web = BoardScene.running(id: id)
            await keeper.apply(list: [BoardScene.row(web)], details: [id: web], mark: 0)
        }

        func engineTellsOOM(_ id: String) async {
            _ = await keeper.apply(ContainerEvent(BoardScene.identity("web", id: id), .oom, at: scene.time.now))
        }

        /// The next sweep; `meanwhile` happens while it waits for the engine and the log.
        func observe(
            previous: Duration? = nil,
            meanwhile: @escaping @Sendable () async -> Void = {}
        ) async throws
            -> Observation
        {
            let time = scene.time
            let waker = Task {
                while !Task.isCancelled {
                    if time.sleeperCount > 0 {
                        await meanwhile()
                        time.advance(by: .seconds(2))
                    }
                    await Task.yield()
                }
            }
            defer { waker.cancel() }
            let seen = try await scene.observe(check, keeper, previous: previous)
            return try #require(seen.first { $0.measure == OOMCheck.kills })
        }
    }

    @Test("a kill is told with its victim, its group and its container")
    func evidence() async throws {
        let scene = try Scene()
        await scene.engineKnows(String(repeating: "b2", count: 32))
        #expect(try await scene.observe().occurrences == 0)
        try scene.kill("java", in: "/docker/\(Self.web)", limit: true)
        let seen = try await scene.observe()
        #expect(seen.occurrences == 1)
        #expect(
            seen.summary
                == "the kernel killed java (7), which had 2 MiB: the limit of /docker/\(Self.web) was reached"
        )
        #expect(seen.annotations["container"] == "a1a1a1a1a1a1")
        #expect(seen.annotations["cgroup"] == "/docker/\(Self.web)")
        #expect(seen.annotations["victim"] == "java (7)")
        #expect(try await scene.observe().occurrences == 0)
    }

    @Test("S23 kills by a known container's own limit are its own story")
    func knownContainers() async throws {
        let scene = try Scene()
        await scene.engineKnows(Self.web)
        _ = try await scene.observe()
        try scene.kill("java", in: "/docker/\(Self.web)", limit: true)
        let seen = try await scene.observe()
        #expect(seen.occurrences == 0)
        #expect(seen.annotations["of_containers"] == "1")
        // Where the machine's memory ran out, the victim's container is not the cause.
        try scene.kill("java", in: "/docker/\(Self.web)")
        #expect(try await scene.observe().occurrences == 1)
    }

    @Test("S23 without the log, kills are a container's when the engine tells of them a moment later")
    func withoutTheLog() async throws {
        let scene = try Scene(log: false)
        await scene.engineKnows(Self.web)
        _ = try await scene.observe()
        try scene.kill("java")
        let keeper = scene.keeper
        let event = ContainerEvent(BoardScene.identity("web", id: Self.web), .oom, at: BoardScene.at(0))
        #expect(try await scene.observe(meanwhile: { _ = await keeper.apply(event) }).occurrences == 0)
        try scene.kill("mysqld")
        let seen = try await scene.observe()
        #expect(seen.occurrences == 1)
        #expect(seen.summary == "the kernel killed a process because memory ran out")
        #expect(seen.annotations["log"]?.contains("--device /dev/kmsg") == true)
    }

    @Test("what is counted and what is logged is told once, whichever comes first")
    func countAndLog() async throws {
        let scene = try Scene()
        await scene.engineKnows(Self.web)
        _ = try await scene.observe()
        try scene.kill("a", counts: false)
        #expect(try await scene.observe().occurrences == 1)
        try scene.fixture.write("proc/vmstat", "oom_kill 25\n")
        #expect(try await scene.observe().occurrences == 0)
        // Two were counted, one was logged.
        try scene.kill("b")
        try scene.fixture.write("proc/vmstat", "oom_kill 27\n")
        #expect(try await scene.observe().occurrences == 2)
    }

    @Test("a line that comes after its count was told is not another kill, and hides none")
    func lateLines() async throws {
        let scene = try Scene()
        await scene.engineKnows(Self.web)
        _ = try await scene.observe()
        try scene.count(25)
        #expect(try await scene.observe().occurrences == 1)
        try scene.kill("late", counts: false)
        let seen = try await scene.observe()
        #expect(seen.occurrences == 0)
        #expect(seen.annotations["victim"] == "late (7)")
        try scene.count(26)
        #expect(try await scene.observe().occurrences == 1)
        // A container's line that comes late together with another kill.
        try scene.count(27)
        #expect(try await scene.observe().occurrences == 1)
        try scene.kill("late", in: "/docker/\(Self.web)", limit: true, counts: false)
        try scene.kill("other", counts: false)
        try scene.count(28)
        #expect(try await scene.observe().occurrences == 1)
        // Once both were quiet, what one of them missed hides nothing.
        for _ in 0..<2 { #expect(try await scene.observe().occurrences == 0) }
        try scene.kill("uncounted", counts: false)
        #expect(try await scene.observe().occurrences == 1)
        for _ in 0..<2 { #expect(try await scene.observe().occurrences == 0) }
        try scene.count(29)
        #expect(try await scene.observe().occurrences == 1)
    }

    @Test("kills of a group without an announcement of their own are not the machine's")
    func unannounced() async throws {
        let scene = try Scene()
        await scene.engineKnows(Self.web)
        _ = try await scene.observe()
        let line = "Memory cgroup out of memory: Killed process 7 (java) total-vm:1kB, anon-rss:2048kB"
        scene.write([line])
        try scene.count(25)
        let seen = try await scene.observe()
        #expect(seen.occurrences == 1)
        #expect(
            seen.summary == "the kernel killed java (7), which had 2 MiB: a control group's limit was reached"
        )
        // The engine tells whose they were.
        scene.write([line, line])
        try scene.count(27)
        let keeper = scene.keeper
        let event = ContainerEvent(BoardScene.identity("web", id: Self.web), .oom, at: BoardScene.at(0))
        let told = try await scene.observe(meanwhile: { _ = await keeper.apply(event) })
        #expect(told.occurrences == 0)
        #expect(told.annotations["of_containers"] == "2")
        // All of a known container's group.
        scene.write([
            "oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/docker/\(Self.web),task_memcg=/docker/\(Self.web),"
                + "task=java,pid=7,uid=0",
            line, "Tasks in /docker/\(Self.web) are going to be killed due to memory.oom.group set", line, line,
        ])
        try scene.count(30)
        #expect(try await scene.observe().occurrences == 0)
    }

    @Test("kills of a sweep that failed afterwards are told by the next")
    func failedSweeps() async throws {
        let scene = try Scene()
        await scene.engineKnows(Self.web)
        _ = try await scene.observe()
        try scene.kill("java")
        let fixture = scene.fixture
        await #expect(throws: CheckError.self) {
            try await scene.observe(meanwhile: { _ = try? fixture.write("proc/vmstat", "nonsense") })
        }
        try scene.count(25)
        let seen = try await scene.observe()
        #expect(seen.occurrences == 1)
        #expect(seen.annotations["victim"] == "java (7)")
        #expect(try await scene.observe().occurrences == 0)
    }

    @Test("the largest numbers are no more than many")
    func hugeNumbers() async throws {
        let scene = try Scene()
        await scene.engineKnows(Self.web)
        _ = try await scene.observe()
        try scene.kill("java")
        try scene.count(.max)
        #expect(try await scene.observe().occurrences == 1_000_000)
    }

    @Test("at a first look the log tells of the last ten minutes, the count of nothing")
    func firstLook() async throws {
        let scene = try Scene()
        await scene.engineKnows(Self.web)
        try scene.kill("a")
        #expect(try await scene.observe().occurrences == 1)
        let restarted = try Scene()
        await restarted.engineKnows(Self.web)
        let line = "Out of memory: Killed process 7 (java) total-vm:1kB, anon-rss:2048kB"
        restarted.write([line], ago: .seconds(30))
        restarted.write([line], ago: .seconds(10))
        #expect(try await restarted.observe(previous: .seconds(20)).occurrences == 1)
        let looked = try Scene()
        await looked.engineKnows(Self.web)
        looked.write([line])
        #expect(try await looked.observe(previous: .zero).occurrences == 0)
    }

    @Test("before Linux 4.13 the log alone tells; without it the check is blind")
    func formerKernels() async throws {
        let scene = try Scene()
        await scene.engineKnows(Self.web)
        try scene.fixture.write("proc/vmstat", "pswpin 1\n")
        _ = try await scene.observe()
        try scene.kill("a", counts: false)
        #expect(try await scene.observe().occurrences == 1)
        let blind = try Scene(log: false)
        try blind.fixture.write("proc/vmstat", "pswpin 1\n")
        let error = await #expect(throws: CheckError.self) { try await blind.observe() }
        #expect(error?.because.hasPrefix("before Linux 4.13 only the kernel's log tells of kills") == true)
        #expect(error?.remedy?.contains("--device /dev/kmsg") == true)
    }

    @Test("any kill within ten minutes alarms")
    func defaults() {
        #expect(
            OOMCheck(OOMCheck.Settings()).rules == [
                Rule(OOMCheck.kills, .occurred(atLeast: 1, within: .seconds(600), .critical))
            ]
        )
    }
}
