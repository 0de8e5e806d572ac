import Basics

extension Subject {
    /// Judges one observation and moves the alert on.
    mutating func absorb(
        _ observation: Observation,
        by rules: [Rule],
        policy: AlertPolicy,
        sweep: Sweep,
        bootID: String?,
        into step: inout Step
    ) {
        missedSweeps = 0
        if observation.isRepeated, sight != nil { return }
        let verdict = judge(observation, by: rules, policy: policy, sweep: sweep, bootID: bootID, into: &step)
        // All is well, as nearly always.
        if isInactive, verdict.waiting == nil, verdict.judgement.severity == nil { return }
        let before = alert
        let transition = alert.apply(verdict, at: sweep.at, policy: policy)
        if transition == .pending { alert.pendingBootID = bootID }
        step.record(alert, before: before, transition: transition)
        if alert.state == .inactive, before.state != .inactive { alert = Alert(id: before.id) }
    }

    /// Lets every rule of the measure judge, keeps what they must remember, and describes the alert.
    ///
    /// The worst judgement counts, with its reason.
    private mutating func judge(
        _ observation: Observation,
        by rules: [Rule],
        policy: AlertPolicy,
        sweep: Sweep,
        bootID: String?,
        into step: inout Step
    ) -> Verdict {
        var sight = Sight(observation: observation, at: sweep.at)
        if case .unknown(let because) = observation.value { sight.judgement = .unknown(because: because) }
        var verdict = Verdict(.ok)
        var telling: (rule: Rule, judgement: Judgement, severity: Severity?, judged: Double?)?
        for (index, general) in rules.enumerated() {
            let rule = general.with(observation.levels)
            let former = memories[rule.name]
            var memory = former ?? Rule.Memory(shape: rule.shape.word)
            let said = rule.judge(
                observation.value,
                at: sweep.at,
                uptime: sweep.uptime,
                bootID: bootID,
                memory: &memory
            )
            let held = rule.holds(said, uptime: sweep.uptime, policy: policy, memory: &memory)
            remember(memory, former: former, of: rule, into: &step)
            let judgement = said.replacing(policy.severity)
            verdict.add(judgement, held: held, occurrences: memory.freshOccurrences)
            if sight.rule == nil || judgement.isWorse(than: sight.judgement) {
                sight.judgement = judgement
                sight.rule = index
                sight.severity = said.severity
                telling = (rule, judgement, said.severity, memory.judged)
            }
        }
        sight.isPending = sight.judgement.severity != nil && verdict.judgement.severity == nil
        self.sight = sight
        guard let telling, !isInactive || telling.judgement.severity != nil else { return verdict }
        if case .unknown = telling.judgement { return verdict }
        // A moment's evidence stays until the next: a count of zero has none.
        if telling.rule.shape.countsMoments, verdict.occurrences == 0, alert.firing != nil { return verdict }
        alert.describe(
            observation,
            judgement: telling.judgement,
            threshold: telling.rule.passedThreshold(telling.severity),
            judged: telling.judged,
            policy: policy
        )
        return verdict
    }

    private mutating func remember(
        _ memory: Rule.Memory,
        former: Rule.Memory?,
        of rule: Rule,
        into step: inout Step
    ) {
        let key = RuleKey(alert: id, rule: rule.name)
        if memory.isBlank {
            guard former != nil else { return }
            memories[rule.name] = nil
            step.forget(key)
        } else {
            memories[rule.name] = memory
            if former.map({ memory.differsLastingly(from: $0) }) ?? true {
                step.remember(RuleMemory(key: key, memory: memory))
            }
        }
    }
}

extension Verdict {
    /// Joins what one more rule says.
    fileprivate mutating func add(_ judgement: Judgement, held: Bool, occurrences: Int) {
        // Several rules count the same occurrences.
        self.occurrences = max(self.occurrences, occurrences)
        if case .breach(let severity, _) = judgement, !held {
            waiting = max(waiting ?? severity, severity)
        } else if judgement.isWorse(than: self.judgement) {
            self.judgement = judgement
        }
    }
}

extension Judgement {
    fileprivate func replacing(_ severity: Severity?) -> Judgement {
        guard let severity, case .breach(_, let because) = self else { return self }
        return .breach(severity, because: because)
    }
}

extension Alert {
    /// Takes over what was observed, made safe to show.
    fileprivate mutating func describe(
        _ observation: Observation,
        judgement: Judgement,
        threshold: String?,
        judged: Double?,
        policy: AlertPolicy
    ) {
        let (number, state) = observation.value.parts
        value = judged ?? number
        stateName = state?.safe(limit: 256)
        self.threshold = threshold
        let text = observation.summary ?? observation.sentence(judgement)
        summary = text.safe(limit: 512)
        labels = observation.labels.safe(most: 64, valueLimit: 256).merging(policy.labels) { $1 }
        annotations = observation.annotations.safeEvidence()
        runbook = policy.runbook
    }
}

extension Observation {
    /// What the rule can say by itself: `Disk used of /: 91.2 % is above 90 %`.
    fileprivate func sentence(_ judgement: Judgement) -> String {
        let said =
            switch (judgement, value) {
            case (.breach(_, let because), _), (.unknown(let because), _): because
            case (.ok, .number(let number)): measure.unit.text(number)
            case (.ok, .state(let name)): "state is \(name)"
            case (.ok, _): "well"
            }
        return "\(measure.spoken) of \(target.name.safe(limit: 200)): \(said)"
    }
}

extension Measure {
    /// The name as words, without the unit: `Disk used`.
    fileprivate var spoken: String {
        var words = name.split(separator: "_").map(String.init)
        let ending = unit.rawValue.split(separator: "_").map(String.init)
        if unit != .none, words.count > ending.count, words.suffix(ending.count) == ending[...] {
            words.removeLast(ending.count)
        }
        let text = words.joined(separator: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}

extension [String: String] {
    /// At most `most` pairs, names and values made safe; which ones stay does not depend on chance.
    func safe(most: Int, valueLimit: Int) -> [String: String] {
        guard !isEmpty else { return self }
        let kept =
            count > most
            ? sorted { $0.key < $1.key }.prefix(most).map { ($0.key, $0.value) } : map { ($0.key, $0.value) }
        return Dictionary(
            kept.map { ($0.0.safe(limit: 128), $0.1.safe(limit: valueLimit)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Evidence keeps its lines: each is made safe by itself.
    func safeEvidence() -> [String: String] {
        guard !isEmpty else { return self }
        let kept = sorted { $0.key < $1.key }.prefix(32)
        return Dictionary(
            kept.map { ($0.key.safe(limit: 128), $0.value.safeLines(limit: 4096)) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
