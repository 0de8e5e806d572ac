import Basics

extension AlertBook {
    /// Judges one sweep; says what changed and what must be kept.
    ///
    /// A failed sweep is neither well nor a breach: alerts keep their state, and after `failures` of them in a row the
    /// check's own alert fires. A sweep of a check that does not run any more is ignored.
    package mutating func absorb(_ sweep: Sweep) -> Step {
        var step = Step()
        guard var ledger = ledgers.removeValue(forKey: sweep.check) else { return step }
        if ledger.isPlanned { ledger.absorb(sweep, bootID: bootID, into: &step) }
        ledgers[sweep.check] = ledger
        return step
    }
}

extension CheckLedger {
    mutating func absorb(_ sweep: Sweep, bootID: String?, into step: inout Step) {
        standing.lastSweep = sweep.at
        if let took = sweep.took { standing.took = took }
        switch sweep.outcome {
        case .success(let observations):
            if sweep.coverage == .complete {
                sweeps += 1
                standing.leftOut = 0
            }
            let leftOut = standing.leftOut
            let began = sweep.took.map { sweep.uptime - $0 }
            for observation in observations {
                if sweep.coverage == .complete, let began, let news = heard[observation.target], news >= began {
                    // What an event told meanwhile is newer than what the sweep may have seen before.
                    subjects[SubjectKey(observation)]?.seen = sweeps
                } else {
                    judge(observation, in: sweep, bootID: bootID, into: &step)
                }
            }
            dropEnded(sweep, into: &step)
            guard sweep.coverage == .complete else {
                for observation in observations { heard[observation.target] = sweep.uptime }
                for target in sweep.gone + sweep.leftOut { heard[target] = sweep.uptime }
                if standing.leftOut > leftOut { judgeHealth(nil, at: sweep.at, into: &step) }
                return
            }
            heard = [:]
            standing.outcome = .ok
            standing.failedSweeps = 0
            standing.lastSuccess = sweep.at
            step.decision.swept[plan.check] = sweep.at
            missAbsent(at: sweep.at, into: &step)
            judgeHealth(nil, at: sweep.at, into: &step)
        case .failure(let error):
            dropEnded(sweep, into: &step)
            guard sweep.coverage == .complete else { return }
            heard = [:]
            fail(error, at: sweep.at, into: &step)
        }
    }

    private mutating func fail(_ error: CheckError, at now: Timestamp, into step: inout Step) {
        switch error {
        case .notApplicable(let because, let remedy):
            // There is nothing to see: what was watched before is gone.
            standing.outcome = .notApplicable(because: because.safe(limit: 512), remedy: remedy?.safe(limit: 512))
            standing.failedSweeps = 0
            standing.leftOut = 0
            sweeps += 1
            missAbsent(at: now, into: &step)
            judgeHealth(nil, at: now, into: &step)
        case .degraded, .timedOut:
            standing.outcome = .degraded(
                because: error.because.safe(limit: 512),
                remedy: error.remedy?.safe(limit: 512)
            )
            standing.failedSweeps += 1
            judgeHealth(error, at: now, into: &step)
        }
    }

    private mutating func judge(
        _ observation: Observation,
        in sweep: Sweep,
        bootID: String?,
        into step: inout Step
    ) {
        let key = SubjectKey(observation)
        let rules = rules[key.measure] ?? []
        let index: Dictionary<SubjectKey, Subject>.Index
        if let known = subjects.index(forKey: key) {
            index = known
        } else {
            guard subjects.count < Self.subjectLimit else {
                standing.leftOut += 1
                return
            }
            subjects[key] = Subject(AlertID(check: plan.check, measure: key.measure, target: key.target))
            guard let new = subjects.index(forKey: key) else { return }
            index = new
        }
        // In place: nothing is copied for an observation that changes nothing.
        subjects.values[index].seen = sweeps
        subjects.values[index].absorb(
            observation,
            by: rules,
            policy: plan.policy,
            sweep: sweep,
            bootID: bootID,
            into: &step
        )
    }

    /// Whoever is missing from enough complete sweeps is gone, and forgotten with all that was remembered of it.
    private mutating func missAbsent(at now: Timestamp, into step: inout Step) {
        let health = healthKey
        // By their places, for a subject is too large to be copied to be asked.
        let absent = subjects.indices.filter { subjects.values[$0].seen != sweeps }.map { subjects.keys[$0] }
        for key in absent where key != health {
            guard let missed = subjects[key]?.missedSweeps else { continue }
            if missed + 1 >= plan.policy.goneAfter {
                remove(key, at: now, into: &step)
            } else {
                subjects[key]?.missedSweeps = missed + 1
            }
        }
    }

