import ArgumentParser
import Basics
import Daemon
import Settings

/// `custos explain KEY`: one setting, from its value and where that comes from to what it may be.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what a setting does, what it is, where that comes from and what it shadows.",
        discussion: "For a section, lists what stands below it. Exits with 64 when there is no such key."
    )

    @OptionGroup var source: SourceOptions
    @Option(help: "How to write it: text or json.") var output: OutputFormat = .text
    @Argument(
        help: "A key such as docker.start_limit, a variable such as CUSTOS_DOCKER__START_LIMIT, or a label.",
        completion: .custom { words, _, prefix in Completions.keys(words, prefix) }
    )
    var key: String

    func run() throws {
        let (explanation, problems) = source.source.explain(key)
        let count = problems.count
        if count > 0 {
            Terminal.complain("the configuration has \(count) problem(s): `custos config check` lists them")
        }
        if case .unknown(let similar) = explanation { throw CommandFailure(unknown: key, similar: similar) }
        let text = ExplanationText(explanation)
        switch output {
        case .json: Terminal.write(text.json.text + "\n")
        case .text: Terminal.write(text.text)
        }
    }
}

extension CommandFailure {
    /// A key that there is not.
    init(unknown key: String, similar: [String]) {
        let hint: String =
            switch similar.count {
            case 0: "`custos config example` lists every key"
            case 1: "did you mean `\(similar[0])`?"
            default: "did you mean one of \(similar.joined(separator: ", "))?"
            }
        self.init(description: "there is no key `\(key.safe(limit: 128))`; \(hint)", code: ExitStatus.usage)
    }
}
