import ArgumentParser
import Basics

/// `custos sinks`: whether telling works, and a second chance for what was refused.
struct SinksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sinks",
        abstract: "Tests sinks, and sends refused deliveries again.",
        subcommands: [Test.self, Retry.self]
    )

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends a test event to one sink, or to all, and says what each answered."
        )

        @OptionGroup var source: SourceOptions
        @Argument(
            help: "The sink's name, such as webhook.ops; all without it.",
            completion: .custom { words, _, _ in Completions.sinks(words) }
        )
        var name: String?

        struct Outcome: Decodable {
            var sink: String
            var accepted: Bool
            var reason: String
        }

        struct Answer: Decodable {
            var sinks: [Outcome]
        }

        func run() async throws {
            let path = "/v1/sinks/test" + (name.map { "/\($0)" } ?? "")
            let outcomes = try await JSONText.decode(Answer.self, source.control().post(path, .object([]))).sinks
            for outcome in outcomes {
                Terminal.write("\(outcome.sink)  \(outcome.accepted ? "accepted" : "refused: \(outcome.reason)")\n")
            }
            guard outcomes.allSatisfy(\.accepted) else { throw ExitCode(1) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Queues a sink's dead letters again.")

        @OptionGroup var source: SourceOptions
        @Argument(
            help: "The sink's name, such as webhook.ops.",
            completion: .custom { words, _, _ in Completions.sinks(words) }
        )
        var name: String

        struct Answer: Decodable {
            var queued: Int
        }

        func run() async throws {
            let answer = try await JSONText.decode(
                Answer.self,
                source.control().post("/v1/sinks/retry/\(name)", .object([]))
            )
            Terminal.write("\(answer.queued) queued again\n")
        }
    }
}
