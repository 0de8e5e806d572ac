import Alerting
package import Basics
import DockerEngine

extension ContainerBoard {
    /// Takes one event of the stream.
    ///
    /// `now` is our clock; the event has the engine's.
    package mutating func apply(_ event: ContainerEvent, at now: Timestamp) -> News {
        let id = event.identity.id
        guard !id.isEmpty, watches(event), !destroyed.contains(Self.key(id)) else { return News() }
        newestEvent = max(newestEvent ?? event.at, event.at)
        guard changesAnything(event) else { return News() }
        serial += 1
        dormant.remove(Self.key(id))
        var record = records[id] ?? ContainerRecord(event.identity, phase: event.action.impliedPhase)
        record.touched = serial
        let complaints = readLabels(of: &record)
        var news: News
        switch event.action {
        case .create: news = created(&record)
        case .start: news = started(&record, event.at, now)
        case .kill(let signal): news = killed(&record, signal, event.at, now)
        case .die(let exitCode, let ranFor): news = died(&record, exitCode, ranFor, event.at, now)
        case .stop where product == .podman: news = asked(&record, event.at, now)
        case .stop: news = stopped(&record, event.at, now)
        case .restart: news = asked(&record, event.at, now)
        case .oom: news = ranOutOfMemory(&record, event.at, now)
        case .pause, .unpause: news = paused(&record, event.action == .pause, now)
        // Newer Podmans word it like Docker, and tell it of every probe all the same.
        case .health(let status) where product == .podman: news = probed(&record, status)
        case .health(let status): news = healthChanged(&record, status, now)
        case .probed(let status): news = probed(&record, status)
        case .rename: news = renamed(&record, event.identity, now)
        case .update:
            record.isStale = true
            record.updatedAt = now
            news = News()
            news.inspect = [Wish(id)]
        case .destroy: return forget(record, mark: serial, now)
        }
        news.add(complaints)
        records[id] = record
        if records.count > crowd {
            putAside(now)
            crowd = max(512, records.count * 2)
        }
        return news
    }

    /// Whether the container is watched: by what is known of it, for an event may have less or other attributes.
    func watches(_ event: ContainerEvent) -> Bool { watches(records[event.identity.id]?.identity ?? event.identity) }

    /// Whether anything follows from it: what changes nothing leaves an answer good that is on its way.
    private func changesAnything(_ event: ContainerEvent) -> Bool {
        switch event.action {
        // Docker tells of it after the start that it made.
        case .restart: product == .podman
        case .probed(let status): isOtherHealth(status, of: event.identity.id)
        case .health(let status) where product == .podman: isOtherHealth(status, of: event.identity.id)
        default: true
        }
    }

    private func isOtherHealth(_ status: ContainerHealth.Status, of id: String) -> Bool {
        guard let record = records[id] else { return true }
        return record.run?.end == nil && record.health?.status != status
    }

    /// Settles what waited for an inspect that did not come, and OOM kills that the container outlived.
    ///
    /// `id` is one container whose inspect failed, because it `isGone` or otherwise; nil looks for OOM kills older than two
    /// seconds only.
    package mutating func settle(_ id: String? = nil, isGone: Bool = false, at now: Timestamp) -> News {
        var news = News()
        for var record in records.values {
            if record.identity.id == id {
                if record.run?.end?.verdict == .open {
                    news.add(
                        isGone && isRemovedByForce(record) ? excuse(&record, now) : judgeOpenEnd(&record, now)
                    )
                }
                if record.isHealthHeld {
                    record.isHealthHeld = false
                    news.observations += states(of: record, at: now)
                }
                records[record.identity.id] = record
            }
            guard let oom = record.run?.openOOM, now.since(oom) >= Self.oomPatience else { continue }
            record.run?.openOOM = nil
            if record.run?.end == nil { news.observations.append(survivedOOM(record, now)) }
            records[record.identity.id] = record
        }
        return news
    }

    /// How long after an `oom` event a death counts as its effect (S23).
    static let oomPatience = Duration.seconds(2)

    // MARK: - The actions

    private mutating func created(_ record: inout ContainerRecord) -> News {
        var news = News()
        // A start that fails makes no event of its own: a later look tells.
        if record.run == nil { news.inspect = [Wish(record.identity.id, after: .seconds(15))] }
        record.isStale = true
        return news
    }

    private mutating func started(_ record: inout ContainerRecord, _ at: Timestamp, _ now: Timestamp) -> News {
        var news = News()
        if let run = record.run {
            if let end = run.end, at < end.at { return news }
            if run.end == nil, let started = run.startedAt {
                // The run is known already, or an end went unseen, which the inspect will tell.
                if at.since(started) > .seconds(3) {
                    record.isStale = true
                    news.inspect = [Wish(record.identity.id)]
                }
                return news
            }
            if run.end?.verdict == .open {
                // It has been down, and is no more.
                news = judgeOpenEnd(&record, now).deathOnly
            }
        }
        begin(&record, startedAt: at, now)
        record.isStale = true
        news.observations += states(of: record, at: now)
        news.inspect.append(Wish(record.identity.id))
        return news
    }

