import Alerting
import Settings
import Testing

@testable import Checks
@testable import SystemBus

@Suite struct UnitChoiceTests {
    private func settings(
        units: [String] = [],
        timers: [String]? = nil,
        exclude: [String] = [],
        maxAge: [String] = []
    ) throws -> SystemdSettings {
        var settings = SystemdSettings()
        settings.units = try units.map { try UnitPattern(setting: $0) }
        if let timers { settings.timers = try timers.map { try UnitPattern(setting: $0) } }
        settings.exclude = try exclude.map { try UnitPattern(setting: $0) }
        for name in maxAge { settings.timerMaxAge[name] = .seconds(60) }
        return settings
    }

    @Test("alone, an instance is about every unit that it does not exclude")
    func alone() throws {
        let choice = UnitChoice(InstanceShare(try settings(units: ["nginx"], exclude: ["noisy", "off.timer"])))
        #expect(choice.coversFailure(of: "other.service") && !choice.coversFailure(of: "nginx.service"))
        #expect(choice.coversRestarts(of: "other.service") && choice.coversRestarts(of: "nginx.service"))
        #expect(choice.coversTimer("any.timer"))
        #expect(!choice.coversFailure(of: "noisy.service") && !choice.coversRestarts(of: "noisy.service"))
        #expect(!choice.coversTimer("off.timer"))
    }

    @Test("a named instance is about what it names, and the one without a name about the rest")
    func named() throws {
        let database = try settings(units: ["postgresql@*.service"], maxAge: ["backup.timer"])
        let named = UnitChoice(InstanceShare(name: "db", database))
        let rest = UnitChoice(InstanceShare(try settings(), others: [database]))
        for (unit, isTheirs) in [("postgresql@16.service", true), ("nginx.service", false)] {
            #expect(named.coversRestarts(of: unit) == isTheirs)
            #expect(rest.coversRestarts(of: unit) != isTheirs)
            #expect(rest.coversFailure(of: unit) != isTheirs)
            // What it names is judged by its state.
            #expect(!named.coversFailure(of: unit))
        }
        for (timer, isTheirs) in [("backup.timer", true), ("apt.timer", false)] {
            #expect(named.coversTimer(timer) == isTheirs)
            #expect(rest.coversTimer(timer) != isTheirs)
        }
    }

    @Test("a unit's second name is as good as its first")
    func aliases() throws {
        let alias = ["alias.service"]
        let database = try settings(units: ["alias"])
        let named = UnitChoice(InstanceShare(name: "db", database))
        let rest = UnitChoice(InstanceShare(try settings(), others: [database]))
        #expect(named.coversRestarts(of: "real.service", alias) && !named.coversRestarts(of: "real.service"))
        #expect(!rest.coversRestarts(of: "real.service", alias) && rest.coversRestarts(of: "real.service"))
        #expect(!rest.coversFailure(of: "real.service", alias) && rest.coversFailure(of: "real.service"))
        let own = UnitChoice(InstanceShare(try settings(exclude: ["alias", "glob-*"])))
        #expect(!own.coversFailure(of: "real.service", alias) && own.recognised == alias)
        let aged = UnitChoice(InstanceShare(name: "b", try settings(maxAge: ["alias.timer"])))
        #expect(aged.coversTimer("real.timer", ["alias.timer"]) && !aged.coversTimer("real.timer"))
        let chosen = UnitChoice(InstanceShare(name: "c", try settings(timers: ["alias.*"])))
        #expect(chosen.coversTimer("real.timer", ["alias.timer"]) && !chosen.coversTimer("real.timer"))
    }

    @Test("both tell what both name")
    func both() throws {
        let database = try settings(units: ["postgresql"], timers: ["pg-*"])
        let own = try settings(units: ["postgresql"], timers: ["pg-dump.timer"])
        let rest = UnitChoice(InstanceShare(own, others: [database]))
        #expect(rest.coversRestarts(of: "postgresql.service") && rest.coversTimer("pg-dump.timer"))
        #expect(UnitChoice(InstanceShare(name: "db", database)).coversTimer("pg-dump.timer"))
    }

    @Test("a named instance must name something")
    func aimless() throws {
        #expect(SystemdCheck.missingChoice(try settings()) == "units")
        for chosen in [
            try settings(units: ["nginx"]), try settings(timers: ["a.timer"]), try settings(maxAge: ["a.timer"]),
        ] { #expect(SystemdCheck.missingChoice(chosen) == nil) }
    }

    @Test("a named instance counts no failed units of others")
    func failures() throws {
        let unit = SystemdUnit(
            name: "a.service",
            description: "",
            load: "loaded",
            active: "failed",
            sub: "failed",
            path: "/"
        )
        var answers = UnitAnswers()
        answers.units = [unit]
        let database = try settings(units: ["db"])
        #expect(SystemdCheck(InstanceShare(name: "db", database)).failures(answers, []).isEmpty)
        let rest = SystemdCheck(InstanceShare(try settings(), others: [database])).failures(answers, [])
        #expect(rest.map(\.measure) == [SystemdCheck.failedUnits, SystemdCheck.failure])
        let other = try settings(units: ["a"])
        let less = SystemdCheck(InstanceShare(try settings(), others: [other])).failures(answers, [])
        #expect(less.map(\.measure) == [SystemdCheck.failedUnits])
    }
}
