package import Alerting
package import Basics

/// What the board says of the present.
extension ContainerBoard {
    /// One observation per measure and container: a complete sweep.
    package func observations(at now: Timestamp) -> [Observation] {
        var all = [engineObservation]
        let speakers = records.speakers
        if engine != .reachable { return all + unseen(speakers.map(\.target)) }
        all.reserveCapacity(speakers.count * 6)
        var isHealing = false
        for speaker in speakers {
            let record = records.values[speaker.place]
            all += states(of: record, at: now, isSpeaker: true)
            guard !record.isSettled else { continue }
            all.append(restarts(of: record, at: now))
            all += unread(record)
            all.append(zero(.containerDeath, of: record.target, record.labels))
            all.append(zero(.containerOOM, of: record.target, record.labels))
            if isHealed(record) {
                all.append(standing(of: record))
                all.append(zero(.containerHealRestart, of: record.target, record.labels))
                isHealing = true
            }
        }
        if isHealing { all.append(healingObservation) }
        return all + ended(besides: speakers, at: now)
    }

    /// What is read of a container by its process, which an inspect that failed did not tell.
    private func unread(_ record: ContainerRecord) -> [Observation] {
        guard let because = record.inspectFailure, record.phase.isUp, record.run?.end == nil, record.pid == nil else {
            return []
        }
        return Measure.read.map {
            Observation($0, of: record.target, .unknown(because: because), scope: .container, labels: record.labels)
        }
    }

    /// Zeros of what is over and was told of a short time ago, but for those that go on.
    private func ended(besides speakers: [ContainerRecords.Speaker], at now: Timestamp) -> [Observation] {
        let window = options.deathWindow + .seconds(60)
        func isRecent(_ moment: Timestamp?) -> Bool { moment.map { now.since($0) < window } ?? false }
        var ended = histories.filter { isRecent($0.value.lastDeath) || isRecent($0.value.lastOOM) }
        guard !ended.isEmpty else { return [] }
        for speaker in speakers where !records.values[speaker.place].isSettled { ended[speaker.target] = nil }
        return ended.sorted { $0.key < $1.key }.flatMap { target, history in
            var zeros: [Observation] = []
            if isRecent(history.lastDeath) { zeros.append(zero(.containerDeath, of: target, history.labels)) }
            if isRecent(history.lastOOM) { zeros.append(zero(.containerOOM, of: target, history.labels)) }
            return zeros
        }
    }

    var engineObservation: Observation {
        switch engine {
        case .unreachable(let because):
            Observation(
                .engineReachable,
                of: .engine,
                .state("unreachable"),
                summary: "The Docker engine cannot be reached: \(because)"
                    + (up.count.map { "; \($0) cannot be seen" } ?? ""),
                annotations: up.annotations.merging(["because": because]) { $1 }
            )
        case .reachable:
            Observation(.engineReachable, of: .engine, .state("reachable"), summary: "The Docker engine answers")
        case .unknown:
            Observation(.engineReachable, of: .engine, .unknown(because: "the engine has not answered yet"))
        case .blind(let error):
            Observation(.engineReachable, of: .engine, .unknown(because: error.because))
        }
    }

    /// While the engine cannot be seen, every alert keeps its state.
    private func unseen(_ speakers: [Target]) -> [Observation] {
        let because = "the engine cannot be reached"
        let measures: [Measure] = [
            .containerRunning, .containerHealth, .containerRestarts, .containerDeath, .containerOOM,
        ]
        var targets = Set(speakers).union(histories.keys)
        targets.formUnion(memory.running.keys)
        targets.formUnion(memory.others.keys)
        let healed = Set(histories.filter { $0.value.lastHeal != nil }.keys).union(healing.courses.keys)
        return targets.union(healed).sorted().flatMap { target in
            // What was read or refused of a container is remembered by who did, but for what was before a restart.
            let fired = memory.others[target] ?? []
            var concerned = measures + Measure.read.filter { fired.contains($0.name) }
            if labelsRefused.contains(target) || fired.contains(Measure.containerLabels.name) {
                concerned.append(.containerLabels)
            }
            if healed.contains(target) { concerned += [.containerHealRestart, .containerHealing] }
            return concerned.map {
                Observation($0, of: target, .unknown(because: because), scope: .container)
            }
        }
    }

    /// Sorts who stands for each target, for all who ask until a container changes.
    package mutating func sortSpeakers() { records.sortSpeakers() }

    /// `container_running` and `container_health` of one container.
    func states(of record: ContainerRecord, at now: Timestamp) -> [Observation] {
        states(of: record, at: now, isSpeaker: records.isSpeaker(record))
    }

    private func states(of record: ContainerRecord, at now: Timestamp, isSpeaker: Bool) -> [Observation] {
        guard isSpeaker else { return [] }
        var (state, summary) = running(record, at: now)
        var annotations = ["container_id": record.identity.shortID]
        if let end = record.run?.end, state != "baseline" {
            annotations = certificate(record, end).annotations
        } else if let error = record.startError, state == "start_failed" {
            annotations["start_error"] = error
        }
        if !networkParents.isEmpty, Measure.badRunning[state] == .critical {
            let cutOff = dependants(of: record)
            if let count = cutOff.count { summary += ", which cuts off \(count) in its network" }
            annotations.merge(cutOff.annotations) { own, _ in own }
        }
        var all = [
            Observation(
                .containerRunning,
                of: record.target,
                .state(state),
                scope: .container,
                summary: summary,
                labels: record.labels,
                annotations: annotations
            )
        ]
        if record.health != nil { all.append(health(record, at: now)) }
        if record.phase == .running, histories[record.target]?.restarts.isEmpty == false {
            all.append(restarts(of: record, at: now))
        }
        if !labelsRefused.isEmpty, let labels = labelState(of: record) { all.append(labels) }
        return all
    }

