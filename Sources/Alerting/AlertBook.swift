import Basics

/// All alerts, what the rules remember, and how the checks stand: one value, moved on by sweeps and reloads.
package struct AlertBook: Sendable {
    /// The boot in which sweeps count their monotonic time; nil where it cannot be known.
    package let bootID: String?
    var ledgers: [CheckID: CheckLedger] = [:]

    /// Takes up what the journal kept; `reconfigure` must follow, and says what became of it (S14).
    ///
    /// Pending time counts across a restart only if the boot is known to be the same.
    package init(alerts: [Alert] = [], memories: [RuleMemory] = [], bootID: String?) {
        self.bootID = bootID
        for memory in memories {
            var memory = memory
            if bootID == nil { memory.memory.holdingSince = nil }
            let id = memory.key.alert
            ledgers[id.check, default: CheckLedger(id.check)].subjects[SubjectKey(id), default: Subject(id)]
                .memories[memory.key.rule] = memory.memory
        }
        for alert in alerts {
            var alert = alert
            if case .pending = alert.state, bootID == nil || alert.pendingBootID != bootID { alert.state = .inactive }
            ledgers[alert.id.check, default: CheckLedger(alert.id.check)]
                .subjects[SubjectKey(alert.id), default: Subject(alert.id)].alert = alert
        }
    }

    /// Pending and firing alerts, sorted.
    package var alerts: [Alert] { active { $0.state != .inactive } }

    /// Firing alerts, sorted.
    package var firing: [Alert] { active { $0.firing != nil } }

    /// What the rules remember.
    package var memories: [RuleMemory] {
        ledgers.values.flatMap { ledger in
            ledger.subjects.values.flatMap { subject in
                subject.memories.map { RuleMemory(key: RuleKey(alert: subject.id, rule: $0.key), memory: $0.value) }
            }
        }
    }

    /// The alert, unless it is inactive.
    package func alert(_ id: AlertID) -> Alert? {
        let alert = ledgers[id.check]?.subjects[SubjectKey(id)]?.alert
        return alert?.state == .inactive ? nil : alert
    }

    /// The policy of a running check.
    package func policy(of check: CheckID) -> AlertPolicy? { ledgers[check]?.plan.policy }

    /// How every check stands, sorted.
    package func report() -> [CheckReport] {
        ledgers.keys.sorted().compactMap { report(of: $0) }
    }

    /// How one check stands; nil where it does not run.
    package func report(of check: CheckID) -> CheckReport? { ledgers[check]?.report() }

    private func active(_ wanted: (Alert) -> Bool) -> [Alert] {
        ledgers.values.flatMap { $0.subjects.values.lazy.map(\.alert).filter(wanted) }.sorted { $0.id < $1.id }
    }
}

/// A target and a measure within one check.
struct SubjectKey: Hashable {
    var target: Target
    var measure: String

    init(_ id: AlertID) {
        target = id.target
        measure = id.measure
    }

    init(_ observation: Observation) {
        target = observation.target
        measure = observation.measure.name
    }
}

/// All that is known of one measure of one target.
struct Subject: Sendable {
    /// What was last observed; `rule` is the place of the one whose judgement was the worst.
    struct Sight: Sendable {
        var observation: Observation
        var judgement = Judgement.ok
        var rule: Int?
        /// Before the policy replaced it.
        var severity: Severity?
        var isPending = false
        var at: Timestamp
    }

    /// An alert apart: inline it would be half of every subject, and nearly all subjects are well.
    private indirect enum Kept {
        case alert(Alert)
    }

    let id: AlertID
    private var kept: Kept?
    /// By the rule's name; blank memories are left out.
    var memories: [String: Rule.Memory] = [:]
    var sight: Sight?
    /// The number of the complete sweep in which it was last seen.
    var seen = 0

    init(_ id: AlertID) {
        self.id = id
    }

    var alert: Alert {
        get { if case .alert(let alert)? = kept { alert } else { Alert(id: id) } }
        set { kept = newValue == Alert(id: id) ? nil : .alert(newValue) }
    }

    /// Whether the alert neither waits nor fires; nearly all are so, and need not be made to be asked.
    var isInactive: Bool { if case .alert(let alert)? = kept { alert.state == .inactive } else { true } }

    /// How many complete sweeps in a row it was missing.
    var missedSweeps: Int {
        get { if case .alert(let alert)? = kept { alert.missedSweeps } else { 0 } }
        set { if newValue != missedSweeps { alert.missedSweeps = newValue } }
    }
}

/// The book's pages on one check.
struct CheckLedger: Sendable {
    /// More targets and measures than this are left out, and the check's own alert says so: their names come from
    /// outside.
    static let subjectLimit = 20_000

    var plan: CheckPlan
    var rules: [String: [Rule]] = [:]
    var subjects: [SubjectKey: Subject] = [:]
    /// Complete sweeps so far.
    var sweeps = 0
    /// By monotonic time, of whom events have told since the last complete sweep.
    var heard: [Target: Duration] = [:]
    var standing: CheckReport
    var isPlanned = false

    init(_ check: CheckID) {
        plan = CheckPlan(check: check, rules: [])
        standing = CheckReport(check: check)
    }

    /// The key of the check's own alert.
    var healthKey: SubjectKey { SubjectKey(healthID) }

    /// The identity of the check's own alert.
    var healthID: AlertID {
        AlertID(check: plan.check, measure: Measure.checkHealth.name, target: Target(plan.check.description))
    }

    func report() -> CheckReport {
        var report = standing
        report.readings = subjects.sorted { ($0.key.target, $0.key.measure) < ($1.key.target, $1.key.measure) }
            .compactMap { _, subject in
                guard let sight = subject.sight else { return nil }
                let rules = rules[sight.observation.measure.name] ?? []
                let rule = sight.rule.flatMap { $0 < rules.count ? rules[$0] : nil } ?? rules.first
                return Reading(
                    check: plan.check,
                    observation: sight.observation,
                    judgement: sight.judgement,
                    isPending: sight.isPending,
                    threshold: rule?.with(sight.observation.levels).passedThreshold(sight.severity),
                    streak: sight.judgement.severity == nil ? 0 : streak(of: subject.alert, at: sight.at),
                    at: sight.at
                )
            }
        return report
    }

    /// This sweep and those before it since the alert began.
    private func streak(of alert: Alert, at now: Timestamp) -> Int {
        guard let since = alert.since else { return 1 }
        let sweeps = max(now.since(since), .zero).inSeconds / max(plan.policy.every.inSeconds, 0.001)
        return 1 + Int(min(sweeps, 1_000_000))
    }
}

extension Measure {
    /// The check's own alert: whether it can look at all.
    package static let checkHealth = Measure(
        name: "check_health",
        unit: .none,
        summary: "Whether the check sees what it should watch."
    )
}
