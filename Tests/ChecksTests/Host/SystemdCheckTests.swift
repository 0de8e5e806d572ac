import Alerting
import Basics
import Procfs
import Settings
import SystemPackage
import TestSupport
import Testing

@testable import Checks
@testable import SystemBus

@Suite struct SystemdCheckTests {
    private func unit(
        _ name: String,
        _ active: String = "active",
        _ sub: String = "running",
        load: String = "loaded"
    ) -> SystemdUnit {
        SystemdUnit(name: name, description: "It is \(name)", load: load, active: active, sub: sub, path: "/u")
    }

    private func answers(_ units: SystemdUnit...) -> UnitAnswers {
        var answers = UnitAnswers()
        answers.units = units
        return answers
    }

    private func check() -> SystemdCheck { SystemdCheck(SystemdSettings()) }

    private func check(_ change: (inout SystemdSettings) throws -> Void) rethrows -> SystemdCheck {
        var settings = SystemdSettings()
        try change(&settings)
        return SystemdCheck(settings)
    }

    private func patterns(_ texts: String...) throws -> [UnitPattern] { try texts.map { try UnitPattern(setting: $0) } }

    private func states(_ seen: [Observation], _ measure: Measure) -> [String: String] {
        var states: [String: String] = [:]
        for observation in seen where observation.measure == measure {
            if case .state(let state) = observation.value { states[observation.target.name] = state }
        }
        return states
    }

    // MARK: - Named units

