import FoundationEssentials
import Settings
import Testing

/// Each file below `Tests/Fixtures/settings` holds one mistake, and beside it the problems it must give.
@Suite struct MistakeTests {
    static let folder: String = {
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        return here + "/Fixtures/settings"
    }()

    static let mistakes: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test("a mistake gives exactly the problems beside it", arguments: mistakes)
    func mistake(_ name: String) throws {
        let (documents, unread) = Sources.documents(at: "\(Self.folder)/\(name).yaml")
        #expect(unread.isEmpty)
        let named = documents.map { Document(name: "custos.yaml", bytes: $0.bytes) }
        let sources = Sources(documents: named, environment: ["PASSWORD": "hunter2"])
        let (resolution, problems) = Sample.catalogue.resolve(
            sources,
            files: Sample.access(["/run/secrets/token": "hunter3"])
        )
        let text = problems.map { "\($0)\n" }.joined()
        let expected = "\(Self.folder)/\(name).txt"
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try Data(text.utf8).write(to: URL(filePath: expected))
        }
        let data = try Data(contentsOf: URL(filePath: expected))
        #expect(text == String(decoding: data, as: UTF8.self))
        #expect(!problems.isEmpty)
        #expect(!text.contains("hunter"))
        #expect(problems.filter { !$0.isFatal } == [])
        // Whatever is wrong, the result is whole.
        #expect(resolution.instances(of: Sample.disk).count == 1)
    }

    @Test func `there are mistakes to try`() {
        #expect(Self.mistakes.count >= 25)
    }
}
