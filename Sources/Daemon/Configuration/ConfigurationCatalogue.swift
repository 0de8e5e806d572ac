package import Checks
package import Settings
import Sinks

/// Everything that may be configured: the watchdog's own sections, the checks and the sinks.
package enum ConfigurationCatalogue {
    static let general = Section(root: GeneralSettings.self, summary: "Settings of the whole watchdog.")
    static let defaults = Section(
        "defaults",
        CheckSettings.self,
        summary: "What every check has unless it says otherwise."
    )
    static let journal = Section("journal", JournalSettings.self, summary: "Keeps what must survive a kill.")
    static let status = Section("status", StatusSettings.self, summary: "Serves health, metrics and the API.")
    static let control = Section("control", ControlSettings.self, summary: "Listens for the other commands.")
    static let log = Section("log", LogSettings.self, summary: "Writes diagnostics to stderr; events go to the sinks.")
    static let report = Section("report", ReportSettings.self, summary: "Keeps what `custos check` reports as files.")
    static let host = Section("host", HostSettings.self, summary: "Says where the watched machine's files are mounted.")

    /// The whole, in the order of the reference.
    package static let all = Catalogue(
        [general, defaults, journal, status, control, log, report, host]
            + SinkCatalogue.sections
            + CheckCatalogue.all.map { erased($0) },
        labels: [PlainLabel("ignore", "Leaves the container out: `true`.")]
    )

    /// The settings that a container's labels speak of: those of its own engine, which they do not name.
    static let ofContainer = section(DockerCheck.self, instances: .single)

    /// The section of one kind of check, as often as the kind may occur.
    package static func section<C: Check>(_ kind: C.Type) -> Section<C.Settings, CheckSettings> {
        section(kind, instances: C.instances)
    }

    private static func section<C: Check>(
        _ kind: C.Type,
        instances: Instances
    ) -> Section<C.Settings, CheckSettings> {
        var common = CheckSettings()
        common.every = C.defaultEvery
        return Section(
            C.kind,
            C.Settings.self,
            common: CheckSettings.self,
            commonDefault: common,
            instances: instances,
            enabledByDefault: C.runsByDefault,
            summary: C.summary
        )
    }

    private static func erased<C: Check>(_ kind: C.Type) -> any AnySection { section(kind) }
}
