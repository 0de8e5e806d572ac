import Alerting
package import Basics
import DockerEngine

/// Who is unwell and may be restarted for it: only where a setting or a label says so.
extension ContainerBoard {
    /// Looks for containers that need a restart.
    ///
    /// `next` is when to look again, if nothing happens before.
    package mutating func heal(at now: Timestamp) -> (acts: [Healing.Act], next: Duration?, news: News) {
        var news = News()
        guard engine == .reachable, isAnyHealed || !healing.courses.isEmpty else { return ([], nil, news) }
        let patients = records.values.filter { isHealed($0) }.map { patient($0) }
        let round = healing.round(patients, at: now)
        for record in records.values where round.changed.contains(record.target) && isHealed(record) {
            news.observations.append(standing(of: record))
            news.observations += states(of: record, at: now)
        }
        return (round.acts, round.next, news)
    }

    /// Whether an act that was decided on a moment ago still has its reason.
    package func stillNeeds(_ act: Healing.Act, at now: Timestamp) -> Bool {
        guard let record = records[act.id], isHealed(record) else { return false }
        let patient = patient(record)
        return patient.need == act.need && patient.stopsUntil.map { now >= $0 } ?? true
    }

    /// Takes how an act went, and tells of it.
    package mutating func healed(_ act: Healing.Act, _ outcome: Healing.Outcome, at now: Timestamp) -> News {
        let wasRefused = healing.refusal != nil
        healing.end(act, outcome, at: now)
        var news = News()
        if wasRefused != (healing.refusal != nil) { news.observations.append(healingObservation) }
        guard var record = records[act.id] else { return news }
        let name = "Container \(record.identity.name)"
        let count = "\(act.number) of \(healing.limits.budget) within \(healing.limits.window.text)"
        let summary: String
        switch outcome {
        case .needless, .gone, .refused: return news
        case .done: summary = "\(name) was restarted, for \(act.need.text) (\(count))"
        case .failed(let because):
            summary = "\(name) could not be restarted: \(because.safe(limit: 300)) (\(count))"
            news.observations += leftDown(&record, now)
        }
        history(of: record, now) { $0.lastHeal = now }
        var annotations = ["container_id": record.identity.shortID, "because": act.need.text]
        annotations["restart"] = count
        news.observations.append(
            Observation(
                .containerHealRestart,
                of: record.target,
                .occurrences(1, outcome == .done ? .info : .warning),
                scope: .container,
                summary: summary,
                labels: record.labels,
                annotations: annotations
            )
        )
        return news
    }

    /// Who was stopped for a restart and not started again is down by nobody's wish.
    private mutating func leftDown(_ record: inout ContainerRecord, _ now: Timestamp) -> [Observation] {
        guard record.run?.end?.verdict == .requested else { return [] }
        record.run?.end?.verdict = .crashed(.critical)
        record.run?.end?.comesBack = false
        records[record.identity.id] = record
        return states(of: record, at: now)
    }

    /// Whether any container may be restarted; asked at each start of one, so no record is copied for it.
    private var isAnyHealed: Bool {
        options.tuning.heals || records.values.indices.contains { records.values[$0].own.tuning?.heals == true }
    }

    /// Whether the container may be restarted when it is unwell: never the one in which this watchdog runs.
    func isHealed(_ record: ContainerRecord) -> Bool {
        guard tuning(of: record).heals else { return false }
        return options.ownContainer.map { !record.identity.id.hasPrefix($0) } ?? true
    }

    /// Whether it was restarted for its health and has not been well since: nothing to tell yet.
    func isConvalescent(_ record: ContainerRecord, at now: Timestamp) -> Bool {
        guard healing.courses[record.target]?.isSick == true, isHealed(record) else { return false }
        guard let end = record.run?.end else { return record.health?.status == .starting }
        return now.since(end.at) < .seconds(60)
    }

    /// Whether healing goes on for a container, as a state.
    func standing(of record: ContainerRecord) -> Observation {
        let course = healing.courses[record.target] ?? Healing.Course()
        let name = "Container \(record.identity.name)"
        var (state, summary) = ("ready", "\(name) needs no healing")
        if course.hasGivenUp {
            let budget = "\(healing.limits.budget) restarts within \(healing.limits.window.text)"
            (state, summary) = ("gave_up", "\(name) is not well after \(budget): it is not restarted any more")
        } else if course.isSick {
            (state, summary) = ("under_way", "\(name) is being healed")
        }
        return Observation(
            .containerHealing,
            of: record.target,
            .state(state),
            scope: .container,
            summary: summary,
            labels: record.labels,
            annotations: ["container_id": record.identity.shortID]
        )
    }

    /// Whether restarts are allowed at all.
    var healingObservation: Observation {
        guard let refusal = healing.refusal else {
            return Observation(.dockerHealing, of: .engine, .state("allowed"), summary: "Restarts are allowed")
        }
        return Observation(
            .dockerHealing,
            of: .engine,
            .state("refused"),
            summary: "Unwell containers cannot be restarted: \(refusal.because)",
            annotations: ["because": refusal.because]
        )
    }

    private func patient(_ record: ContainerRecord) -> Healing.Patient {
        Healing.Patient(
            id: record.identity.id,
            target: record.target,
            isUp: record.isRunning,
            health: record.health?.status,
            startedAt: record.run?.startedAt,
            stopTimeout: record.stopTimeout,
            // The signals of the stop come first, the end when its patience is over; then the engine is to tell it.
            stopsUntil: record.run?.killedAt.map { $0 + max(record.stopTimeout ?? .zero, .seconds(10)) + .seconds(5) },
            parent: record.networkParent.flatMap(parent)
        )
    }

    /// The container that lends its network.
    private func parent(_ reference: String) -> Healing.Patient.Parent? {
        record(goingBy: reference).map { record in
            Healing.Patient.Parent(
                target: record.target,
                name: record.identity.name,
                isUp: record.isRunning,
                health: record.health?.status,
                startedAt: record.isInspected ? record.run?.startedAt : nil,
                isHealed: isHealed(record)
            )
        }
    }
}

extension ContainerRecord {
    /// Whether it runs and is not paused, as far as anybody knows.
    fileprivate var isRunning: Bool { phase == .running && run?.end == nil }
}
