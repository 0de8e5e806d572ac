import Alerting
import Basics
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct ProcnumCheckTests {
    private func check(
        _ name: String = "nginx",
        _ change: (inout ProcnumSettings) -> Void = { _ in }
    ) throws
        -> ProcnumCheck
    {
        var settings = ProcnumSettings()
        settings.selection.names = [try #require(Glob(name))]
        change(&settings)
        return ProcnumCheck(settings)
    }

    @Test func processesAndThreadsAreCounted() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "nginx", threads: 2)
        try scene.add(901, "nginx", parent: 900, threads: 3)
        try scene.add(902, "nginx", parent: 900, state: "Z")
        let seen = try await scene.observe(check())
        #expect(seen.map(\.value) == [.number(2), .number(5), .occurrences(0)])
        #expect(seen[0].summary == "2 processes fit: name nginx")
        #expect(seen[0].annotations == ["processes": "nginx (900), nginx (901)", "selection": "name nginx"])
    }

    @Test func noneIsANumberToo() async throws {
        #expect(try await ProcessScene().read(ProcnumCheck.count, check())?.value == .number(0))
    }

    @Test func theDefaultAlarmsWhenNoneRuns() throws {
        let rules = try check().rules
        #expect(rules[0].shape == .below(warning: nil, critical: 1))
        #expect(
            rules[3]
                == Rule(
                    ProcnumCheck.restarts,
                    .occurred(atLeast: 3, within: .seconds(600), .warning),
                    name: "warning"
                )
        )
        #expect(
            rules[4]
                == Rule(
                    ProcnumCheck.restarts,
                    .occurred(atLeast: 5, within: .seconds(600), .critical),
                    name: "critical"
                )
        )
    }

    @Test("a restart is one that ended and one that began; workers that come and go are none")
    func restarts() async throws {
        let scene = try ProcessScene()
        let check = try check()
        func restarts() async throws -> Int? { try await scene.read(ProcnumCheck.restarts, check)?.occurrences }
        try scene.add(900, "nginx", start: 5000)
        try scene.add(901, "nginx", parent: 900, start: 5001)
        #expect(try await restarts() == 0)
        try scene.end(901)
        try scene.add(902, "nginx", parent: 900, start: 6000)
        #expect(try await restarts() == 0)
        try scene.end(900)
        try scene.end(902)
        try scene.add(910, "nginx", start: 7000)
        #expect(try await restarts() == 1)
        // The same number, given anew.
        try scene.add(910, "nginx", start: 8000)
        #expect(try await restarts() == 1)
        #expect(try await restarts() == 0)
    }

    @Test("a successor that comes sweeps later is a restart, one that comes after the window none")
    func lateSuccessors() async throws {
        let scene = try ProcessScene()
        let check = try check()
        func restarts() async throws -> Int? { try await scene.read(ProcnumCheck.restarts, check)?.occurrences }
        try scene.add(900, "nginx", start: 5000)
        #expect(try await restarts() == 0)
        // Ended, and not collected yet.
        try scene.add(900, "nginx", state: "Z", start: 5000)
        #expect(try await restarts() == 0)
        try scene.end(900)
        #expect(try await restarts() == 0)
        try scene.add(901, "nginx", start: 7000)
        #expect(try await restarts() == 1)
        try scene.end(901)
        #expect(try await restarts() == 0)
        scene.time.advance(by: .seconds(600))
        try scene.add(902, "nginx", start: 80_000)
        #expect(try await restarts() == 0)
    }

    @Test("a program that took the place of the script that started it has the script's start, and is a restart")
    func execs() async throws {
        let scene = try ProcessScene()
        let check = try check("java")
        func restarts() async throws -> Int? { try await scene.read(ProcnumCheck.restarts, check)?.occurrences }
        try scene.add(900, "java", start: 5000)
        #expect(try await restarts() == 0)
        // The script waits while others start.
        try scene.end(900)
        try scene.add(901, "sh", start: 6000)
        try scene.add(902, "other", start: 7000)
        #expect(try await restarts() == 0)
        try scene.add(901, "java", start: 6000)
        #expect(try await restarts() == 1)
        // An older one that calls itself so now is none.
        try scene.add(902, "java", start: 7000)
        #expect(try await restarts() == 0)
    }

    @Test("what may fit as well decides whether too few run: then their number is unknown")
    func unread() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "java", command: "java -jar app.jar")
        try scene.add(901, "java", command: String(repeating: "x", count: 128 << 10))
        let because = "1 of 2 command lines cannot be read, and may fit"
        func count(_ change: (inout ProcnumSettings) -> Void) async throws -> Observation? {
            try await scene.read(
                ProcnumCheck.count,
                check("java") {
                    $0.selection.commands = [Glob("*app.jar")].compactMap(\.self)
                    change(&$0)
                }
            )
        }
        let well = try await count { _ in }
        #expect(well?.value == .number(1))
        #expect(well?.annotations["unread"] == "1 of 2 command lines")
        #expect(try await count { $0.criticalBelow = 2 }?.value == .unknown(because: because))
        #expect(try await count { $0.warningBelow = 2 }?.value == .unknown(because: because))
        #expect(try await count { $0.criticalBelow = 3 }?.value == .number(1))
        try scene.end(900)
        #expect(try await count { _ in }?.unknown == "1 of 1 command lines cannot be read, and may fit")
        #expect(try await count { $0.criticalBelow = nil }?.value == .number(0))
    }

    @Test func workersThatLoseTheirParentAreNoRestart() async throws {
        let scene = try ProcessScene()
        let check = try check("sshd")
        try scene.add(900, "sshd", parent: 412, start: 5000)
        _ = try await scene.observe(check)
        try scene.end(412)
        try scene.add(900, "sshd", parent: 1, start: 5000)
        #expect(try await scene.read(ProcnumCheck.restarts, check)?.occurrences == 0)
    }

    @Test func levelsThatMakeNoSenseAreRefused() throws {
        var settings = ProcnumSettings()
        #expect(settings.faults == [])
        settings.warningBelow = 1
        #expect(settings.faults.map(\.key) == ["warning_below"])
        settings.warningBelow = 3
        settings.warningAbove = 10
        settings.criticalAbove = 10
        #expect(settings.faults.map(\.key) == ["warning_above"])
        settings.criticalAbove = 20
        #expect(settings.faults == [])
        settings.criticalBelow = 30
        settings.warningBelow = nil
        #expect(settings.faults.map(\.key) == ["warning_above"])
        settings.criticalBelow = 1
        settings.warningBelow = 11
        #expect(settings.faults == [Fault("warning_above", "leaves no number that is well")])
        settings.warningBelow = 10
        #expect(settings.faults == [])
    }

    @Test("a warning that could never come first is refused, and its text says what to do")
    func warningsComeFirst() {
        var settings = ProcnumSettings()
        settings.threadsCritical = 10
        settings.threadsWarning = 10
        #expect(settings.faults.map(\.key) == ["threads_warning"])
        settings.threadsWarning = 9
        #expect(settings.faults == [])
        settings.restartsWarning = 10
        let because = "must be less than restarts_critical, which is 5: set that higher too, or `off`"
        #expect(settings.faults == [Fault("restarts_warning", because)])
        settings.restartsCritical = nil
        #expect(settings.faults == [])
    }

    @Test func itNeedsConfigurationAndMayHaveNames() {
        #expect(!ProcnumCheck.runsByDefault)
        guard case .both = ProcnumCheck.instances else {
            Issue.record("\(ProcnumCheck.instances)")
            return
        }
    }

    @Test func whatCannotBeSeenDegrades() async throws {
        let check = try check()
        for overlay in ["container-view", "hidepid", "no-proc"] {
            let scene = try ProcessScene(overlay)
            await #expect(throws: CheckError.self) { try await scene.observe(check) }
        }
    }
}