    /// Ends the alerts of what the sweep knows to be over.
    private mutating func dropEnded(_ sweep: Sweep, into step: inout Step) {
        guard !sweep.gone.isEmpty || !sweep.leftOut.isEmpty else { return }
        let (gone, leftOut, health) = (Set(sweep.gone), Set(sweep.leftOut), healthKey)
        let ended = subjects.keys.filter { $0 != health && (gone.contains($0.target) || leftOut.contains($0.target)) }
        for key in ended.sorted(by: { ($0.target, $0.measure) < ($1.target, $1.measure) }) {
            let because = leftOut.contains(key.target) ? Self.excluded : nil
            remove(key, because: because, at: sweep.at, into: &step)
        }
    }

    /// Why the alerts of a target end that is not chosen any more.
    static let excluded = "the target is excluded"

    /// Ends a subject's alert as gone and forgets it.
    ///
    /// - Parameters:
    ///   - key: The subject.
    ///   - configuration: What in the configuration did it, if so (S14).
    ///   - now: The present.
    ///   - step: Takes up what changed.
    mutating func remove(
        _ key: SubjectKey,
        because configuration: String? = nil,
        at now: Timestamp,
        into step: inout Step
    ) {
        guard var subject = subjects.removeValue(forKey: key) else { return }
        let before = subject.alert
        if let configuration { subject.alert.annotations["configuration"] = configuration }
        let transition = subject.alert.vanish(at: now)
        step.record(subject.alert, before: before, transition: transition)
        for rule in subject.memories.keys.sorted() {
            step.forget(RuleKey(alert: before.id, rule: rule))
        }
    }

    /// The check's own alert: it sees nothing, or less than it should.
    private mutating func judgeHealth(_ error: CheckError?, at now: Timestamp, into step: inout Step) {
        let key = healthKey
        guard error != nil || standing.leftOut > 0 || subjects[key] != nil else { return }
        var subject = subjects[key] ?? Subject(healthID)
        let before = subject.alert
        var verdict = Verdict(.ok)
        if let error {
            guard standing.failedSweeps >= plan.policy.failures || before.firing != nil else { return }
            verdict = Verdict(.breach(plan.policy.severity ?? .warning, because: error.because))
            subject.alert.describe(error, plan: plan)
        } else if standing.leftOut > 0 {
            // At once: what an event told and was left out does not come again.
            subject.alert.describe(leftOut: standing.leftOut, plan: plan)
            verdict = Verdict(.breach(plan.policy.severity ?? .warning, because: subject.alert.summary))
        } else {
            subject.alert.stateName = "ok"
            subject.alert.summary = "Check \(plan.check) sees again what it should watch"
        }
        var policy = plan.policy
        policy.clearAfter = .zero
        let transition = subject.alert.apply(verdict, at: now, policy: policy)
        step.record(subject.alert, before: before, transition: transition)
        subjects[key] = subject.alert.state == .inactive ? nil : subject
    }
}

extension Step {
    /// Notes what became of an alert: what people are told, and what the journal keeps of it.
    mutating func record(_ alert: Alert, before: Alert, transition: Transition?) {
        if let transition { changes.append(Change(alert: alert, transition: transition)) }
        if alert.state == .inactive {
            guard before.state != .inactive else { return }
            decision.alerts.removeAll { $0.id == alert.id }
            decision.forgotten.append(alert.id)
        } else if alert.differsLastingly(from: before) {
            decision.alerts.removeAll { $0.id == alert.id }
            decision.forgotten.removeAll { $0 == alert.id }
            decision.alerts.append(alert)
        }
    }

    /// Of several words on one memory within a step, the last counts.
    mutating func remember(_ memory: RuleMemory) {
        decision.memories.removeAll { $0.key == memory.key }
        decision.forgottenMemories.removeAll { $0 == memory.key }
        decision.memories.append(memory)
    }

    mutating func forget(_ key: RuleKey) {
        decision.memories.removeAll { $0.key == key }
        decision.forgottenMemories.append(key)
    }
}

extension Alert {
    /// Whether more has changed than what was last observed.
    fileprivate func differsLastingly(from other: Alert) -> Bool {
        state != other.state || highestSeverity != other.highestSeverity || wellSince != other.wellSince
            || lastOccurrenceToldAt != other.lastOccurrenceToldAt || untoldOccurrences != other.untoldOccurrences
    }

    fileprivate mutating func describe(_ error: CheckError, plan: CheckPlan) {
        if case .timedOut = error { stateName = "timed_out" } else { stateName = "degraded" }
        summary = "Check \(plan.check) sees nothing: \(error.because)".safe(limit: 512)
        threshold = "\(plan.policy.failures) failed sweeps"
        add(error.remedy, of: plan)
    }

    fileprivate mutating func describe(leftOut count: Int, plan: CheckPlan) {
        stateName = "too_many"
        summary = "Check \(plan.check) has too many targets and measures: \(count) left out"
        threshold = "\(CheckLedger.subjectLimit) targets and measures"
        add("watch fewer targets with this check", of: plan)
    }

    private mutating func add(_ remedy: String?, of plan: CheckPlan) {
        labels = plan.policy.labels
        annotations = remedy.map { ["remedy": $0.safe(limit: 512)] } ?? [:]
        runbook = plan.policy.runbook
    }
}
