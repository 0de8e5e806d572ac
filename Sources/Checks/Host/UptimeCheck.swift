package import Alerting
package import Basics
import Procfs
package import Settings

/// Fires when the machine was restarted, also when Custos notices it late; on request also while it has run for a short
/// time only, whoever watched before.
///
/// Reads: `<proc>/sys/kernel/random/boot_id`, compared with the one kept in the journal; `<proc>/uptime`; `btime` in
/// `<proc>/stat`.
/// Unknown when: the boot id cannot be read. Without a kept one (first run, journal in memory) nothing is judged.
package struct UptimeCheck: Check {
    package static let kind = "uptime"
    package static let summary = "The machine was restarted."

    package struct Settings: SettingsGroup {
        package var restarted: Severity? = .warning
        package var warning: Duration?
        package var critical: Duration?

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("restarted", \.restarted, "Says with this severity that the machine was restarted.")
                Field("warning", \.warning, "Warns while the machine has run for less than this.", in: .seconds(1)...)
                Field(
                    "critical",
                    \.critical,
                    "Alarms while the machine has run for less than this.",
                    in: .seconds(1)...
                )
            }
        }
    }

    static let bootID = Measure(
        name: "uptime_boot_id",
        unit: .none,
        summary: "The kernel's identifier of this boot; another one is a restart."
    )
    static let running = Measure(name: "uptime_seconds", unit: .seconds, summary: "Time since the machine started.")
    package static let measures = [bootID, running]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        var rules = settings.restarted.map { [Rule(Self.bootID, .changed($0))] } ?? []
        let (warning, critical) = (settings.warning?.inSeconds, settings.critical?.inSeconds)
        if warning != nil || critical != nil {
            rules.append(Rule(Self.running, .below(warning: warning, critical: critical)))
        }
        return rules
    }

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
        let running = Observation(
            Self.running,
            of: .host,
            .number(uptime.span.inSeconds),
            summary: "the machine has run for \(Self.rounded(uptime.span).text)",
            annotations: ["booted_at": boot.at.description]
        )
        return [observation, running]
    }

    /// Whole seconds: nobody wants to read of milliseconds.
    private static func rounded(_ span: Duration) -> Duration { .seconds(span.components.seconds) }
}
