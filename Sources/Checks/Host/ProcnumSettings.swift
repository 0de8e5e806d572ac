import Basics
package import Settings

/// Which processes are counted, and when they are too few or too many.
package struct ProcnumSettings: SettingsGroup {
    package var selection = ProcessSelection()
    package var warningBelow: Int?
    package var criticalBelow: Int? = 1
    package var warningAbove: Int?
    package var criticalAbove: Int?
    package var threadsWarning: Int?
    package var threadsCritical: Int?
    package var restartsWarning: Int? = 3
    package var restartsCritical: Int? = 5
    package var restartsWithin: Duration = .seconds(600)

    package init() {}

    private static let numbers = 0...4_194_304

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "name",
                \.selection.names,
                "Counts processes with these names, as `ps -o comm` shows them; longer ones than 15 bytes by their program."
            )
            Field(
                "command",
                \.selection.commands,
                "Counts processes with these command lines; `*app.jar*` finds a word anywhere, editors of it too."
            )
            Field("user", \.selection.users, "Counts processes of these users, by the host's names or by number.")
            Field(
                "cgroup",
                \.selection.groups,
                "Counts processes of these control groups: `/system.slice/ssh.service`."
            )
            Field(
                "pid_file",
                \.selection.pidFile,
                "Counts the process whose number is in this file of the host, if it is the one that wrote it."
            )
            Field("warning_below", \.warningBelow, "Warns when fewer processes than this run.", in: numbers)
            Field("critical_below", \.criticalBelow, "Alarms when fewer processes than this run.", in: numbers)
            Field("warning_above", \.warningAbove, "Warns when more processes than this run.", in: numbers)
            Field("critical_above", \.criticalAbove, "Alarms when more processes than this run.", in: numbers)
            Field("threads_warning", \.threadsWarning, "Warns when they have more threads than this.", in: numbers)
            Field("threads_critical", \.threadsCritical, "Alarms when they have more threads than this.", in: numbers)
            Field(
                "restarts_warning",
                \.restartsWarning,
                "Warns when they were started anew so often; children that come and go do not count.",
                in: 1...1000
            )
            Field(
                "restarts_critical",
                \.restartsCritical,
                "Alarms when they were started anew so often.",
                in: 1...1000
            )
            Field(
                "restarts_within",
                \.restartsWithin,
                "Counts starts within this time.",
                in: .seconds(10) ... .seconds(86400)
            )
        }
    }

    package var faults: [Fault] {
        var faults: [Fault] = []
        if let warningBelow, let criticalBelow, warningBelow <= criticalBelow {
            faults.append(Fault("warning_below", "must be more than critical_below, or the warning never comes first"))
        }
        if let warningAbove, let criticalAbove, warningAbove >= criticalAbove {
            faults.append(Fault("warning_above", "must be less than critical_above, or the warning never comes first"))
        }
        if let warning = threadsWarning, let critical = threadsCritical, warning >= critical {
            let fault = "must be less than threads_critical, or the warning never comes first"
            faults.append(Fault("threads_warning", fault))
        }
        if let warning = restartsWarning, let critical = restartsCritical, warning >= critical {
            let fault = "must be less than restarts_critical, which is \(critical): set that higher too, or `off`"
            faults.append(Fault("restarts_warning", fault))
        }
        if let least = warningBelow ?? criticalBelow, let most = warningAbove ?? criticalAbove, most < least {
            let key = warningAbove == nil ? "critical_above" : "warning_above"
            faults.append(Fault(key, "leaves no number that is well"))
        }
        return faults
    }
}
