package import Basics

extension AlertBook {
    /// Takes over the plans of a start or reload (S14).
    ///
    /// Alerts of what is no longer watched resolve at once, also those that the journal kept from before a restart;
    /// rule memory of another shape is dropped; all else goes on, and the next sweep judges by the new thresholds.
    ///
    /// - Parameters:
    ///   - plans: Every check that runs from now on.
    ///   - now: The present.
    ///   - excluded: Whether the configuration now leaves a target of a check out.
    /// - Returns: What changed and must be kept.
    package mutating func reconfigure(
        _ plans: [CheckPlan],
        at now: Timestamp,
        excluded: (CheckID, Target) -> Bool = { _, _ in false }
    ) -> Step {
        var step = Step()
        let wanted = Dictionary(plans.map { ($0.check, $0) }, uniquingKeysWith: { first, _ in first })
        for check in ledgers.keys.sorted() where wanted[check] == nil {
            guard var ledger = ledgers.removeValue(forKey: check) else { continue }
            for key in ledger.sortedKeys {
                ledger.remove(key, because: "the check is no longer configured", at: now, into: &step)
            }
        }
        for plan in plans {
            var ledger = ledgers.removeValue(forKey: plan.check) ?? CheckLedger(plan.check)
            ledger.adopt(plan, at: now, into: &step) { excluded(plan.check, $0) }
            ledgers[plan.check] = ledger
        }
        return step
    }
}

extension CheckLedger {
    /// In the order of targets and measures, so that events come in the same order every time.
    fileprivate var sortedKeys: [SubjectKey] {
        subjects.keys.sorted { ($0.target, $0.measure) < ($1.target, $1.measure) }
    }

    fileprivate mutating func adopt(
        _ plan: CheckPlan,
        at now: Timestamp,
        into step: inout Step,
        excluded: (Target) -> Bool
    ) {
        self.plan = plan
        isPlanned = true
        rules = Dictionary(grouping: plan.rules, by: \.measure.name)
        let health = healthKey
        for key in sortedKeys where key != health {
            if excluded(key.target) {
                remove(key, because: Self.excluded, at: now, into: &step)
                continue
            }
            let rules = rules[key.measure] ?? []
            dropMemories(of: key, unlessOf: rules, into: &step)
            guard let state = subjects[key]?.alert.state, state != .inactive, rules.isEmpty else { continue }
            remove(key, because: "the measure is no longer judged", at: now, into: &step)
        }
    }

    private mutating func dropMemories(of key: SubjectKey, unlessOf rules: [Rule], into step: inout Step) {
        guard let subject = subjects[key] else { return }
        for (name, memory) in subject.memories.sorted(by: { $0.key < $1.key })
        where !rules.contains(where: { $0.name == name && $0.shape.word == memory.shape }) {
            subjects[key]?.memories[name] = nil
            step.forget(RuleKey(alert: subject.id, rule: name))
        }
    }
}
