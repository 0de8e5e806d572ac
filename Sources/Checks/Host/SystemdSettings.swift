package import Basics
package import Settings

/// Which units are watched, and what is wrong with them.
package struct SystemdSettings: SettingsGroup {
    package var units: [UnitPattern] = []
    package var expected: [UnitState] = [.active]
    package var state: Severity? = .critical
    package var transitionFor: Duration = .seconds(300)
    package var failed: Severity? = .warning
    package var restartsWarning: Int? = 3
    package var restartsCritical: Int? = 5
    package var restartsWithin: Duration = .seconds(600)
    package var timers = Self.allTimers
    package var overdueWarning: Duration? = .seconds(3600)
    package var overdueCritical: Duration?
    package var timerMaxAge: [String: Duration] = [:]
    package var exclude: [UnitPattern] = []
    package var socket: Path?
    package var answerWithin: Duration = .seconds(5)

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "units",
                \.units,
                "Watches these units, loaded or not; `.service` is added to a name without a type; globs fit what is loaded."
            )
            Field("expected", \.expected, "What those units may be doing; a reload counts as active.")
            Field("state", \.state, "Says with this severity that one of those units is doing something else.")
            Field(
                "transition_for",
                \.transitionFor,
                "Lets those units start and stop for this long.",
                in: .zero ... .seconds(86400)
            )
            Field("failed", \.failed, "Says with this severity that any other unit has failed.")
            Field(
                "restarts_warning",
                \.restartsWarning,
                "Warns when systemd has restarted a service this often within the window.",
                in: 1...1_000_000
            )
            Field(
                "restarts_critical",
                \.restartsCritical,
                "Alarms when systemd has restarted a service this often within the window.",
                in: 1...1_000_000
            )
            Field(
                "restarts_within",
                \.restartsWithin,
                "Counts automatic restarts within this time.",
                in: .seconds(1) ... .seconds(86400)
            )
            Field("timers", \.timers, "Watches that these timers run when they should.")
            Field(
                "overdue_warning",
                \.overdueWarning,
                "Warns when a timer should have run this long ago and has not.",
                in: .seconds(1) ... .seconds(30 * 86400)
            )
            Field(
                "overdue_critical",
                \.overdueCritical,
                "Alarms when a timer should have run this long ago and has not.",
                in: .seconds(1) ... .seconds(30 * 86400)
            )
            Field(
                "timer_max_age",
                \.timerMaxAge,
                "Alarms when a timer last ran longer ago than this, or is not there: `backup.timer=26h`."
            )
            Field("exclude", \.exclude, "Leaves these units out of everything but `units` and `timer_max_age`.")
            Field("socket", \.socket, "Asks at this socket of a system bus; default the host's own.")
            Field(
                "answer_within",
                \.answerWithin,
                "Waits this long for systemd; must be less than `timeout`.",
                in: .milliseconds(100) ... .seconds(300)
            )
        }
    }

    package var faults: [Fault] {
        for (name, _) in timerMaxAge where !name.hasSuffix(".timer") || name.contains(where: { "*?[".contains($0) }) {
            return [Fault("timer_max_age", "each key must be a timer's whole name, such as backup.timer")]
        }
        return expected.isEmpty ? [Fault("expected", "at least one state is needed")] : []
    }

    /// The units that are named, those of `timer_max_age` too, each once.
    var named: [String] {
        var known: Set<String> = []
        return (units.compactMap(\.name) + timerMaxAge.keys.sorted()).filter { known.insert($0).inserted }
    }

    /// Whether somebody named it, by its first name or another, so that its state is judged by itself.
    func names(_ unit: String, _ aliases: [String]) -> Bool {
        maxAge(of: unit, aliases) != nil || units.fit(unit, aliases)
    }

    /// The smallest of those that its names have.
    func maxAge(of unit: String, _ aliases: [String]) -> Duration? {
        aliases.reduce(timerMaxAge[unit]) { least, alias in
            [least, timerMaxAge[alias]].compactMap(\.self).min()
        }
    }

    func watchesTimer(_ unit: String, _ aliases: [String]) -> Bool { timers.fit(unit, aliases) }

    /// Whether somebody said which timers are watched.
    var choosesTimers: Bool { timers != Self.allTimers }

    private static let allTimers = ["*"].compactMap { try? UnitPattern(setting: $0) }

    func excludes(_ unit: String, _ aliases: [String]) -> Bool { exclude.fit(unit, aliases) }

    var judgesRestarts: Bool { restartsWarning != nil || restartsCritical != nil }
}

extension [UnitPattern] {
    /// Whether one of them fits a name of the unit.
    fileprivate func fit(_ unit: String, _ aliases: [String]) -> Bool {
        contains { pattern in pattern.matches(unit) || aliases.contains(where: pattern.matches) }
    }
}
