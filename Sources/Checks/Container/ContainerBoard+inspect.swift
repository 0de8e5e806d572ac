import Alerting
import Basics
package import DockerEngine

/// Bringing what an inspect tells together with what the events told.
extension ContainerBoard {
    mutating func absorb(
        _ detail: ContainerDetail,
        isInspect: Bool,
        mark: Int,
        at now: Timestamp,
        _ missed: inout Missed
    ) -> News {
        var news = News()
        let id = detail.identity.id
        let isNew = records[id] == nil
        var record = records[id] ?? ContainerRecord(detail.identity, phase: detail.phase)
        var isCounted = record.isInspected
        let oldTarget = record.target
        if isInspect {
            record.learn(detail)
            refusal = nil
        } else {
            record.see(detail.identity)
        }
        record.retarget()
        if isInspect { findParent(of: &record) }
        if record.target != oldTarget, !isNew, !records.isClaimed(oldTarget, besides: id) {
            news.gone.append(oldTarget)
        }
        defer { records[id] = record }
        news.add(readLabels(of: &record))
        if record.run?.end?.verdict == .open {
            news.add(settleOpenEnd(&record, detail, isCounted: isCounted, now))
            isCounted = true
        }
        if record.isHealthHeld, isInspect {
            record.isHealthHeld = false
            if let health = detail.health { record.health = health }
            news.observations += states(of: record, at: now)
        }
        guard record.touched <= mark else { return news }
        let missedRestarts = isInspect && isCounted ? max(0, detail.restartCount - record.restartCount) : 0
        let isAhead = missedRestarts > 0 || record.run.map { detail.isAhead(of: $0) } ?? false
        if isAhead, !missed.isGap {
            if record.doubt?.touched != record.touched {
                record.doubt = ContainerRecord.Doubt(since: now, touched: record.touched)
                record.isStale = true
                news.inspect.append(Wish(id, after: Self.streamPatience))
            }
            // Only an answer of a moment later, without an event in between, is believed; the clock may have stepped back.
            let waited = now.since(record.doubt?.since ?? now)
            // Half of the wait, for a clock that is being slowed down.
            if waited >= .zero, waited < Self.streamPatience / 2 {
                // What is still to be told is not in the first count that is seen.
                if isInspect, !isCounted { record.restartCount = detail.countBeforeNews }
                return news
            }
        }
        record.doubt = nil
        if isInspect { record.isStale = false }
        if isInspect {
            record.restartCount = detail.restartCount
            if isNew, memory.running[record.target] != "start_failed" { record.excusedError = detail.startError }
            record.startError = detail.startError
        }
        switch detail.phase {
        case .created: record.phase = .created
        case .running, .paused:
            news.add(absorbRunning(&record, detail, isInspect: isInspect, missedRestarts, now, &missed))
        case .exited, .dead, .restarting, .removing:
            news.add(absorbEnded(&record, detail, missedRestarts, now, &missed))
        }
        return news
    }

    /// Takes that a container could not be inspected: what is read by its process is unknown then.
    package mutating func note(_ failure: EngineError, inspecting id: String) {
        switch failure {
        case .noSuchContainer, .cancelled: return
        default: records[id]?.inspectFailure = "\(failure)"
        }
    }

    /// Takes what went wrong with the inspects of a list: where none is allowed, the check cannot look.
    mutating func note(_ failures: [String: EngineError]) {
        for (id, failure) in failures { note(failure, inspecting: id) }
        refusal = nil
        guard !records.values.contains(where: \.isInspected) else { return }
        for case .refused(_, let status) in failures.values {
            let refused = EngineError.refused(path: "/containers/{id}/json", status: status)
            refusal = .degraded(because: "\(refused)", remedy: refused.hint)
        }
    }

    /// How long an answer that knows more than the events told waits for them: an answer may overtake the stream, and what
    /// both tell would count twice.
    static let streamPatience = Duration.seconds(1)

    /// The answer for a death that waited: OOMKilled is of this run only while no other has begun.
    private mutating func settleOpenEnd(
        _ record: inout ContainerRecord,
        _ detail: ContainerDetail,
        isCounted: Bool,
        _ now: Timestamp
    ) -> News {
        guard var end = record.run?.end else { return News() }
        if detail.phase.isDown {
            if let started = detail.startedAt, let at = detail.finishedAt, at >= started {
                end.ranFor = at.since(started)
            }
            if end.exitCode == nil { end.exitCode = detail.exitCode }
            end.oom = end.oom || (detail.oomKilled && record.run?.oomAt == nil && record.run?.beganOOMKilled != true)
            if detail.health?.output != nil { record.health = detail.health }
        }
        noteImage(of: &record, now)
        if !isCounted { record.restartCount = detail.countBeforeNews }
        record.run?.end = end
        if detail.phase == .removing, isRemovedByForce(record) { return excuse(&record, now) }
        return judgeOpenEnd(&record, now)
    }

