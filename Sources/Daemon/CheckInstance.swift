package import Alerting
package import Basics
package import Checks

/// One configured check, ready to run: its settings are inside `observe`.
package struct CheckInstance: Sendable {
    package var plan: CheckPlan
    package var every: Duration
    /// When it looks, instead of `every` so often.
    package var timetable: Timetable?
    package var timeout: Duration
    /// Equal for equal settings: an instance whose fingerprint is unchanged is left alone by a reload.
    package var fingerprint: String
    package var observe: @Sendable (World) async -> Result<[Observation], CheckError>

    package var id: CheckID { plan.check }

    package init(
        plan: CheckPlan,
        every: Duration,
        timetable: Timetable? = nil,
        timeout: Duration,
        fingerprint: String,
        observe: @escaping @Sendable (World) async -> Result<[Observation], CheckError>
    ) {
        self.plan = plan
        self.every = every
        self.timetable = timetable
        self.timeout = timeout
        self.fingerprint = fingerprint
        self.observe = observe
    }
}