    /// A new run: counts as a restart if the target's last end was nobody's wish.
    mutating func begin(_ record: inout ContainerRecord, startedAt: Timestamp?, _ now: Timestamp) {
        record.run = ContainerRun(startedAt: startedAt, after: record.run?.end?.at)
        record.phase = .running
        record.startError = nil
        record.pid = nil
        if record.health != nil { record.health = ContainerHealth(.starting) }
        history(of: record, now) { history in
            if history.endedUnrequested { history.addRestarts(1, at: now) }
            history.endedUnrequested = false
        }
        noteImage(of: &record, now)
    }

    private mutating func killed(
        _ record: inout ContainerRecord,
        _ signal: Int?,
        _ at: Timestamp,
        _ now: Timestamp
    ) -> News {
        // HUP, USR2, CHLD, CONT and URG are messages, no image's way to be asked to end.
        if let signal, [1, 12, 17, 18, 23].contains(signal) { return News() }
        if let started = record.run?.startedAt, at < started { return News() }
        if record.run == nil { record.run = ContainerRun() }
        if signal == 9 { record.run?.sawKillSignal = true } else { record.run?.sawStopSignal = true }
        let earlier = record.run?.killedAt ?? at
        record.run?.killedAt = max(earlier, at)
        // The request of an end that was already told: too late for the death, not for the state.
        guard let end = record.run?.end, isRequested(record, at: end.at) else { return News() }
        switch end.verdict {
        case .crashed, .open: return excuse(&record, now)
        case .requested, .failed, .finished, .baseline: return News()
        }
    }

    private mutating func died(
        _ record: inout ContainerRecord,
        _ exitCode: Int?,
        _ ranFor: Duration?,
        _ at: Timestamp,
        _ now: Timestamp
    ) -> News {
        var news = News()
        var run = record.run ?? ContainerRun()
        if let started = run.startedAt, at < started { return news }
        if let end = run.end {
            if at <= (end.isExact ? end.at : end.at + .seconds(2)) { return news }
            // Another end of the same container: the start between them went unseen.
            if end.verdict == .open { news.add(judgeOpenEnd(&record, now)) }
            begin(&record, startedAt: nil, now)
            run = ContainerRun()
        }
        record.run = run
        let oom = run.oomAt.map { at.since($0) <= Self.oomPatience } ?? false
        let requested = isRequested(record, at: at) && !(oom && exitCode == 137 && !run.sawKillSignal)
        // Podman tells no request of a removal by force before the end; that the container is gone tells it.
        let unclear =
            product == .podman || exitCode == nil || !record.isInspected
            || (exitCode == 137 && run.oomAt == nil && record.hasMemoryLimit) || record.lacksHealthOutput
        record.run?.openOOM = nil
        record.run?.end = ContainerEnd(
            at: at,
            isExact: true,
            exitCode: exitCode,
            oom: oom,
            ranFor: ranFor ?? run.span(until: at),
            verdict: requested ? .requested : .open
        )
        record.phase = .exited
        record.pid = nil
        // Of an ended run there is nothing more to learn.
        if exitCode != nil, record.isInspected { record.isStale = false }
        if requested {
            record.backOff = BackOff()
            forgetRequestedEnd(record, now)
            news.observations += states(of: record, at: now)
        } else if unclear {
            news.inspect.append(Wish(record.identity.id, urgent: true, log: logQuery(record)))
        } else if let query = logQuery(record), willBeTold(record) {
            news.inspect.append(Wish(record.identity.id, urgent: true, log: query))
        } else {
            news.add(judgeOpenEnd(&record, now))
        }
        return news
    }

    /// `stop` comes after the `die`; for a container between two tries of the engine it is the only event.
    private mutating func stopped(_ record: inout ContainerRecord, _ at: Timestamp, _ now: Timestamp) -> News {
        guard var run = record.run else { return News() }
        if let started = run.startedAt, at < started { return News() }
        if run.end == nil {
            run.end = ContainerEnd(at: at, isExact: false, ranFor: run.span(until: at), verdict: .requested)
            record.run = run
            record.phase = .exited
            record.pid = nil
            record.isStale = true
            forgetRequestedEnd(record, now)
            var news = News()
            news.observations = states(of: record, at: now)
            news.inspect = [Wish(record.identity.id)]
            return news
        }
        guard let end = run.end, at >= end.at else { return News() }
        switch end.verdict {
        case .crashed, .open: return excuse(&record, now)
        case .requested, .failed, .finished, .baseline: return News()
        }
    }

    /// Podman tells of a stop or a restart by people before the end that it makes, and never of a signal then.
    ///
    /// Of a restart by its policy it tells after the end: that is no request.
    private mutating func asked(_ record: inout ContainerRecord, _ at: Timestamp, _ now: Timestamp) -> News {
        guard record.run?.end == nil else { return News() }
        return killed(&record, nil, at, now)
    }

