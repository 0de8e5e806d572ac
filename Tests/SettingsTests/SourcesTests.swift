import FoundationEssentials
import Glibc
import Settings
import Testing

/// A file of its own below the temporary folder, removed with the value.
final class TemporaryFile {
    let folder: String
    var path: String { folder + "/custos.yaml" }

    init(_ text: String = "", size: Int? = nil) throws {
        folder = "/tmp/custos-settings-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: folder + "/custos.yaml"))
        if let size { truncate(folder + "/custos.yaml", size) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

@Suite struct SourcesTests {
    @Test func `a file is one document`() throws {
        let file = try TemporaryFile("node: a\n")
        let (documents, problems) = Sources.documents(at: file.path)
        #expect(problems.isEmpty)
        #expect(documents.map(\.name) == [file.path])
        #expect(documents.first?.bytes == Array("node: a\n".utf8))
    }

    @Test func `a folder's files are read by name, others and hidden ones left out`() throws {
        let file = try TemporaryFile("node: a\n")
        for name in ["20.yaml", "10.yml", "notes.txt", ".hidden.yaml"] {
            try Data("node: \(name)\n".utf8).write(to: URL(filePath: "\(file.folder)/\(name)"))
        }
        let (documents, problems) = Sources.documents(at: file.folder)
        #expect(problems.isEmpty)
        #expect(documents.map(\.name) == ["10.yml", "20.yaml", "custos.yaml"].map { "\(file.folder)/\($0)" })
    }

    @Test func `what cannot be read is a fatal problem with a remedy`() {
        let (documents, problems) = Sources.documents(at: "/nonexistent/custos.yaml")
        #expect(documents.isEmpty)
        #expect(problems.map(\.isFatal) == [true])
        #expect(
            problems.lines == [
                "/nonexistent/custos.yaml:1:1: cannot be read: no such file; "
                    + "mount it into the container, or correct the path"
            ]
        )
    }

    @Test func `a pipe without a writer does not hang`() throws {
        let file = try TemporaryFile()
        let pipe = file.folder + "/pipe.yaml"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(Sources.documents(at: pipe).documents.first?.bytes == [])
    }

    @Test func `a secret's file above 64 KiB is refused`() throws {
        let file = try TemporaryFile(size: 70_000)
        let sources = Sources(environment: ["CUSTOS_WEBHOOK__TOKEN_FILE": file.path])
        let (_, problems) = Sample.catalogue.resolve(sources, files: .system)
        #expect(problems.lines == ["CUSTOS_WEBHOOK__TOKEN_FILE: file \(file.path): larger than 64KiB"])
    }
}
