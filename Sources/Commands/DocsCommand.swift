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
        if list, prose != nil { throw ValidationError("--prose goes with a folder: --list prints none.") }
    }

    func run() throws {
        guard let folder else { return Terminal.write(CheckList.text) }
        let pages = try ReferencePages.all { kind in try prose.map { try read("\($0)/\(kind).md") } ?? "" }
        for (path, text) in pages.sorted(by: { $0.key < $1.key }) {
            try write(text, to: "\(folder)/\(path)")
        }
    }

    private func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw failure(path, "read", ExitStatus.usage) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        guard ferror(file) == 0 else { throw failure(path, "read", ExitStatus.usage) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func failure(_ path: String, _ what: String, _ code: Int32) -> CommandFailure {
        CommandFailure(description: "\(path) cannot be \(what): \(String(cString: strerror(errno)))", code: code)
    }

    /// A page is there as a whole, or as it was.
    private func write(_ text: String, to path: String) throws {
        var made = ""
        for part in path.split(separator: "/").dropLast() {
            made += made.isEmpty && !path.hasPrefix("/") ? String(part) : "/\(part)"
            mkdir(made, 0o755)
        }
        let draft = path + ".new"
        guard let file = fopen(draft, "w") else { throw failure(path, "written", ExitStatus.cannotCreate) }
        // A full disk may show at the end only.
        let isTaken = fputs(text, file) >= 0
        let isWritten = fclose(file) == 0 && isTaken
        guard isWritten, rename(draft, path) == 0 else {
            let failure = failure(path, "written", ExitStatus.cannotCreate)
            unlink(draft)
            throw failure
        }
    }
}