    private mutating func absorbRunning(
        _ record: inout ContainerRecord,
        _ detail: ContainerDetail,
        isInspect: Bool,
        _ missedRestarts: Int,
        _ now: Timestamp,
        _ missed: inout Missed
    ) -> News {
        var news = News()
        let known = record.run
        let before = states(of: record, at: now)
        let isOtherRun = detail.isOfLaterRun(than: known)
        if let run = known, isOtherRun || run.end != nil {
            if run.end == nil || missedRestarts > 0 {
                news.add(tellUnseenEnds(record, missedRestarts, now, &missed))
            }
            let isSameRun = !isOtherRun && run.startedAt == detail.startedAt && run.startedAt != nil
            if isSameRun {
                record.run?.end = nil
            } else {
                begin(&record, startedAt: detail.startedAt, now)
            }
        } else if known == nil {
            record.run = ContainerRun()
            // Killed before we looked.
            if detail.oomKilled { record.run?.oomAt = detail.startedAt ?? now }
        } else if detail.oomKilled, known?.oomAt == nil, known?.beganOOMKilled == false {
            record.run?.oomAt = now
            news.observations.append(survivedOOM(record, now))
        }
        if let started = detail.startedAt { record.run?.startedAt = started }
        if isInspect, record.run?.beganOOMKilled == nil {
            record.run?.beganOOMKilled = detail.oomKilled
            noteImage(of: &record, now)
        }
        record.phase = detail.phase
        record.pid = detail.pid
        record.health = detail.health
        // What is new to the board is in the next sweep; only what has changed is news.
        let after = states(of: record, at: now)
        if known != nil, after != before { news.observations += after }
        return news
    }

    /// Compares the image of a run with that of the target's run before, once; a container keeps its image.
    mutating func noteImage(of record: inout ContainerRecord, _ now: Timestamp) {
        guard let image = RunImage(of: record), record.run?.isImageNoted == false else { return }
        record.run?.isImageNoted = true
        history(of: record, now) { history in
            history.formerImage = history.image == image ? nil : history.image
            history.image = image
        }
    }

    private mutating func absorbEnded(
        _ record: inout ContainerRecord,
        _ detail: ContainerDetail,
        _ missedRestarts: Int,
        _ now: Timestamp,
        _ missed: inout Missed
    ) -> News {
        let known = record.run
        record.phase = detail.phase
        record.pid = nil
        let isOtherRun = detail.isOfLaterRun(than: known)
        if known?.end != nil, !isOtherRun { return News() }
        let finished = detail.finishedAt ?? now
        if isOtherRun { record.run = ContainerRun() }
        if record.run == nil { record.run = ContainerRun() }
        record.run?.startedAt = detail.startedAt ?? known?.startedAt
        record.run?.openOOM = nil
        var end = ContainerEnd(
            at: finished,
            isExact: false,
            exitCode: detail.exitCode,
            oom: detail.oomKilled,
            ranFor: record.run?.span(until: finished),
            verdict: .requested
        )
        // What was told of this very end before a restart of the watchdog says more than the list.
        let told = known == nil && !hasNewlyEnded(record, detail) ? memory.running[record.target] : nil
        if known == nil, isBaseline(record, detail, end, now) {
            end.verdict = .baseline
        } else if told != "stopped_on_request", !isRequested(record, at: finished) {
            judge(&end, of: &record, listOnly: true, isKnownCrash: told == "crashed")
            if known == nil, memory.running[record.target] == nil, end.verdict == .requested { end.verdict = .baseline }
        }
        record.run?.end = end
        // A crash that was told before a restart of the watchdog, or that S21 wants shown, is a state and no news.
        let isOldNews = known == nil && !hasNewlyEnded(record, detail)
        if missed.isGap, !isOldNews, end.verdict.isUnrequested {
            record.run?.end?.quietUntil = now + .seconds(60)
            missed.ends.append((record.target, certificate(record, end).text))
            return News()
        }
        if isOldNews {
            var news = News()
            if end.verdict != .baseline { news.observations = states(of: record, at: now) }
            return news
        }
        history(of: record, now) { if missedRestarts > 1 { $0.addRestarts(missedRestarts - 1, at: now) } }
        return tellEnd(record, end, now, count: max(1, missedRestarts))
    }