    /// Whether a container that is gone right after its end was removed while it ran (Podman), which is a request.
    func isRemovedByForce(_ record: ContainerRecord) -> Bool {
        product == .podman && record.isInspected && !record.autoRemove
    }

    /// Turns an end into a requested one: a death that was told stays told, the state is well.
    mutating func excuse(_ record: inout ContainerRecord, _ now: Timestamp) -> News {
        record.run?.end?.verdict = .requested
        record.run?.end?.quietUntil = nil
        record.backOff = BackOff()
        record.phase = .exited
        forgetRequestedEnd(record, now)
        var news = News()
        news.observations = states(of: record, at: now)
        return news
    }

    private mutating func ranOutOfMemory(
        _ record: inout ContainerRecord,
        _ at: Timestamp,
        _ now: Timestamp
    ) -> News {
        var news = News()
        if record.run == nil { record.run = ContainerRun() }
        guard var run = record.run else { return news }
        if let started = run.startedAt, at < started { return news }
        defer { record.run = run }
        if let end = run.end {
            // The engine told the death first.
            guard at.since(end.at) <= Self.oomPatience, !end.oom else { return news }
            run.oomAt = at
            run.end?.oom = end.verdict != .requested
            return news
        }
        run.heardOOM = now
        // The engine tells one kill twice.
        if let last = run.oomAt, at.since(last) <= Self.oomPatience { return news }
        run.oomAt = at
        run.openOOM = now
        news.settleAfter = Self.oomPatience
        return news
    }

    private mutating func paused(_ record: inout ContainerRecord, _ isPaused: Bool, _ now: Timestamp) -> News {
        guard record.run?.end == nil else { return News() }
        if record.run == nil { record.run = ContainerRun() }
        record.phase = isPaused ? .paused : .running
        var news = News()
        news.observations = states(of: record, at: now)
        return news
    }

    private mutating func healthChanged(
        _ record: inout ContainerRecord,
        _ status: ContainerHealth.Status,
        _ now: Timestamp
    ) -> News {
        var news = News()
        guard record.run?.end == nil else { return news }
        record.health = ContainerHealth(status)
        if status == .unhealthy {
            record.isHealthHeld = true
            news.inspect = [Wish(record.identity.id, urgent: true)]
        } else {
            record.isHealthHeld = false
            news.observations = states(of: record, at: now)
        }
        return news
    }

    /// Asks only where the status seems to have changed: Podman tells of every probe.
    private mutating func probed(_ record: inout ContainerRecord, _ status: ContainerHealth.Status) -> News {
        guard record.run?.end == nil, record.health?.status != status else { return News() }
        var news = News()
        record.isStale = true
        news.inspect = [Wish(record.identity.id)]
        return news
    }

    mutating func renamed(_ record: inout ContainerRecord, _ identity: ContainerIdentity, _ now: Timestamp) -> News {
        var news = News()
        let old = record.target
        record.identity.name = identity.name
        record.retarget()
        if record.target != old {
            if !records.isClaimed(old, besides: record.identity.id) { news.gone = [old] }
            news.observations = states(of: record, at: now)
        }
        return news
    }

    /// Forgets a container that is not there any more: what was told of it ends, but for the death of a job that removed
    /// itself, which stays told for the window (S22, S24).
    ///
    /// `mark` is the `serial` of the event that tells so, or when the list was asked for in which it is missing.
    mutating func forget(_ record: ContainerRecord, mark: Int, _ now: Timestamp) -> News {
        var record = record
        let id = record.identity.id
        destroyed.insert(Self.key(id), at: mark)
        var news = News()
        // Whether one that was never inspected would have removed itself is a guess: that it was a job.
        let removedItself =
            record.run?.end.map { end in
                end.verdict != .requested && end.isExact
                    && (record.isInspected ? record.autoRemove : record.isJob(ranFor: end.ranFor))
            } ?? false
        if record.run?.end?.verdict == .open {
            news = isRemovedByForce(record) ? excuse(&record, now) : judgeOpenEnd(&record, now)
            // It is not down: it is gone.
            if !removedItself { news = news.deathOnly }
        }
        records[id] = nil
        guard !records.isClaimed(record.target, besides: id) else { return news }
        if removedItself {
            if record.health != nil { news.observations.append(endedHealth(record)) }
        } else {
            histories[record.target]?.lastDeath = nil
            histories[record.target]?.lastOOM = nil
            news.gone = [record.target]
        }
        return news
    }
}

extension ContainerEvent.Action {
    /// The phase of a container of which this event is the first that is known.
    fileprivate var impliedPhase: ContainerPhase {
        switch self {
        case .create: .created
        case .pause: .paused
        case .die, .stop, .destroy: .exited
        case .start, .restart, .unpause, .oom, .rename, .update, .kill, .health, .probed: .running
        }
    }
}
