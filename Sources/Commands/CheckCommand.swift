import Alerting
import ArgumentParser
import Basics
import Checks
import Daemon
import Procfs

/// `custos check`: one complete pass and its report.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Looks once at everything and reports.",
        discussion: """
            Exits with 0 (ok), 1 (warning), 2 (critical) or 3 (unknown); with 73 where the report cannot be kept in its \
            folder.
            """
    )

    @OptionGroup var source: SourceOptions
    @Option(
        help: "Only checks of this kind; may be repeated.",
        completion: .list(CheckCatalogue.all.map { $0.kind })
    )
    var kind: [String] = []
    @Option(help: "How to write the report: text or json.") var output: OutputFormat = .text

    @OptionGroup var files: ReportOptions

    func validate() throws {
        let known = CheckCatalogue.all.map { $0.kind }
        for kind in kind where !known.contains(kind) {
            throw ValidationError("no check is of kind `\(kind)`; there are \(known.joined(separator: ", "))")
        }
    }

    func run() async throws {
        let configuration = try source.load()
        let pass = OnePass(configuration, kinds: Set(kind), environment: Environment.current())
        let report = await pass.run { done, of, name in
            Terminal.progress(done == of ? nil : "[\(done)/\(of)] \(name) …")
        }
        switch output {
        case .json: Terminal.write(report.json.text + "\n")
        case .text: Terminal.write(ReportText(report, isColoured: Terminal.isColoured(Environment.current())).text)
        }
        try files.store(report, settings: configuration.report)
        let code = Self.exitCode(report.status)
        guard code == 0 else { throw ExitCode(code) }
    }

    static func exitCode(_ status: CheckStatus) -> Int32 {
        switch status {
        case .ok, .info, .notApplicable: 0
        case .warning: 1
        case .critical: 2
        case .unknown, .degraded: 3
        }
    }
}
