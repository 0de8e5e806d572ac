import ArgumentParser
import Basics
import Glibc

/// `custos silence`: an operator's temporary mutes.
struct SilenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silence",
        abstract: "Mutes alerts for a while, by matchers.",
        subcommands: [Add.self, List.self, Expire.self]
    )

    struct Row: Decodable {
        var id: String
        var matchers: [String: String]
        var starts_at: Timestamp
        var ends_at: Timestamp
        var comment: String
        var author: String
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Mutes what fits all matchers.",
            discussion: "Matchers are `name=glob`; names: check, kind, measure, target, severity, node, or a label's."
        )

        @OptionGroup var source: SourceOptions
        @Argument(help: "At least one `name=glob`.") var matchers: [String]
        @Option(name: .customLong("for"), help: ArgumentHelp("How long: 30m, 2h, 1d.", valueName: "duration"))
        var span = "1h"
        @Option(help: "Why.") var comment = ""
        @Option(help: "Who; by default the user's name.") var author: String?

        func validate() throws {
            for matcher in matchers {
                guard let sign = matcher.firstIndex(of: "="), sign != matcher.startIndex else {
                    throw ValidationError("`\(matcher)` is not name=glob")
                }
                guard Glob(String(matcher[matcher.index(after: sign)...])) != nil else {
                    throw ValidationError("`\(matcher)` has no valid glob: a bracket is not closed")
                }
            }
            guard !matchers.isEmpty else {
                throw ValidationError("give at least one matcher, such as target=monitoring/grafana/1")
            }
            guard let length = Duration(text: span), length > .zero else {
                throw ValidationError("--for must be a duration such as 30m, not `\(span)`")
            }
        }

        func run() async throws {
            let pairs = matchers.map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
            let body: JSON = [
                "matchers": .map(Dictionary(pairs.map { (String($0[0]), String($0[1])) }) { $1 }),
                "for": .string(span),
                "comment": .string(comment),
                "author": .string(author ?? Environment.current()["USER"] ?? "uid \(getuid())"),
            ]
            let answer = try await source.control().post("/v1/silences", body)
            Terminal.write(String(decoding: answer, as: UTF8.self) + "\n")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the silences that are or will be in force.")

        @OptionGroup var source: SourceOptions

        struct Answer: Decodable {
            var silences: [Row]
        }

        func run() async throws {
            let silences = try await source.control().get("/v1/silences", as: Answer.self).silences
            guard !silences.isEmpty else { return Terminal.write("No silence is in force.\n") }
            var table = Table(["ID", "UNTIL", "AUTHOR", "MATCHERS", "COMMENT"])
            for silence in silences {
                let matchers = silence.matchers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                table.add([
                    silence.id, silence.ends_at.description, silence.author, matchers.joined(separator: " "),
                    silence.comment,
                ])
            }
            Terminal.write(table.text)
        }
    }

    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a silence now.")

        @OptionGroup var source: SourceOptions
        @Argument(help: "Its id, as `custos silence list` shows it.") var id: String

        func validate() throws {
            guard ULID(id) != nil else { throw ValidationError("`\(id)` is not a silence's id") }
        }

        func run() async throws {
            _ = try await source.control().delete("/v1/silences/\(id)")
        }
    }
}
