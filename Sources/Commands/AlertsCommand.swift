import ArgumentParser
import Basics

/// `custos alerts`: what fires now, and what keeps it from being told.
struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "alerts", abstract: "Lists the alerts that fire.")

    @OptionGroup var source: SourceOptions
    @Option(help: "How to write them: text or json.") var output: OutputFormat = .text

    struct Row: Decodable {
        var severity: String
        var check: String
        var target: String
        var measure: String
        var state: String
        var starts_at: Timestamp?
        var summary: String
        var muted_by: String?
    }

    struct Answer: Decodable {
        var alerts: [Row]
    }

    func run() async throws {
        let control = try source.control()
        if output == .json {
            Terminal.write(String(decoding: try await control.get("/v1/alerts"), as: UTF8.self) + "\n")
            return
        }
        let alerts = try await control.get("/v1/alerts", as: Answer.self).alerts
        guard !alerts.isEmpty else { return Terminal.write("No alert fires.\n") }
        var table = Table(["SEVERITY", "SINCE", "CHECK", "TARGET", "SUMMARY"])
        for alert in alerts {
            let state = alert.state == "pending" ? " (pending)" : alert.muted_by.map { " (muted by \($0))" } ?? ""
            table.add([
                alert.severity + state, alert.starts_at?.description ?? "-", alert.check, alert.target, alert.summary,
            ])
        }
        Terminal.write(table.text)
    }
}

/// How a command writes its answer.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