    @Test("a named unit has its state, whether it is loaded or not")
    func named() throws {
        let check = try check { $0.units = try patterns("nginx", "gone", "old.socket", "worker-*", "nothing-*") }
        var answers = answers(
            unit("nginx.service", "failed", "failed"),
            unit("old.socket", "inactive", "dead", load: "masked"),
            unit("worker-1.service"),
            unit("worker-2.service", "reloading"),
            unit("other.service")
        )
        answers.evidence["nginx.service"] = ["result": "exit-code", "exit_status": "3"]
        let seen = check.units(answers)
        answers.evidence["nginx.service"] = ["result": "signal", "signal": "9"]
        #expect(check.units(answers).first?.summary == "nginx.service is failed (result signal, signal 9)")
        #expect(
            states(seen, SystemdCheck.unit) == [
                "nginx.service": "failed", "gone.service": "not_loaded", "old.socket": "masked",
                "worker-1.service": "active", "worker-2.service": "reloading", "nothing-*": "no_match",
            ]
        )
        #expect(
            seen.first { $0.target.name == "nginx.service" }?.summary
                == "nginx.service is failed (result exit-code, exit status 3)"
        )
    }

    @Test("a unit's second name is the target that somebody asked for")
    func aliases() throws {
        let check = try check { $0.units = try patterns("dbus") }
        var answers = answers(unit("dbus-broker.service"))
        answers.aliases = ["dbus.service": "dbus-broker.service"]
        let seen = check.units(answers)
        #expect(states(seen, SystemdCheck.unit) == ["dbus.service": "active"])
        #expect(seen.first?.annotations["unit"] == "dbus-broker.service")
    }

    @Test("a unit that is named by its second name is watched in every way, and told by no other instance")
    func everythingOfAnAlias() throws {
        var settings = SystemdSettings()
        settings.units = try patterns("dbus")
        settings.timerMaxAge = ["backup.timer": .seconds(100)]
        var answers = answers(unit("dbus-broker.service", "failed", "failed"), unit("restic.timer"))
        answers.aliases = ["dbus.service": "dbus-broker.service", "backup.timer": "restic.timer"]
        answers.timers = [
            "restic.timer": SystemdTimer(lastRun: 500, nextRun: nil, nextRunAwake: nil, startedAt: nil, accuracy: 60)
        ]
        let check = SystemdCheck(settings)
        #expect(states(check.failures(answers, []), SystemdCheck.failure) == [:])
        let idle = check.timers(answers, now: 1000, awake: 50).first { $0.measure == SystemdCheck.idle }
        #expect(idle?.levels == Observation.OwnLevels(warning: nil, critical: 100))
        let rest = SystemdCheck(InstanceShare(SystemdSettings(), others: [settings]))
        #expect(states(rest.failures(answers, []), SystemdCheck.failure) == [:])
        #expect(rest.choice.recognised == ["dbus.service", "backup.timer"])
    }

    @Test("a reload is active, starting and stopping pass, all else is critical")
    func judging() {
        let rules = check().rules.filter { $0.measure == SystemdCheck.unit }
        func severity(_ state: String, _ rule: Rule) -> Severity? {
            guard case .state(let bad) = rule.shape else { return nil }
            return bad[state]
        }
        for state in ["inactive", "failed", "maintenance", "not_found", "masked", "not_loaded", "no_match", "bad_file"]
        {
            #expect(severity(state, rules[0]) == .critical, "\(state)")
        }
        for state in ["active", "reloading", "refreshing", "activating", "deactivating"] {
            #expect(severity(state, rules[0]) == nil, "\(state)")
        }
        #expect(severity("activating", rules[1]) == .critical)
        #expect(rules[1].holdFor == .seconds(300))
        #expect(rules[0].name != rules[1].name)
    }

    @Test("units that must not run are watched as well")
    func inactive() {
        let bad = UnitStanding.bad(unless: [.inactive])
        #expect(Set(bad.lasting).isSuperset(of: ["active", "reloading", "failed"]))
        #expect(Set(bad.lasting).isDisjoint(with: ["inactive", "masked", "not_found", "not_loaded"]))
    }

    // MARK: - Failures

    @Test("any unit that failed is told, once, and so is that it is well again")
    func failures() throws {
        let check = try check {
            $0.units = try patterns("named")
            $0.exclude = try patterns("noisy-*")
        }
        let memory = UnitMemory()
        let bad = answers(
            unit("a.service", "failed", "failed"),
            unit("named.service", "failed", "failed"),
            unit("noisy-1.service", "failed", "failed"),
            unit("b.service")
        )
        let first = check.failures(bad, memory.note(bad).formerlyFailed)
        #expect(states(first, SystemdCheck.failure) == ["a.service": "failed"])
        #expect(first.first?.value == .number(3))
        let good = answers(unit("a.service"), unit("b.service"))
        let second = check.failures(good, memory.note(good).formerlyFailed)
        #expect(states(second, SystemdCheck.failure) == ["a.service": "active"])
        #expect(memory.note(answers(unit("b.service"))).formerlyFailed.isEmpty)
    }

    // MARK: - Restarts

    @Test("restarts are counted from one sweep to the next, never from what was before the first")
    func restarts() {
        let memory = UnitMemory()
        func note(_ counts: [String: UInt32], down: String? = nil) -> [String: Int] {
            var answers = answers(unit("a.service"), unit("b.service"), unit("c.service"))
            if let down { answers.units.removeAll { $0.name == down } }
            answers.restarts = counts
            return memory.note(answers).newRestarts
        }
        #expect(note(["a.service": 7, "b.service": 0]) == ["a.service": 0])
        #expect(
            note(["a.service": 9, "b.service": 2, "c.service": 1]) == ["a.service": 2, "b.service": 2, "c.service": 1]
        )
        // Down and not counted for one sweep, then up again.
        #expect(note(["b.service": 2]) == ["b.service": 0])
        // A person started `b` anew, and systemd restarted it once since.
        #expect(note(["a.service": 10, "b.service": 1]) == ["a.service": 1, "b.service": 1])
        // Unloaded in between: its count begins anew.
        #expect(note([:], down: "a.service") == [:])
        #expect(note(["a.service": 2]) == ["a.service": 2])
    }

    private static let refusal = BusError.failed(name: "org.freedesktop.DBus.Error.AccessDenied", message: "no")
    private static let unknown = Observation.Value.unknown(
        because: "systemd refuses: org.freedesktop.DBus.Error.AccessDenied: no"
    )

    @Test("restarts that cannot be read are unknown, and no burst when they can be again")
    func unreadRestarts() {
        let memory = UnitMemory()
        func look(_ counts: [String: UInt32], unread: String...) -> [String: Observation.Value] {
            var answers = answers(unit("a.service"), unit("b.service"))
            answers.restarts = counts
            for name in unread { answers.unread[name] = Self.refusal }
            let seen = check().restarts(answers, memory.note(answers).newRestarts)
            return Dictionary(uniqueKeysWithValues: seen.map { ($0.target.name, $0.value) })
        }
        let first = look(["a.service": 7], unread: "b.service")
        #expect(first == ["a.service": .occurrences(0), "b.service": Self.unknown])
        let second = look(["b.service": 9], unread: "a.service")
        #expect(second == ["a.service": Self.unknown, "b.service": .occurrences(0)])
        let third = look(["a.service": 9, "b.service": 10])
        #expect(third == ["a.service": .occurrences(2), "b.service": .occurrences(1)])
    }

    @Test("restarts within the window warn at 3 and alarm at 5, whatever the interval")
    func restartRules() {
        let rules = check().rules.filter { $0.measure == SystemdCheck.restarts }
        #expect(
            rules.map(\.shape) == [
                .occurred(atLeast: 3, within: .seconds(600), .warning),
                .occurred(atLeast: 5, within: .seconds(600), .critical),
            ]
        )
        #expect(Set(rules.map(\.name)).count == 2)
        let seen = check().restarts(UnitAnswers(), ["a.service": 2])
        #expect(seen.map(\.value) == [.occurrences(2)])
    }

    // MARK: - Timers

    @Test("a timer is late by what it is behind its next run and its accuracy")
    func timers() throws {
        let check = check { $0.timerMaxAge = ["backup.timer": .seconds(100)] }
        var answers = UnitAnswers()
        answers.timers = [
            "backup.timer": SystemdTimer(lastRun: 500, nextRun: 900, nextRunAwake: nil, startedAt: nil, accuracy: 60),
            "fresh.timer": SystemdTimer(lastRun: nil, nextRun: 2000, nextRunAwake: nil, startedAt: 990, accuracy: 60),
        ]
        let seen = check.timers(answers, now: 1000, awake: 50)
        func number(_ measure: Measure, _ target: String) -> Observation.Value? {
            seen.first { $0.measure == measure && $0.target.name == target }?.value
        }
        #expect(number(SystemdCheck.overdue, "backup.timer") == .number(40))
        #expect(number(SystemdCheck.overdue, "fresh.timer") == .number(0))
        #expect(number(SystemdCheck.idle, "backup.timer") == .number(500))
        #expect(number(SystemdCheck.idle, "fresh.timer") == .number(10))
        let idle = seen.first { $0.measure == SystemdCheck.idle && $0.target.name == "backup.timer" }
        #expect(idle?.levels == Observation.OwnLevels(warning: nil, critical: 100))
        #expect(idle?.summary?.contains("last ran") == true)
    }

    @Test("a timer that runs after a span is late as well, by the clock that stands still in a suspend")
    func monotonicTimers() throws {
        var answers = answers(unit("busy.timer", "active", "running"))
        func timer(next: Double? = nil, awake: Double?) -> SystemdTimer {
            SystemdTimer(lastRun: 500, nextRun: next, nextRunAwake: awake, startedAt: nil, accuracy: 60)
        }
        answers.timers = [
            "busy.timer": timer(awake: 100), "both.timer": timer(next: 90_000, awake: 100),
            "calendar.timer": timer(next: 89_000, awake: 99_000), "done.timer": timer(awake: nil),
            "late.timer": timer(awake: 100), "soon.timer": timer(awake: 8000),
        ]
        let seen = check().timers(answers, now: 90_000, awake: 7000).filter { $0.measure == SystemdCheck.overdue }
        #expect(
            seen.map(\.number) == [6840, 0, 940, 0, 6840, 0]
        )
        #expect(
            seen.map(\.target.name) == [
                "both.timer", "busy.timer", "calendar.timer", "done.timer", "late.timer", "soon.timer",
            ]
        )
        #expect(seen.last?.annotations["next_run"] == Timestamp(seconds: 91_000).description)
        #expect(seen[3].annotations["next_run"] == nil)
    }

    @Test("times that cannot be read are unknown, each by itself")
    func unreadTimers() throws {
        var answers = answers(unit("a.timer", "active", "waiting"), unit("b.timer", "active", "waiting"))
        // Of one nothing, of the other only since when it waits.
        answers.timers = [
            "b.timer": SystemdTimer(lastRun: nil, nextRun: 2000, nextRunAwake: nil, startedAt: nil, accuracy: 60)
        ]
        answers.unread = ["a.timer": Self.refusal, "b.timer": Self.refusal]
        let seen = check().timers(answers, now: 1000, awake: 50)
        func values(_ measure: Measure) -> [String: Observation.Value] {
            let chosen = seen.filter { $0.measure == measure }
            return Dictionary(uniqueKeysWithValues: chosen.map { ($0.target.name, $0.value) })
        }
        #expect(values(SystemdCheck.overdue) == ["a.timer": Self.unknown, "b.timer": .number(0)])
        #expect(values(SystemdCheck.idle) == ["a.timer": Self.unknown, "b.timer": Self.unknown])
    }

    @Test("a timer with a greatest age is watched by name too")
    func timersByName() throws {
        let check = check { $0.timerMaxAge = ["backup.timer": .seconds(100)] }
        #expect(states(check.units(answers()), SystemdCheck.unit) == ["backup.timer": "not_loaded"])
        var settings = SystemdSettings()
        settings.timerMaxAge = ["backup": .seconds(1)]
        #expect(settings.faults.map(\.key) == ["timer_max_age"])
        settings.timerMaxAge = [:]
        settings.expected = []
        #expect(settings.faults.map(\.key) == ["expected"])
    }

    // MARK: - The host

    @Test("no systemd is not applicable, no mount and no bus are degraded with a remedy")
    func hosts() async throws {
        func error(_ fixture: HostFixture, _ check: SystemdCheck) async -> CheckError? {
            await #expect(throws: CheckError.self) {
                try await check.observe(World(host: fixture.host, time: SystemTime()))
            }
        }
        let fixture = try HostFixture()
        guard case .degraded(_, let remedy) = await error(fixture, check()) else {
            Issue.record("a forgotten mount is no reason")
            return
        }
        #expect(remedy == "mount the host's runtime directory: -v /run:/host/run:ro")
        try fixture.write("run/lock/x", "")
        guard case .notApplicable = await error(fixture, check()) else {
            Issue.record("a host without systemd is applicable")
            return
        }
        let folder = try TemporaryFolder()
        let path = try Path(setting: folder.file("none"))
        guard case .degraded(let because, _) = await error(fixture, check { $0.socket = path }) else {
            Issue.record("a bus that is not there is no reason")
            return
        }
        #expect(because == "nobody listens at \(path)")
        #expect(!SystemdCheck.runsByDefault)
    }
}
