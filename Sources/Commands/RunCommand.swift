import ArgumentParser
import Daemon

/// `custos run`: watches until it is told to stop.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Watches, and tells what changes.")

    @OptionGroup var source: SourceOptions

    func run() async throws {
        do {
            try await CustosDaemon(source: source.source, environment: Environment.current()).run()
        } catch let refused as CustosDaemon.Refused {
            throw CommandFailure(refused.problems)
        }
    }
}
