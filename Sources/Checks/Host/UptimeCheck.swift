package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when the machine was restarted, also when Custos notices it late.
///
/// Reads: `<proc>/sys/kernel/random/boot_id`, compared with the one kept in the journal; `<proc>/uptime`; `btime` in
/// `<proc>/stat`.
/// Unknown when: the boot id cannot be read. Without a kept one (first run, journal in memory) nothing is judged.
package struct UptimeCheck: Check {
    package static let kind = "uptime"
    package static let summary = "The machine was restarted."

    package struct Settings: SettingsGroup {
        package init() {}
        package static var schema: Schema<Self> { Schema {} }
    }

    static let bootID = Measure(
        name: "uptime_boot_id",
        unit: .none,
        summary: "The kernel's identifier of this boot; another one is a restart."
    )
    static let running = Measure(name: "uptime_seconds", unit: .seconds, summary: "Time since the machine started.")
    package static let measures = [bootID, running]

    package init(_ settings: Settings) {}

    package var rules: [Rule] { [Rule(Self.bootID, .changed(.warning))] }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let host = world.host
        let (id, uptime, boot) = try looking { () throws(HostFileError) in
            (try host.bootID(), try host.uptime(), try host.bootTime())
        }
        var observation = Observation(Self.bootID, of: .host, .state(id.text))
        observation.annotations = ["booted_at": boot.at.description, "uptime": Self.rounded(uptime.span).text]
        if let last = world.previousSweep, last < boot.at {
            // The machine ran on for a moment after the last look, at most as long as until the next was due.
            let downtime = Self.rounded(boot.at.since(last)).text
            observation.summary = "the machine was restarted; it was down for at most \(downtime)"
            observation.annotations["downtime"] = downtime
            observation.annotations["last_seen"] = last.description
            observation.annotations["noticed_after"] = Self.rounded(uptime.span).text
        }
        return [observation, Observation(Self.running, of: .host, .number(uptime.span.inSeconds))]
    }

    /// Whole seconds: nobody wants to read of milliseconds.
    private static func rounded(_ span: Duration) -> Duration { .seconds(span.components.seconds) }
}
