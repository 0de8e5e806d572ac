package import Alerting
import Basics
import Procfs
package import Settings
import SystemBus

/// Fires when a systemd unit is not what it should be, any unit has failed, a service restarts again and again, or a
/// timer does not run.
///
/// Reads: the host's system bus (D-Bus): one list of all units; then single properties of services and timers.
/// Unknown when: the bus refuses or does not answer. Not applicable where the host does not run systemd.
package struct SystemdCheck: Check {
    package static let kind = "systemd"
    package static let summary =
        "A systemd unit is not as it should be, has failed or restarts on and on, or a timer is late."
    /// It needs the host's runtime directory and the right to connect: on request only.
    package static let runsByDefault = false
    package static let instances = Instances.both
    package static let sharesTargets = true

    package typealias Settings = SystemdSettings

    static let unit = Measure(
        name: "systemd_unit",
        unit: .none,
        summary: "What a unit that is watched by name is doing."
    )
    static let failure = Measure(
        name: "systemd_failure",
        unit: .none,
        summary: "Whether a unit that nobody named has failed; those that never did are not listed."
    )
    static let failedUnits = Measure(name: "systemd_failed_units", unit: .none, summary: "Units that have failed.")
    static let restarts = Measure(
        name: "systemd_restarts_total",
        unit: .total,
        summary: "How often systemd has restarted a service that ended; those it never did are not listed."
    )
    static let overdue = Measure(
        name: "systemd_timer_overdue_seconds",
        unit: .seconds,
        summary: "How long ago a timer should have run and has not."
    )
    static let idle = Measure(
        name: "systemd_timer_idle_seconds",
        unit: .seconds,
        summary: "Time since a timer last ran, or since it waits for its first run."
    )
    package static let measures = [unit, failure, failedUnits, restarts, overdue, idle]

    let settings: SystemdSettings
    let choice: UnitChoice
    private let memory = UnitMemory()
    private let thread = OwnThread("custos-bus")

    package init(_ settings: SystemdSettings) { self.init(InstanceShare(settings)) }

    package init(_ share: InstanceShare<SystemdSettings>) {
        settings = share.settings
        choice = UnitChoice(share)
    }

    package static func missingChoice(_ settings: SystemdSettings) -> String? {
        settings.choosesTimers || !settings.units.isEmpty || !settings.timerMaxAge.isEmpty ? nil : "units"
    }

    package var rules: [Rule] {
        var rules = [
            // Levels come from `timer_max_age`.
            Rule(Self.idle, .above(warning: nil, critical: nil)),
            Rule(
                Self.overdue,
                .above(warning: settings.overdueWarning?.inSeconds, critical: settings.overdueCritical?.inSeconds)
            ),
        ]
        if let severity = settings.state {
            let bad = UnitStanding.bad(unless: settings.expected)
            func shape(_ names: [String]) -> Rule.Shape {
                .state(bad: Dictionary(uniqueKeysWithValues: names.map { ($0, severity) }))
            }
            rules.append(Rule(Self.unit, shape(bad.lasting)))
            rules.append(Rule(Self.unit, shape(bad.passing), holdFor: settings.transitionFor, name: "transition"))
        }
        if let severity = settings.failed { rules.append(Rule(Self.failure, .state(bad: ["failed": severity]))) }
        for (least, severity) in [(settings.restartsWarning, Severity.warning), (settings.restartsCritical, .critical)]
        {
            guard let least else { continue }
            rules.append(
                Rule(
                    Self.restarts,
                    .occurred(atLeast: least, within: settings.restartsWithin, severity),
                    name: "occurred_\(severity.rawValue)"
                )
            )
        }
        return rules
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let socket: String
        if let path = settings.socket {
            socket = path.description
        } else {
            socket = try looking { () throws(HostFileError) in try world.host.systemBusSocket() }
        }
        let (survey, patience, time) = (survey, settings.answerWithin, world.time)
        let result = await thread.run(atMost: patience + .seconds(1), time: time) {
            survey.look(at: socket, patience: patience, time: time)
        }
        guard let result else { throw .degraded(because: "the system bus hangs, or there is no thread", remedy: nil) }
        let answers: UnitAnswers
        do throws(BusError) {
            answers = try result.get()
        } catch {
            throw .degraded(because: "\(error)", remedy: error.hint)
        }
        let remembered = memory.note(answers)
        return units(answers) + failures(answers, remembered.formerlyFailed) + restarts(answers, remembered.newRestarts)
            + timers(answers, now: world.time.now.seconds, awake: world.time.awake.inSeconds)
    }

    /// What is asked in one conversation.
    private var survey: UnitSurvey {
        let (settings, choice) = (settings, choice)
        return UnitSurvey(
            named: settings.named,
            recognised: choice.recognised,
            countsRestarts: { unit, aliases in
                settings.judgesRestarts && unit.isService && unit.active != "inactive" && unit.sub != "exited"
                    && choice.coversRestarts(of: unit.name, aliases)
            },
            wantsTimes: { unit, aliases in
                guard unit.active == "active" else { return false }
                return choice.coversTimer(unit.name, aliases)
            },
            wantsEvidence: { unit, aliases in
                guard settings.names(unit.name, aliases) else { return unit.active == "failed" && !choice.isNamed }
                return unit.active == "failed" || !settings.expected.contains { $0.rawValue == unit.active }
            }
        )
    }
}
