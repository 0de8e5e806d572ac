import Alerting
package import Basics
package import DockerEngine

/// The list is the truth: what was missed is found here.
extension ContainerBoard {
    /// Which containers of a list an inspect would tell something new about (S25).
    package func toInspect(_ list: [ContainerSighting], at now: Timestamp) -> [String] {
        list.filter { sighting in
            guard watches(sighting.identity) else { return false }
            guard let record = records[sighting.identity.id] else { return isNewsworthy(sighting, at: now) }
            return isOutdated(record, by: sighting, at: now)
        }.map(\.identity.id)
    }

    /// A container not seen before: one that ended long ago matters no more (S21).
    private func isNewsworthy(_ sighting: ContainerSighting, at now: Timestamp) -> Bool {
        switch sighting.phase {
        case .running, .paused, .restarting: return true
        case .created: return memory.running[Target(container: sighting.identity)] != nil
        case .removing: return false
        case .exited, .dead:
            if memory.running[Target(container: sighting.identity)] != nil { return true }
            guard let age = sighting.status.age?.lowerBound else {
                return !dormant.contains(Self.key(sighting.identity.id))
            }
            if dormant.contains(Self.key(sighting.identity.id)) { return false }
            return age <= .seconds(600) || memory.previousSweep.map { age <= now.since($0) } ?? false
        }
    }

    private func isOutdated(_ record: ContainerRecord, by sighting: ContainerSighting, at now: Timestamp) -> Bool {
        if record.isStale || record.run?.end?.verdict == .open { return true }
        let isUp = record.run?.end == nil && record.phase.isUp
        if sighting.phase.isUp != isUp || (isUp && sighting.phase != record.phase) { return true }
        if isUp, !record.isInspected { return true }
        if isUp, let health = sighting.status.health, health != record.health?.status { return true }
        return contradicts(sighting, record, at: now)
    }

    /// Whether the row's age says that there was a run more, which nobody saw begin or end.
    private func contradicts(_ sighting: ContainerSighting, _ record: ContainerRecord, at now: Timestamp) -> Bool {
        guard !record.agesMislead, let age = sighting.status.age else { return false }
        let isUp = record.run?.end == nil && record.phase.isUp
        guard isUp == sighting.phase.isUp, let known = isUp ? record.run?.startedAt : record.run?.end?.at else {
            return false
        }
        return now.since(known) > age.upperBound + .seconds(10)
    }

    /// Takes a complete list and what inspects told about it.
    ///
    /// A container whose inspect answered 404 is missing in `list` and in `details`, which go by id, as `failures` do: why
    /// others could not be inspected. `mark` is `serial` when the list was asked for.
    package mutating func apply(
        list: [ContainerSighting],
        details: [String: ContainerDetail],
        failures: [String: EngineError] = [:],
        mark: Int,
        at now: Timestamp
    ) -> News {
        var news = engineFound()
        var missed = Missed(isGap: hasGap, isFirst: !hasListed)
        var present: Set<String> = []
        var dormantNow: Set<UInt64> = []
        var others: [ContainerIdentity] = []
        for sighting in list {
            guard watches(sighting.identity) else {
                others.append(sighting.identity)
                continue
            }
            let id = sighting.identity.id
            // The list is older than the end of the container.
            guard !destroyed.contains(Self.key(id), since: mark) else { continue }
            destroyed.remove(Self.key(id))
            present.insert(id)
            if dormant.contains(Self.key(id)), records[id] == nil, details[id] == nil {
                dormantNow.insert(Self.key(id))
                continue
            }
            let detail = details[id] ?? ContainerDetail(sighting, known: records[id], at: now)
            let run = records[id]?.run?.startedAt
            let doubts = records[id].map { contradicts(sighting, $0, at: now) } ?? false
            news.add(absorb(detail, isInspect: details[id] != nil, mark: mark, at: now, &missed))
            // The run is the same all the same: the engine's clock is not ours.
            if doubts, details[id] != nil, records[id]?.run?.startedAt == run { records[id]?.agesMislead = true }
        }
        news.leftOut = leaveOut(others)
        for record in records.values where !present.contains(record.identity.id) && record.touched <= mark {
            news.add(forget(record, mark: mark, now))
        }
        dormant = dormantNow
        findParents()
        news.add(tellGap(missed, now))
        if !hasListed { news.gone += forgottenTargets(now) }
        hasListed = true
        hasGap = false
        memory = ContainerMemory()
        note(failures)
        putAside(now)
        return news
    }

    /// Forgets containers that are there and not chosen (S14); the targets that were watched until now, or before a
    /// restart of the watchdog.
    private mutating func leaveOut(_ containers: [ContainerIdentity]) -> [Target] {
        var left: Set<Target> = []
        for container in containers {
            if let target = records[container.id]?.target {
                records[container.id] = nil
                left.insert(target)
            }
            guard !hasListed else { continue }
            for target in [Target(container: container), Target(container: container, isJob: true)]
            where memory.running[target] != nil || memory.others[target] != nil {
                left.insert(target)
            }
        }
        left = left.filter { !records.isClaimed($0) }
        for target in left {
            histories[target] = nil
            memory.running[target] = nil
            memory.others[target] = nil
            memory.restarts[target] = nil
        }
        return left.sorted()
    }

