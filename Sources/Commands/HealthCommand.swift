import ArgumentParser

/// `custos health`: what a container's HEALTHCHECK asks: whether sweeps make progress, not whether a port is open.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Exits with 0 if the running watchdog makes progress, else with 1 and the reason."
    )

    @OptionGroup var source: SourceOptions

    struct Answer: Decodable {
        var healthy: Bool
        var reason: String
    }

    func run() async throws {
        let answer: Answer
        do {
            answer = try await source.control().get("/v1/health", as: Answer.self)
        } catch {
            throw CommandFailure(description: "\(error)", code: 1)
        }
        guard answer.healthy else { throw CommandFailure(description: answer.reason, code: 1) }
        Terminal.write("\(answer.reason)\n")
    }
}
