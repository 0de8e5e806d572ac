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
    @Option(help: "The folder with what people wrote about each check.", completion: .directory) var prose: String?
    @Argument(help: "The folder to write into.", completion: .directory) var folder: String?

    func validate() throws {
        if list == (folder != nil) { throw ValidationError("Give a folder or --list.") }
    }

    func run() throws {
        guard let folder else { return Terminal.write(CheckList.text) }
        let pages = try ReferencePages.all { kind in try prose.map { try read("\($0)/\(kind).md") } ?? "" }
        for (path, text) in pages.sorted(by: { $0.key < $1.key }) {
            try write(text, to: "\(folder)/\(path)")
        }
    }

    private func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw failure(path, "read") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func failure(_ path: String, _ what: String) -> CommandFailure {
        CommandFailure(
            description: "\(path) cannot be \(what): \(String(cString: strerror(errno)))",
            code: ExitStatus.usage
        )
    }

    private func write(_ text: String, to path: String) throws {
        var made = ""
        for part in path.split(separator: "/").dropLast() {
            made += made.isEmpty && !path.hasPrefix("/") ? String(part) : "/\(part)"
            mkdir(made, 0o755)
        }
        guard let file = fopen(path, "w") else { throw failure(path, "written") }
        fputs(text, file)
        fclose(file)
    }
}