    private func running(_ record: ContainerRecord, at now: Timestamp) -> (state: String, summary: String) {
        let name = "Container \(record.identity.name)"
        guard let end = record.run?.end else {
            if record.phase == .paused { return ("paused", "\(name) is paused") }
            guard record.phase == .created else { return ("running", "\(name) runs") }
            guard let error = record.startError, error != record.excusedError else {
                return ("created", "\(name) has not been started")
            }
            return ("start_failed", "\(name) could not be started: \(error)")
        }
        let because = certificate(record, end).text
        switch end.verdict {
        case .baseline: return ("baseline", "\(name) had ended before it was first seen")
        case .finished: return ("exited_ok", "\(name) ended as it should: \(because)")
        case .failed: return ("job_failed", "\(name) ended: \(because)")
        case .open: return ("restarting", "\(name) has just ended")
        case .requested:
            let grace = tuning(of: record).requestedStopGrace
            if now.since(end.at) < grace || record.isJob(ranFor: end.ranFor) {
                return ("stopped", "\(name) was stopped on request")
            }
            return ("stopped_on_request", "\(name) was stopped on request and is still down")
        case .crashed:
            if let quiet = end.quietUntil, now < quiet { return ("restarting", "\(name) ended with the engine") }
            // The engine waits at most a minute between two tries.
            if end.comesBack, now.since(end.at) < .seconds(120), record.startError == nil || record.phase == .restarting
            {
                if let left = end.pause.map({ $0 - now.since(end.at) }), left >= .seconds(1) {
                    let wait = DeathCertificate.rounded(left).text
                    return ("backing_off", "\(name) backs off, next start in about \(wait): \(because)")
                }
                return ("restarting", "\(name) is being started again: \(because)")
            }
            return ("crashed", "\(name) crashed and is down: \(because)")
        }
    }

    private func health(_ record: ContainerRecord, at now: Timestamp) -> Observation {
        func unknown(_ because: String) -> Observation {
            Observation(.containerHealth, of: record.target, .unknown(because: because), scope: .container)
        }
        // Left out, it would be gone.
        if record.isHealthHeld { return unknown("the engine is being asked what the health check printed") }
        if isConvalescent(record, at: now) {
            return unknown("the container has just been restarted because it was unhealthy")
        }
        guard let health = record.health, record.run?.end == nil else { return endedHealth(record) }
        let name = "Container \(record.identity.name)"
        var state = health.status.rawValue
        var summary = "\(name) is \(state)"
        switch health.status {
        case .healthy: break
        case .unhealthy: if let streak = health.streak { summary += ": \(streak) failed probes in a row" }
        case .starting:
            let limit = tuning(of: record).startLimit
            summary = "\(name)'s health check has not passed yet"
            if let started = record.run?.startedAt, now.since(started) > limit {
                state = "starting_too_long"
                summary =
                    "\(name) has been starting for \(Duration.seconds(now.since(started).components.seconds).text)"
            }
        }
        var annotations = ["container_id": record.identity.shortID]
        if let streak = health.streak { annotations["failing_streak"] = String(streak) }
        if let output = health.output, !output.isEmpty { annotations["last_probe_output"] = output }
        return Observation(
            .containerHealth,
            of: record.target,
            .state(state),
            scope: .container,
            summary: summary,
            labels: record.labels,
            annotations: annotations
        )
    }

    /// A container that is down is neither healthy nor unhealthy.
    func endedHealth(_ record: ContainerRecord) -> Observation {
        Observation(
            .containerHealth,
            of: record.target,
            .state("not_running"),
            scope: .container,
            summary: "Container \(record.identity.name) does not run",
            labels: record.labels
        )
    }

    private func restarts(of record: ContainerRecord, at now: Timestamp) -> Observation {
        var (count, summary): (Int, String?) = (0, nil)
        var annotations: [String: String] = [:]
        // Of most there is nothing to say.
        if let history = histories[record.target], !history.restarts.isEmpty {
            count = history.restarts(within: options.restartWindow, of: now)
            let window = options.restartWindow.text
            summary = "Container \(record.identity.name) was restarted \(count) times within \(window)"
            annotations["last_end"] = history.lastEnd
            if let pause = record.backOff.pause, pause > .zero {
                annotations["back_off"] = DeathCertificate.rounded(pause).text
            }
        }
        var observation = Observation(
            .containerRestarts,
            of: record.target,
            .number(Double(count)),
            scope: .container,
            summary: summary,
            labels: record.labels,
            annotations: annotations
        )
        observation.levels = record.own.tuning?.restartLevels
        return observation
    }

    private func zero(_ measure: Measure, of target: Target, _ labels: [String: String]) -> Observation {
        Observation(measure, of: target, .occurrences(0), scope: .container, labels: labels)
    }
}

extension ContainerRecord {
    /// Whether it ended for good and only the report cares.
    var isSettled: Bool {
        guard phase.isDown, let verdict = run?.end?.verdict else { return false }
        switch verdict {
        case .baseline, .finished, .failed: return true
        case .requested, .crashed, .open: return false
        }
    }
}
