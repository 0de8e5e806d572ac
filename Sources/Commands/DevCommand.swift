import ArgumentParser
import Basics
import Glibc
import Procfs

/// `custos dev`: for those who develop Custos, or report what it got wrong.
struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Helps to report and to mend what Custos gets wrong.",
        subcommands: [Capture.self]
    )

    struct Capture: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies what Custos reads of this host, without what tells whose it is.",
            discussion: """
                Names, addresses and identifiers are replaced, arguments of command lines and values of mount options \
                taken out; ABOUT.md in the folder says what was replaced and what is missing. Exits with 73 where the \
                folder is not empty or cannot be written.
                """
        )

        @Argument(
            help: ArgumentHelp("Where to: a folder that is empty or does not exist.", valueName: "folder"),
            completion: .directory
        )
        var folder: String
        @Option(help: "How many processes at most.") var processes = HostCapture.Limits().processes

        func validate() throws {
            guard !folder.isEmpty else { throw ValidationError("give a folder to write into") }
            guard 2...10_000 ~= processes else { throw ValidationError("--processes must be from 2 to 10000") }
        }

        func run() throws {
            let environment = Environment.current()
            let host = Host(roots: .discover(environment: environment))
            var limits = HostCapture.Limits()
            limits.processes = processes
            do throws(CaptureError) {
                let report = try HostCapture.write(
                    host,
                    to: folder,
                    at: SystemTime().now,
                    names: ["USER", "LOGNAME", "SUDO_USER"].compactMap { environment[$0] },
                    limits: limits
                )
                Terminal.write(report.about)
            } catch {
                throw CommandFailure(description: error.description, code: ExitStatus.cannotCreate)
            }
        }
    }
}
