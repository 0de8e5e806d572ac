import Alerting
import Basics
import Glibc
import Procfs
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct ProcfdCheckTests {
    private let check = ProcfdCheck(ProcfdCheck.Settings())

    private func open(_ scene: ProcessScene, _ pid: Int, _ count: Int, limit: Int = 100) throws {
        try? scene.fixture.remove("proc/\(pid)/fd")
        for number in 0..<count { try scene.fixture.write("proc/\(pid)/fd/\(number)", "") }
        let limits = "Limit Soft Hard Units\nMax open files            \(limit)     4096     files\n"
        try scene.fixture.write("proc/\(pid)/limits", limits)
    }

    @Test("every process over its limit is told, not only the worst")
    func everyProcess() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "nginx")
        try open(scene, 900, 85)
        try open(scene, 873, 95)
        let seen = try await scene.observe(check)
        #expect(seen.map(\.target.name) == ["leaky (873)", "nginx (900)", "host"])
        #expect(seen.map(\.value) == [.number(0.95), .number(0.85), .number(0.95)])
        #expect(seen[0].summary == "process leaky (873) has 95 of 100 descriptors open")
        #expect(
            seen[0].annotations == [
                "process": "leaky", "pid": "873", "open": "95", "limit": "100",
                "cgroup": "/system.slice/docker-0f3a.scope",
            ]
        )
    }

    @Test("a process with few open is over its limit where that is low, and every such one is told")
    func lowLimits() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "tiny")
        try scene.add(901, "small")
        try open(scene, 900, 30, limit: 32)
        try open(scene, 901, 15, limit: 16)
        let seen = try await scene.observe(check)
        #expect(seen.map(\.target.name) == ["tiny (900)", "small (901)", "host"])
        #expect(seen.map(\.value) == [.number(0.9375), .number(0.9375), .number(0.9375)])
    }

    @Test("a limit that was raised since it was remembered is no trouble, one that was lowered is found in time")
    func changedLimits() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "young")
        try open(scene, 900, 10, limit: 32)
        _ = try await scene.observe(check)
        try open(scene, 900, 30, limit: 4096)
        #expect(try await scene.observe(check).map(\.measure) == [ProcfdCheck.highest])
        try open(scene, 900, 30, limit: 32)
        var sweeps = 0
        while try await scene.observe(check).count == 1, sweeps < 100 { sweeps += 1 }
        #expect(sweeps <= 60)
    }

    @Test("it runs when it is configured, and may have names")
    func onRequest() {
        #expect(!ProcfdCheck.runsByDefault)
        guard case .both = ProcfdCheck.instances else {
            Issue.record("\(ProcfdCheck.instances)")
            return
        }
    }

    @Test("one that calls itself something else is the same one, by the name that it had at first")
    func renaming() async throws {
        let scene = try ProcessScene()
        try open(scene, 873, 95)
        for name in ["leaky", "worker 1", "worker 2"] {
            try scene.add(873, name, start: 4000)
            let seen = try await scene.observe(check)
            #expect(seen.map(\.target.name) == ["leaky (873)", "host"])
            #expect(seen[0].annotations["process"] == name)
        }
    }

    @Test("one whose command line cannot be read any more is told as before, and the highest is unknown")
    func unread() async throws {
        let scene = try ProcessScene()
        try open(scene, 873, 95)
        try scene.add(900, "other", command: "other")
        try open(scene, 900, 10)
        var settings = ProcfdCheck.Settings()
        settings.selection.commands = [try #require(Glob("*leaky*"))]
        let check = ProcfdCheck(settings)
        #expect(try await scene.observe(check).map(\.value) == [.number(0.95), .number(0.95)])
        let long = String(repeating: "x", count: 128 << 10)
        try scene.fixture.write("proc/873/cmdline", long)
        #expect(try await scene.observe(check).map(\.target.name) == ["leaky (873)", "host"])
        try scene.fixture.write("proc/900/cmdline", long)
        let seen = try await scene.observe(check)
        #expect(seen.first?.value == .number(0.95))
        #expect(seen.last?.unknown == "1 of 5 command lines cannot be read, and may fit")
        // Nor is it said that nothing fits.
        let fresh = try await scene.observe(ProcfdCheck(settings))
        #expect(fresh.map(\.unknown) == ["2 of 5 command lines cannot be read, and may fit"])
    }

    @Test func withoutAnyThatCouldBeCountedTheReasonIsNotTheirRights() async throws {
        let scene = try ProcessScene()
        var settings = ProcfdCheck.Settings()
        settings.selection.names = [try #require(Glob("sshd"))]
        try scene.fixture.remove("proc/412/limits")
        let seen = try await scene.observe(ProcfdCheck(settings))
        #expect(seen.map(\.unknown) == ["no process was there long enough to be counted"])
    }

    @Test("one that was over its limit is told until it is gone")
    func resolving() async throws {
        let scene = try ProcessScene()
        try open(scene, 873, 95)
        _ = try await scene.observe(check)
        try open(scene, 873, 10)
        #expect(try await scene.observe(check).first?.value == .number(0.1))
        try scene.end(873)
        #expect(try await scene.observe(check).map(\.measure) == [ProcfdCheck.highest])
        // Another one with its number is another one.
        try scene.add(873, "leaky", start: 9000)
        try open(scene, 873, 70)
        #expect(try await scene.observe(check).map(\.measure) == [ProcfdCheck.highest])
    }

    @Test func withoutATroubleTheFullestIsObserved() async throws {
        let scene = try ProcessScene()
        let seen = try await scene.observe(check)
        #expect(seen.map(\.measure) == [ProcfdCheck.highest])
        #expect(seen[0].value == .number(0.09))
        #expect(check.rules == [Rule(ProcfdCheck.used, .above(warning: 0.8, critical: 0.9))])
    }

    @Test func processesThatCannotBeCountedAreUnknownNotWell() async throws {
        let scene = try ProcessScene()
        try open(scene, 873, 95)
        #expect(chmod(scene.fixture.folder, 0o755) == 0)
        #expect(chmod(scene.fixture.path("proc/412/fd"), 0) == 0)
        let pass = try scene.world().everyProcess()
        // Counted by a stranger, the numbers are kept for the check.
        _ = try IsolatedThread.run(.unprivileged) {
            scene.world().processes.openFiles(of: pass, at: Array(pass.processes.indices))
        }
        let seen = try await check.observe(scene.world())
        #expect(seen[0].value == .number(0.95))
        #expect(seen[1].unknown == "1 of 3 processes cannot be counted: needs Linux 6.2 or CAP_SYS_PTRACE")
    }

    @Test func onlyTheChosenAreWatched() async throws {
        let scene = try ProcessScene()
        try open(scene, 873, 95)
        var settings = ProcfdCheck.Settings()
        settings.selection.names = [try #require(Glob("sshd"))]
        #expect(try await scene.observe(ProcfdCheck(settings)).map(\.measure) == [ProcfdCheck.highest])
        settings.selection.names = [try #require(Glob("none"))]
        #expect(try await scene.observe(ProcfdCheck(settings)).first?.unknown == "no process fits the selection")
    }

    @Test func withoutALimitNothingIsFull() async throws {
        let scene = try ProcessScene()
        try open(scene, 873, 95)
        try scene.fixture.write("proc/873/limits", "Max open files            unlimited   unlimited  files\n")
        let seen = try await scene.observe(check)
        #expect(seen.map(\.measure) == [ProcfdCheck.highest])
        // The next one's.
        #expect(seen.map(\.value) == [.number(4.0 / 32768)])
        #expect(seen[0].annotations["process"] == "sshd")
    }
}
