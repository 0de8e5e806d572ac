import Alerting
import ArgumentParser
import Basics
import Daemon
import Settings

/// Whether and where `custos check` keeps its report; stronger than the settings of `report`.
struct ReportOptions: ParsableArguments {
    @Option(
        name: .customLong("report-dir"),
        help: "Also keeps the report in this folder, as text and as JSON.",
        completion: .directory
    )
    var folder: String?
    @Option(help: "How many reports the folder keeps (default: 30).") var keep: Int?
    @Option(help: "For how long the folder keeps a report: 30d.") var keepFor: String?

    func validate() throws {
        if let keep, keep < 1 { throw ValidationError("--keep must be at least 1") }
        if let keepFor, Duration(text: keepFor).map({ $0 < .seconds(60) }) ?? true {
            throw ValidationError("--keep-for takes a time of at least a minute, such as 30d or 12h")
        }
        if let folder, folder.isEmpty { throw ValidationError("--report-dir takes a folder") }
    }

    /// Keeps the report where it shall be kept; nothing happens where no folder is named.
    ///
    /// - Throws: `CommandFailure` with an exit code that is no finding's.
    func store(_ report: Report, settings: ReportSettings) throws {
        guard let path = folder ?? settings.folder?.description else { return }
        let folder = ReportFolder(
            path,
            keep: keep ?? settings.keep,
            keepFor: keepFor.flatMap { Duration(text: $0) } ?? settings.keepFor
        )
        do throws(ReportFolder.Failure) {
            let (_, warning) = try folder.store(
                json: report.json.text + "\n",
                text: ReportText(report, isColoured: false).text,
                at: report.time,
                node: report.node
            )
            if let warning { Terminal.complain("warning: \(warning)") }
        } catch {
            throw CommandFailure(description: error.description, code: ExitStatus.cannotCreate)
        }
    }
}