    /// Whether an ended container is only to be reported (S21).
    private func isBaseline(
        _ record: ContainerRecord,
        _ detail: ContainerDetail,
        _ end: ContainerEnd,
        _ now: Timestamp
    ) -> Bool {
        if let state = memory.running[record.target] {
            return state == "paused"
        }
        if hasNewlyEnded(record, detail) { return false }
        guard record.isInspected, record.policy != .no, detail.exitCode != 0 else { return true }
        let sinceBoot = bootedAt.map { end.at >= $0 } ?? true
        return !(now.since(end.at) < .seconds(600) && sinceBoot)
    }

    /// Whether a container first seen now was running at the last sweep before a restart of the watchdog, and its end was
    /// not told after that sweep.
    ///
    /// A run that began before the machine did ended with it: nobody's crash.
    private func hasNewlyEnded(_ record: ContainerRecord, _ detail: ContainerDetail) -> Bool {
        if let bootedAt, let started = detail.startedAt, started < bootedAt { return false }
        guard let sweep = memory.previousSweep, let started = detail.startedAt, let end = detail.finishedAt else {
            return false
        }
        let told = memory.deaths[record.target] ?? memory.deaths[Target(container: record.identity, isJob: true)]
        // The engine's clock is not ours to the millisecond.
        if let told, end <= told + .seconds(1), started <= told { return false }
        return started <= sweep && end > sweep
    }

    /// Ends of which only the engine's counter, or a later start, tells.
    private mutating func tellUnseenEnds(
        _ record: ContainerRecord,
        _ count: Int,
        _ now: Timestamp,
        _ missed: inout Missed
    ) -> News {
        var news = News()
        // Without a restart by the engine somebody else ended and started it: a request.
        guard count > 0 else { return news }
        if missed.isGap {
            missed.ends.append((record.target, "restarted \(count) times by the engine"))
            return news
        }
        history(of: record, now) { history in
            history.addRestarts(count, at: now)
            history.endedUnrequested = false
            history.lastDeath = now
        }
        let end = ContainerEnd(at: now, isExact: false, verdict: .crashed(.warning))
        news.observations = [
            Observation(
                .containerDeath,
                of: record.target,
                .occurrences(count, .warning),
                scope: .container,
                summary:
                    "Container \(record.identity.name) died and was started again by the engine, \(count) times unseen",
                labels: record.labels,
                annotations: certificate(record, end).annotations
            )
        ]
        return news
    }
}

extension ContainerEnd.Verdict {
    var isUnrequested: Bool {
        switch self {
        case .crashed, .failed: true
        case .requested, .finished, .baseline, .open: false
        }
    }
}

extension ContainerDetail {
    /// The restarts before the end that is just being told: the engine counts at the end, if it starts the container again.
    var countBeforeNews: Int {
        max(0, restartCount - (phase == .restarting || phase.isUp ? 1 : 0))
    }

    /// Whether it tells of a beginning or an end that the run as the events told it has not come to.
    func isAhead(of run: ContainerRun) -> Bool {
        isOfLaterRun(than: run) || (run.end == nil ? phase.isDown : phase.isUp)
    }

    func isOfLaterRun(than run: ContainerRun?) -> Bool {
        guard let startedAt, let known = run?.startedAt else { return false }
        return startedAt > known
    }
}

extension ContainerRecord {
    /// What a row of the list tells anew.
    fileprivate mutating func see(_ container: ContainerIdentity) {
        guard container.name != identity.name || container.labels.picked != identity.labels.picked else { return }
        var known = identity
        known.name = container.name
        known.labels.picked = container.labels.picked
        identity = known
    }

    /// What does not change within a run.
    mutating func learn(_ detail: ContainerDetail) {
        if !isInspected, run == nil { backOff = BackOff(afterRestarts: detail.restartCount) }
        identity = detail.identity
        imageID = detail.imageID
        isInspected = true
        inspectFailure = nil
        policy = detail.policy
        autoRemove = detail.autoRemove
        ownsNetwork = detail.ownsNetwork
        networkParent = detail.networkParent
        stopTimeout = detail.stopTimeout
        hasMemoryLimit = detail.hasMemoryLimit
        hasTTY = detail.hasTTY
    }
}
