import Alerting
import Basics
import SystemBus

extension SystemdCheck {
    // MARK: - Units that are named

    func units(_ answers: UnitAnswers) -> [Observation] {
        guard !settings.units.isEmpty || !settings.timerMaxAge.isEmpty else { return [] }
        let known = Dictionary(answers.units.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var observations: [Observation] = []
        // A target has the name under which somebody asked for it.
        for name in settings.named {
            guard let unit = known[answers.aliases[name] ?? name] else {
                let summary = "\(name) is not loaded"
                let value = Observation.Value.state(UnitStanding.notLoaded)
                observations.append(Observation(Self.unit, of: Target(name), value, summary: summary))
                continue
            }
            observations.append(Self.standing(of: unit, as: name, answers))
        }
        let names = Set(settings.named.map { answers.aliases[$0] ?? $0 })
        for pattern in settings.units where pattern.name == nil {
            let found = answers.units.filter { pattern.matches($0.name) }
            if found.isEmpty {
                let summary = "no unit is loaded that \(pattern.description) fits"
                let value = Observation.Value.state(UnitStanding.noMatch)
                observations.append(Observation(Self.unit, of: Target(pattern.description), value, summary: summary))
            }
            for unit in found where !names.contains(unit.name) {
                observations.append(Self.standing(of: unit, as: unit.name, answers))
            }
        }
        return observations
    }

    private static func standing(of unit: SystemdUnit, as name: String, _ answers: UnitAnswers) -> Observation {
        let word = UnitStanding.word(unit)
        let evidence = answers.evidence[unit.name] ?? [:]
        var annotations = evidence
        if unit.name != name { annotations["unit"] = unit.name }
        return Observation(
            Self.unit,
            of: Target(name),
            .state(word),
            summary: "\(name) is \(word.spoken)" + cause(unit, evidence),
            annotations: annotations
        )
    }

    /// What is known of why it failed: ` (result exit-code, exit status 3)`.
    private static func cause(_ unit: SystemdUnit, _ evidence: [String: String]) -> String {
        guard unit.active == "failed" else { return "" }
        var parts: [String] = []
        if let result = evidence["result"], result != "success" { parts.append("result \(result.safe(limit: 64))") }
        if let status = evidence["exit_status"], status != "0" { parts.append("exit status \(status)") }
        if let signal = evidence["signal"] { parts.append("signal \(signal)") }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    // MARK: - Any unit that failed

    func failures(_ answers: UnitAnswers, _ formerly: Set<String>) -> [Observation] {
        // What a named instance is about is judged by itself.
        guard !choice.isNamed else { return [] }
        let failed = answers.units.filter { $0.active == "failed" }
        var observations = [
            Observation(
                Self.failedUnits,
                of: .host,
                .number(Double(failed.count)),
                annotations: failed.isEmpty ? [:] : ["units": failed.prefix(20).map(\.name).joined(separator: ", ")]
            )
        ]
        guard settings.failed != nil else { return observations }
        for unit in answers.units where unit.active == "failed" || formerly.contains(unit.name) {
            guard choice.coversFailure(of: unit.name, answers.aliases(of: unit.name)) else { continue }
            let evidence = answers.evidence[unit.name] ?? [:]
            observations.append(
                Observation(
                    Self.failure,
                    of: Target(unit.name),
                    .state(unit.active.safe(limit: 64)),
                    summary: "\(unit.name) is \(unit.active.safe(limit: 64).spoken)" + Self.cause(unit, evidence),
                    annotations: evidence
                )
            )
        }
        return observations
    }

    // MARK: - Restarts

    func restarts(_ answers: UnitAnswers, _ new: [String: Int]) -> [Observation] {
        let unread = answers.unreadUnits.filter(\.isService).compactMap { unit in
            answers.unread[unit.name].map { Self.unread(Self.restarts, of: unit, $0) }
        }
        let counted = new.sorted { $0.key < $1.key }.map { name, count in
            let all = answers.restarts[name] ?? 0
            return Observation(
                Self.restarts,
                of: Target(name),
                .occurrences(count),
                summary: "systemd has restarted \(name) \(all) times since it was last started by hand or at boot",
                annotations: ["restarts": "\(all)"]
            )
        }
        return counted + unread
    }

    /// Nothing is over because it cannot be read.
    private static func unread(_ measure: Measure, of unit: SystemdUnit, _ error: BusError) -> Observation {
        Observation(measure, of: Target(unit.name), .unknown(because: "\(error)"))
    }

    // MARK: - Timers

    /// `now` is by the calendar, `awake` by the clock that stands still in a suspend; in seconds.
    func timers(_ answers: UnitAnswers, now: Double, awake: Double) -> [Observation] {
        // What a timer started is still at work: until it ends, systemd does not plan the next run.
        let running = Set(answers.units.lazy.filter { $0.isTimer && $0.sub == "running" }.map(\.name))
        let unread = answers.unreadUnits.filter(\.isTimer).flatMap { unit in
            // Of those that have not run yet only since when they wait may be missing.
            let missing = answers.timers[unit.name] == nil ? [Self.overdue, Self.idle] : [Self.idle]
            return answers.unread[unit.name].map { error in missing.map { Self.unread($0, of: unit, error) } } ?? []
        }
        let read = answers.timers.sorted { $0.key < $1.key }.flatMap { name, timer in
            let target = Target(name)
            var evidence: [String: String] = [:]
            evidence["last_run"] = timer.lastRun.map { Timestamp(seconds: $0).description }
            // The earlier one counts, as it does for systemd.
            let left = [timer.nextRun.map { $0 - now }, timer.nextRunAwake.map { $0 - awake }].compactMap(\.self).min()
            evidence["next_run"] = left.map { Timestamp(seconds: now + $0).description }
            let late = running.contains(name) ? 0 : left.map { max(0, -$0 - timer.accuracy) } ?? 0
            var observations = [
                Observation(
                    Self.overdue,
                    of: target,
                    .number(late),
                    summary: late > 0
                        ? "\(name) should have run \(Unit.seconds.text(late)) ago and has not" : "\(name) is not late",
                    annotations: evidence
                )
            ]
            if let since = timer.lastRun ?? timer.startedAt {
                let age = max(0, now - since)
                let span = Unit.seconds.text(age)
                let words =
                    timer.lastRun == nil ? "has not run yet, and has waited for \(span)" : "last ran \(span) ago"
                var idle = Observation(
                    Self.idle,
                    of: target,
                    .number(age),
                    summary: "\(name) \(words)",
                    annotations: evidence
                )
                if let limit = settings.maxAge(of: name, answers.aliases(of: name)) {
                    idle.levels = Observation.OwnLevels(warning: nil, critical: limit.inSeconds)
                }
                observations.append(idle)
            }
            return observations
        }
        return read + unread
    }
}

extension String {
    /// `not found` for `not_found`.
    fileprivate var spoken: String { String(map { $0 == "_" || $0 == "-" ? " " : $0 }) }
}
