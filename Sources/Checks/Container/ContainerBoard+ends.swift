import Alerting
import Basics
import DockerEngine

/// Judging how a run ended (S20–S23).
extension ContainerBoard {
    /// Whether a request to end came for this run shortly before `end` (S20).
    func isRequested(_ record: ContainerRecord, at end: Timestamp) -> Bool {
        guard let run = record.run, let killed = run.killedAt else { return false }
        let span = end.since(killed)
        // A millisecond or so of disorder between the two events is no proof of a crash.
        guard span >= .milliseconds(-500), span <= max(record.stopTimeout ?? .zero, .seconds(10)) + .seconds(5) else {
            return false
        }
        return !(tuning(of: record).killCounts && run.sawKillSignal && !run.sawStopSignal)
    }

    /// Judges an end that waited for an inspect by what is known now, and tells it.
    mutating func judgeOpenEnd(_ record: inout ContainerRecord, _ now: Timestamp) -> News {
        guard var end = record.run?.end, end.verdict == .open else { return News() }
        judge(&end, of: &record, listOnly: false)
        record.run?.end = end
        // Once told, the lines are of no more use.
        record.run?.end?.log = nil
        return tellEnd(record, end, now)
    }

    /// Fills in the verdict of an end that nobody asked for.
    ///
    /// `listOnly` ends were found by a list: then 137, 143 and 0 of a container that the engine would have started again
    /// mean that it was stopped (S20), unless it is known to have crashed.
    func judge(
        _ end: inout ContainerEnd,
        of record: inout ContainerRecord,
        listOnly: Bool,
        isKnownCrash: Bool = false
    ) {
        let code = end.exitCode ?? (listOnly ? 0 : 1)
        if listOnly, !isKnownCrash, record.policy != .no, [0, 137, 143].contains(code), !end.oom,
            record.startError == nil
        {
            end.verdict = .requested
            return
        }
        end.comesBack = record.comesBack(afterExitCode: code)
        let isJob = record.isJob(ranFor: end.ranFor)
        if code == 0, !end.oom, !end.comesBack, !isKnownCrash {
            // Success is no crash; a service that had been up for long should not have ended all the same.
            let wasLong = end.ranFor.map { $0 >= .seconds(600) } ?? false
            end.verdict = isJob || !wasLong ? .finished : .failed(.warning)
        } else if isJob, !isKnownCrash {
            end.verdict = .failed(end.oom ? .critical : code == 130 || code == 143 ? .info : .warning)
        } else {
            end.verdict = .crashed(end.oom || !end.comesBack ? .critical : .warning)
        }
        // The engine counts at the end, before the next start.
        if end.comesBack, record.identity.labels.swarmTask == nil, !listOnly {
            record.restartCount += 1
            record.backOff.grow(after: end.ranFor)
            end.pause = record.backOff.pause
        }
    }

    /// The occurrence with its certificate, and the state it leaves.
    mutating func tellEnd(_ record: ContainerRecord, _ end: ContainerEnd, _ now: Timestamp, count: Int = 1) -> News {
        var news = News()
        var target = record.target
        let severity: Severity
        switch end.verdict {
        case .crashed(let level): severity = level
        case .failed(let level):
            severity = level
            if record.isJob(ranFor: end.ranFor) { target = Target(container: record.identity, isJob: true) }
        case .requested, .finished, .baseline, .open:
            forgetRequestedEnd(record, now)
            news.observations = states(of: record, at: now)
            return news
        }
        let certificate = certificate(record, end)
        history(of: record, now) { history in
            history.endedUnrequested = true
            history.lastEnd = certificate.text
        }
        note(death: now, of: target, record)
        let verb = if case .failed = end.verdict { "ended" } else { "died" }
        news.observations.append(
            Observation(
                .containerDeath,
                of: target,
                .occurrences(count, severity),
                scope: .container,
                summary: "Container \(record.identity.name) \(verb): \(certificate.text)",
                labels: record.labels,
                annotations: certificate.annotations.merging(dependants(of: record).annotations) { own, _ in own }
            )
        )
        news.observations += states(of: record, at: now)
        return news
    }

    func certificate(_ record: ContainerRecord, _ end: ContainerEnd) -> DeathCertificate {
        let history = histories[record.target]
        return DeathCertificate(record: record, end: end, image: history?.image, formerImage: history?.formerImage)
    }

    mutating func survivedOOM(_ record: ContainerRecord, _ now: Timestamp) -> Observation {
        history(of: record, now) { $0.lastOOM = now }
        let cause = record.hasMemoryLimit ? "for its memory limit" : "because memory ran out"
        return Observation(
            .containerOOM,
            of: record.target,
            .occurrences(1, .critical),
            scope: .container,
            summary:
                "A process of container \(record.identity.name) was killed \(cause); the container goes on",
            labels: record.labels,
            annotations: ["container_id": record.identity.shortID, "image": record.identity.image]
        )
    }

    /// A requested end makes the next start an ordinary one.
    mutating func forgetRequestedEnd(_ record: ContainerRecord, _ now: Timestamp) {
        history(of: record, now) { $0.endedUnrequested = false }
    }

    private mutating func note(death now: Timestamp, of target: Target, _ record: ContainerRecord) {
        histories[target, default: TargetHistory(touched: now)].lastDeath = now
        histories[target]?.touched = now
        histories[target]?.labels = record.labels
    }

    mutating func history(of record: ContainerRecord, _ now: Timestamp, _ change: (inout TargetHistory) -> Void) {
        var history = histories[record.target] ?? TargetHistory(touched: now)
        history.touched = now
        change(&history)
        histories[record.target] = history
    }
}
