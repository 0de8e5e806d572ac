import Alerting
import Basics
import Glibc
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct IostuckCheckTests {
    private let check = IostuckCheck(IostuckCheck.Settings())
    private static let hung = "INFO: task cp:4711 blocked for more than 120 seconds."

    /// A pipe in the log's place; its end to write into.
    private func log(_ scene: ProcessScene) throws -> Int32 {
        try scene.fixture.write("root/dev/keep", "")
        #expect(mkfifo(scene.fixture.path("root/dev/kmsg"), 0o600) == 0)
        let writer = open(scene.fixture.path("root/dev/kmsg"), O_RDWR | O_NONBLOCK)
        #expect(writer >= 0)
        return writer
    }

    private func write(_ writer: Int32, _ text: String, ago: Duration = .zero, _ number: Int = 1) {
        let stamp = (KernelLog.age(of: .zero) - ago).wholeMilliseconds * 1000
        #expect(stamp > 0, "the machine has not run for long enough")
        let line = "3,\(number),\(stamp),-;\(text)\n"
        #expect(Glibc.write(writer, line, line.utf8.count) == line.utf8.count)
    }

    @Test("the kernel's own count is judged, and its log says who")
    func counted() async throws {
        let scene = try ProcessScene()
        let writer = try log(scene)
        defer { close(writer) }
        #expect(try await scene.read(IostuckCheck.hungTasks, check)?.value == .number(0))
        try scene.fixture.write("proc/sys/kernel/hung_task_detect_count", "1\n")
        write(writer, Self.hung)
        let seen = try #require(try await scene.read(IostuckCheck.hungTasks, check))
        #expect(seen.value == .number(1))
        #expect(seen.summary == "task cp (4711) has been blocked for more than 120 s")
        #expect(seen.annotations == ["tasks": "cp (4711)"])
    }

    @Test("before Linux 6.13 the log's lines are counted, each once")
    func logged() async throws {
        let scene = try ProcessScene()
        try scene.fixture.remove("proc/sys/kernel/hung_task_detect_count")
        let writer = try log(scene)
        defer { close(writer) }
        write(writer, Self.hung, ago: .seconds(10))
        write(writer, Self.hung, 2)
        // At a first look what happened within the window is news.
        var settings = IostuckCheck.Settings()
        settings.hungWithin = .seconds(2)
        let check = IostuckCheck(settings)
        #expect(try await scene.read(IostuckCheck.hungTasks, check)?.occurrences == 1)
        #expect(try await scene.read(IostuckCheck.hungTasks, check)?.occurrences == 0)
        write(writer, Self.hung, 3)
        write(writer, Self.hung, 4)
        #expect(try await scene.read(IostuckCheck.hungTasks, check)?.occurrences == 2)
    }

    @Test("after a restart only what happened since the last look is news")
    func restarted() async throws {
        let scene = try ProcessScene()
        try scene.fixture.remove("proc/sys/kernel/hung_task_detect_count")
        let writer = try log(scene)
        defer { close(writer) }
        write(writer, Self.hung, ago: .seconds(30))
        write(writer, Self.hung, ago: .seconds(10), 2)
        let seen = try await scene.observe(check, previous: .seconds(20))
        #expect(seen.first?.occurrences == 1)
        write(writer, Self.hung, 3)
        let looked = try await scene.observe(IostuckCheck(IostuckCheck.Settings()), previous: .zero)
        #expect(looked.first?.occurrences == 0)
    }

    @Test("an old kernel that has used up its warnings is unknown with the remedy, not well")
    func silent() async throws {
        let scene = try ProcessScene()
        let writer = try log(scene)
        defer { close(writer) }
        try scene.fixture.write("proc/sys/kernel/hung_task_warnings", "0\n")
        // Where the kernel counts, it goes on.
        #expect(try await scene.read(IostuckCheck.hungTasks, check)?.value == .number(0))
        try scene.fixture.remove("proc/sys/kernel/hung_task_detect_count")
        let because = try #require(try await scene.read(IostuckCheck.hungTasks, check)?.unknown)
        #expect(because.hasSuffix("kernel.hung_task_warnings is 0 and should be -1"))
        // The last one is told all the same.
        write(writer, Self.hung)
        #expect(try await scene.read(IostuckCheck.hungTasks, check)?.occurrences == 1)
        for left in ["-1", "9"] {
            try scene.fixture.write("proc/sys/kernel/hung_task_warnings", left + "\n")
            #expect(try await scene.read(IostuckCheck.hungTasks, check)?.occurrences == 0)
        }
    }

    @Test("what the log told is told where the processes cannot be seen")
    func hungWithoutProcesses() async throws {
        for overlay in ["container-view", "hidepid"] {
            let scene = try ProcessScene(overlay)
            try scene.fixture.write("proc/sys/kernel/hung_task_timeout_secs", "120\n")
            try? scene.fixture.remove("proc/sys/kernel/hung_task_detect_count")
            let writer = try log(scene)
            defer { close(writer) }
            write(writer, Self.hung)
            let seen = try await scene.observe(IostuckCheck(IostuckCheck.Settings()))
            #expect(seen.first?.occurrences == 1, "\(overlay)")
            #expect(seen.last?.measure == IostuckCheck.blocked)
            #expect(seen.last?.unknown?.contains("; ") == true, "\(overlay): \(seen)")
        }
    }

    @Test("an old kernel whose log cannot be read is unknown with the remedy, not well")
    func blind() async throws {
        let scene = try ProcessScene()
        try scene.fixture.remove("proc/sys/kernel/hung_task_detect_count")
        let because = try #require(try await scene.read(IostuckCheck.hungTasks, check)?.unknown)
        #expect(because.hasPrefix("before Linux 6.13 only the kernel's log tells of hung tasks, and /dev/kmsg"))
        #expect(because.contains("--device /dev/kmsg"))
        #expect(try await scene.read(IostuckCheck.blocked, check)?.value == .number(0))
    }

    @Test func aKernelThatDoesNotLookIsUnknown() async throws {
        let scene = try ProcessScene()
        try scene.fixture.write("proc/sys/kernel/hung_task_timeout_secs", "0\n")
        #expect(try await scene.read(IostuckCheck.hungTasks, check)?.unknown?.contains("timeout_secs is 0") == true)
        try scene.fixture.remove("proc/sys/kernel/hung_task_timeout_secs")
        #expect(try await scene.read(IostuckCheck.hungTasks, check)?.unknown?.contains("DETECT_HUNG_TASK") == true)
    }

    @Test func blockedTasksAreCountedAndNamed() async throws {
        let scene = try ProcessScene()
        for pid in 900..<912 { try scene.add(pid, "postgres", state: "D") }
        try scene.add(950, "cp", state: "D")
        try scene.fixture.write("proc/900/wchan", "io_schedule")
        let line = "avg10=0.00 avg60=6.50 avg300=0.00 total=0\n"
        try scene.fixture.write("proc/pressure/io", "some \(line)full \(line)")
        let seen = try #require(try await scene.read(IostuckCheck.blocked, check))
        #expect(seen.value == .number(13))
        #expect(seen.summary == "13 tasks wait and cannot be interrupted: postgres (12), cp (1)")
        #expect(seen.annotations["tasks"]?.hasPrefix("postgres (900) in io_schedule, postgres (901), ") == true)
        #expect(seen.annotations["io_full_1m"] == "6.5 %")
        try scene.fixture.remove("proc/pressure/io")
        #expect(try await scene.read(IostuckCheck.blocked, check)?.annotations["io_full_1m"] == nil)
    }

    @Test("threads are looked into only while the load says that many may be blocked")
    func threads() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "java", threads: 30)
        for thread in 901..<921 {
            let line = "\(thread) (pool) D 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 30 0 10 0 0\n"
            try scene.fixture.write("proc/900/task/\(thread)/stat", line)
        }
        try scene.fixture.write("proc/loadavg", "4.99 1.80 1.30 5/132 28804\n")
        #expect(try await scene.read(IostuckCheck.blocked, check)?.value == .number(0))
        try scene.fixture.write("proc/loadavg", "5.01 1.80 1.30 5/132 28804\n")
        #expect(try await scene.read(IostuckCheck.blocked, check)?.value == .number(20))
    }

    @Test("the processes of a paused container look blocked and are well")
    func paused() async throws {
        let scene = try ProcessScene()
        for pid in 900..<920 {
            try scene.add(pid, "app", state: "D")
            try scene.fixture.write("proc/\(pid)/cgroup", "6:freezer:/docker/ab\n0::/\n")
        }
        try scene.add(950, "cp", state: "D")
        try scene.fixture.write("sys/fs/cgroup/freezer/docker/ab/freezer.state", "FROZEN\n")
        let seen = try #require(try await scene.read(IostuckCheck.blocked, check))
        #expect(seen.value == .number(1))
        #expect(seen.annotations["frozen"] == "20 tasks of paused containers")
    }

    @Test("S31 blocked tasks warn after two minutes; a hung task alarms for ten")
    func defaults() {
        #expect(
            check.rules == [
                Rule(IostuckCheck.blocked, .above(warning: 10, critical: nil), holdFor: .seconds(120)),
                Rule(IostuckCheck.hungTasks, .occurred(atLeast: 1, within: .seconds(600), .critical)),
            ]
        )
    }

    @Test func whatCannotBeSeenDegrades() async throws {
        for overlay in ["container-view", "hidepid", "no-proc"] {
            let scene = try ProcessScene(overlay)
            // Where nothing is known of hung tasks either.
            try? scene.fixture.remove("proc/sys/kernel/hung_task_timeout_secs")
            await #expect(throws: CheckError.self) { try await scene.observe(check) }
        }
    }
}
