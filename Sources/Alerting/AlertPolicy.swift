package import Basics

/// How a check's judgements become alerts: the common settings of every check (S11).
package struct AlertPolicy: Sendable, Equatable {
    /// How often the check looks, on average where it goes by a schedule: what a streak is counted in.
    package var every: Duration = .seconds(30)
    /// How long a breach must last before it fires, for rules that name no span of their own.
    package var holdFor: Duration = .zero
    /// Whether `holdFor` was said of this very check: it then replaces the spans that rules name.
    package var holdForOutranks = false
    /// How long a recovery must last before it resolves.
    package var clearAfter: Duration = .zero
    /// How many complete sweeps a target must be missing before its alerts resolve as gone.
    package var goneAfter = 3
    /// How many sweeps must fail before the check's own alert fires.
    package var failures = 3
    /// Replaces the severity of every breach.
    package var severity: Severity?
    /// Tells a firing alert again after this time.
    package var repeatEvery: Duration?
    /// At most one `occurred` event per target within this span (S12).
    package var occurrenceInterval: Duration = .seconds(60)
    package var labels: [String: String] = [:]
    package var runbook: String?
    /// Checks (or `check/target`) whose firing alerts mute this check's.
    package var dependsOn: [String] = []

    package init() {}
}

/// What the alert book must know of one running check.
package struct CheckPlan: Sendable, Equatable {
    package var check: CheckID
    package var rules: [Rule]
    package var policy: AlertPolicy

    package init(check: CheckID, rules: [Rule], policy: AlertPolicy = AlertPolicy()) {
        self.check = check
        self.rules = rules
        self.policy = policy
    }
}
