package import Alerting
package import Basics
package import Settings

/// The settings that every check has beside its own (S11).
package struct CheckSettings: SettingsGroup {
    package var every: Duration = .seconds(30)
    package var schedule: CronSchedule?
    package var timeout: Duration = .seconds(10)
    package var holdFor: Duration = .zero
    package var failures = 3
    package var clearAfter: Duration = .zero
    package var goneAfter = 3
    package var severity: Severity?
    package var repeatEvery: Duration?
    package var occurrenceInterval: Duration = .seconds(60)
    package var labels: [String: String] = [:]
    package var runbook: String?
    package var dependsOn: [String] = []

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field("every", \.every, "Looks this often.", in: .milliseconds(100) ... .seconds(86400))
            Field(
                "schedule",
                \.schedule,
                "Looks at these times instead of `every` so often, and once at the start; `CRON_TZ=Europe/Berlin` in front names the clock, which otherwise is that of `TZ`."
            )
            Field("timeout", \.timeout, "Gives a sweep up after this time.", in: .milliseconds(100) ... .seconds(3600))
            Field(
                "hold_for",
                \.holdFor,
                "Fires only when the condition has lasted this long; said of a check, it replaces its own spans as well."
            )
            Field("failures", \.failures, "Fires the check's own alert after this many failed sweeps.", in: 1...1000)
            Field("clear_after", \.clearAfter, "Resolves only when all has been well for this long.")
            Field(
                "gone_after",
                \.goneAfter,
                "Resolves alerts of a target that was missing from this many sweeps.",
                in: 1...1000
            )
            Field("severity", \.severity, "Replaces the severity of every breach.")
            Field("repeat_every", \.repeatEvery, "Tells a firing alert again after this time.")
            Field(
                "occurrence_interval",
                \.occurrenceInterval,
                "Tells new occurrences of one target at most once in this time; those between are counted."
            )
            Field("labels", \.labels, "Adds these labels to every event of the check.")
            Field("runbook", \.runbook, "Adds the address of a page that says what to do.")
            Field(
                "depends_on",
                \.dependsOn,
                "Mutes the check while an alert of one of these checks (or `check/target`) fires."
            )
        }
    }

    package static var alternatives: [(String, String)] { [("every", "schedule")] }

    /// The same as the alerting side reads it.
    package var policy: AlertPolicy {
        var policy = AlertPolicy()
        policy.every = every
        policy.holdFor = holdFor
        policy.clearAfter = clearAfter
        policy.goneAfter = goneAfter
        policy.failures = failures
        policy.severity = severity
        policy.repeatEvery = repeatEvery
        policy.occurrenceInterval = occurrenceInterval
        policy.labels = labels
        policy.runbook = runbook
        policy.dependsOn = dependsOn
        return policy
    }
}
