package import ArgumentParser
import Basics
import Glibc

/// The command line's root; `run` when no command is given.
package struct CustosCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "custos",
        abstract: "Watches containers and the host, and tells what changes.",
        subcommands: [
            RunCommand.self, CheckCommand.self, AlertsCommand.self, EventsCommand.self, SilenceCommand.self,
            HealthCommand.self, ConfigCommand.self, ExplainCommand.self, SinksCommand.self, DevCommand.self,
            CompletionCommand.self, DocsCommand.self, VersionCommand.self,
        ],
        defaultSubcommand: RunCommand.self
    )

    package init() {}

    /// Runs the command and exits with its code: usage errors are 64, never confused with findings.
    package static func start() async -> Never {
        // A closed pipe is an error code where it is written to, not the end of the watchdog.
        signal(SIGPIPE, SIG_IGN)
        ThreadExecutor.takePool()
        do {
            try await parseAndRun()
        } catch let error as ExitCode {
            exit(withError: error)
        } catch let error as CommandFailure {
            Terminal.complain(error.description)
            Glibc.exit(error.code)
        } catch let error as ControlClient.Failure {
            Terminal.complain(error.description)
            Glibc.exit(ExitStatus.unavailable)
        } catch  where exitCode(for: error) == .validationFailure || exitCode(for: error) == .success {
            exit(withError: error)
        } catch {
            Terminal.complain("\(error)")
            Glibc.exit(ExitStatus.internalError)
        }
        Glibc.exit(0)
    }

    /// Away from the main thread, which waits until the process ends.
    @concurrent private static func parseAndRun() async throws {
        var command = try parseAsRoot()
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }
}