    /// Takes one inspect that was asked for because of an event.
    ///
    /// `mark` is `serial` when it was asked for.
    package mutating func apply(_ detail: ContainerDetail, mark: Int, at now: Timestamp) -> News {
        guard watches(detail.identity), !destroyed.contains(Self.key(detail.identity.id)) else { return News() }
        var missed = Missed(isGap: false, isFirst: false)
        return absorb(detail, isInspect: true, mark: mark, at: now, &missed)
    }

    /// Whether an inspect of this container would still tell something.
    package func wants(_ id: String) -> Bool {
        records[id].map { $0.isStale || $0.run?.end?.verdict == .open } ?? false
    }

    /// Ends that were found by a list after the stream had been down (S26).
    struct Missed {
        let isGap: Bool
        let isFirst: Bool
        var ends: [(target: Target, text: String)] = []
    }

    private mutating func tellGap(_ missed: Missed, _ now: Timestamp) -> News {
        var news = News()
        guard !missed.ends.isEmpty else { return news }
        let shown = missed.ends.prefix(20)
        let more = missed.ends.count > 20 ? " and \(missed.ends.count - 20) more" : ""
        let names = shown.map(\.target.name).sorted().joined(separator: ", ")
        histories[.engine, default: TargetHistory(touched: now)].lastDeath = now
        histories[.engine]?.touched = now
        news.observations = [
            Observation(
                .containerDeath,
                of: .engine,
                .occurrences(1, .warning),
                scope: .container,
                summary: "\(missed.ends.count) containers ended while the engine could not be seen: \(names)\(more)",
                annotations: Dictionary(shown.map { ($0.target.name, $0.text) }) { first, _ in first }
            )
        ]
        return news
    }

    /// Targets with alerts from before a restart of the watchdog that no container has any more; what is remembered of
    /// the others goes on.
    private mutating func forgottenTargets(_ now: Timestamp) -> [Target] {
        var gone: [Target] = []
        for (target, count) in memory.restarts where records.isClaimed(target) {
            histories[target, default: TargetHistory(touched: now)].addRestarts(count, at: memory.previousSweep ?? now)
        }
        for target in Set(memory.running.keys).union(memory.others.keys) {
            let measures = memory.others[target] ?? []
            if memory.running[target] != nil, !records.isClaimed(target) {
                // A container that was there is no more; of a job that removed itself only the death was told.
                gone.append(target)
                continue
            }
            if measures.contains(Measure.containerDeath.name) {
                histories[target, default: TargetHistory(touched: now)].lastDeath = now
            }
            if measures.contains(Measure.containerOOM.name) {
                histories[target, default: TargetHistory(touched: now)].lastOOM = now
            }
            if measures.contains(Measure.containerLabels.name) { labelsRefused.insert(target) }
            guard !records.isClaimed(target) else { continue }
            if histories[target]?.lastDeath == nil, histories[target]?.lastOOM == nil { gone.append(target) }
        }
        return gone.sorted()
    }

    /// Keeps memory bounded: of the containers that ended and matter no more, a few are remembered one by one.
    mutating func putAside(_ now: Timestamp) {
        let settled = records.values.filter(\.isSettled)
            .sorted { ($0.run?.end?.at ?? now) > ($1.run?.end?.at ?? now) }
        for record in settled.dropFirst(128) {
            dormant.insert(Self.key(record.identity.id))
            records[record.identity.id] = nil
        }
        labelsRefused = labelsRefused.filter { records.isClaimed($0) }
        networkParents = networkParents.filter { records.isClaimed($0) }
        let window = max(options.deathWindow, options.restartWindow) + .seconds(60)
        histories = histories.filter { records.isClaimed($0.key) || now.since($0.value.touched) < window }
        if histories.count > records.count + 512 {
            let old = histories.filter { !records.isClaimed($0.key) }.sorted { $0.value.touched < $1.value.touched }
            for (target, _) in old.prefix(histories.count - records.count - 512) { histories[target] = nil }
        }
    }
}

extension ContainerDetail {
    /// What a row of the list tells alone, where no inspect was needed or none answered.
    init(_ sighting: ContainerSighting, known record: ContainerRecord?, at now: Timestamp) {
        self.init(sighting.identity, phase: sighting.phase)
        imageID = sighting.imageID ?? record?.imageID
        ownsNetwork = sighting.ownsNetwork
        let began = sighting.status.age.map { now - $0.lowerBound }
        let isUp = record.map { $0.run?.end == nil && $0.phase.isUp } ?? false
        pid = record?.pid
        restartCount = record?.restartCount ?? 0
        startError = record?.startError
        health = record?.health
        if sighting.phase.isUp {
            startedAt = isUp ? record?.run?.startedAt : began ?? now
            if let status = sighting.status.health, status != health?.status { health = ContainerHealth(status) }
        } else {
            startedAt = record?.run?.startedAt
            finishedAt = began ?? now
            exitCode = sighting.status.exitCode ?? record?.run?.end?.exitCode ?? 0
        }
    }
}
