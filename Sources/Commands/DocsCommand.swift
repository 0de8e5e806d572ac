import ArgumentParser
import Checks
import Daemon
import Glibc
import Settings

/// `custos docs FOLDER`: writes the generated reference; `make docs` calls it, and CI fails when it is stale.
///
/// `custos docs --list` prints every check with its measures, settings and defaults.
struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Writes the reference pages that follow from the declarations.",
        shouldDisplay: false
    )

    @Flag(help: "Prints every check with its measures, settings and defaults instead.") var list = false
    @Argument(help: "The folder to write into.", completion: .directory) var folder: String?

    func validate() throws {
        if list == (folder != nil) { throw ValidationError("Give a folder or --list.") }
    }

    func run() throws {
        guard let folder else { return Terminal.write(CheckList.text) }
        for (path, text) in ReferencePages.all().sorted(by: { $0.key < $1.key }) {
            try write(text, to: "\(folder)/\(path)")
        }
    }

    private func write(_ text: String, to path: String) throws {
        var made = ""
        for part in path.split(separator: "/").dropLast() {
            made += made.isEmpty && !path.hasPrefix("/") ? String(part) : "/\(part)"
            mkdir(made, 0o755)
        }
        guard let file = fopen(path, "w") else {
            throw CommandFailure(
                description: "\(path) cannot be written: \(String(cString: strerror(errno)))",
                code: ExitStatus.usage
            )
        }
        fputs(text, file)
        fclose(file)
    }
}
