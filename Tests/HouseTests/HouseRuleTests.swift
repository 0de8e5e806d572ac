import Testing

@Suite struct HouseRuleTests {
    /// A word that code may not use, and the files that may all the same.
    struct Ban: Sendable, CustomTestStringConvertible {
        var word: String
        var allowed: [String] = []
        var testDescription: String { word }
    }

    static let bans: [Ban] = [
        Ban(word: "import Foundation\n"),
        Ban(word: "try!"),
        Ban(word: "fatalError("),
        Ban(word: "public "),
        Ban(word: "\"/proc", allowed: ["Sources/Procfs/"]),
        Ban(word: "\"/sys", allowed: ["Sources/Procfs/"]),
        Ban(word: " Date(", allowed: ["Sources/Basics/Timestamp.swift"]),
        Ban(word: "ContinuousClock", allowed: ["Sources/Basics/SystemTime.swift"]),
        Ban(word: "Task.sleep"),
        Ban(word: " Task {", allowed: ["Sources/Daemon/"]),
        Ban(word: "Task.detached"),
        Ban(
            word: "@unchecked Sendable",
            allowed: ["Sources/Basics/ThreadExecutor.swift", "Sources/Curl/", "Sources/SQLite/"]
        ),
        Ban(word: "nonisolated(unsafe)", allowed: ["Sources/Curl/", "Sources/SQLite/"]),
        Ban(word: "posix_spawn"),
        Ban(word: "TODO"),
        Ban(word: "FIXME"),
    ]

    @Test("banned words stay in the files that may use them", arguments: bans)
    func bannedWordsStayOut(ban: Ban) {
        for file in SourceTree.sources where !ban.allowed.contains(where: { file.path.hasPrefix($0) }) {
            let code = file.code.joined(separator: "\n") + "\n"
            #expect(!code.contains(ban.word), "\(file.path) uses \(ban.word)")
        }
    }

    @Test("no file in Sources grows over 400 lines")
    func filesStayShort() {
        for file in SourceTree.sources { #expect(file.lines.count <= 400, "\(file.path): \(file.lines.count) lines") }
    }

    @Test("every package type has a documentation comment")
    func packageTypesAreDocumented() {
        let kinds = ["struct", "enum", "final class", "actor", "protocol"]
        for file in SourceTree.sources {
            let lines = file.lines
            for (index, line) in lines.enumerated()
            where kinds.contains(where: { line.hasPrefix("package \($0) ") }) {
                let above = lines[..<index].last { !$0.hasPrefix("@") } ?? ""
                #expect(above.hasPrefix("///"), "\(file.path):\(index + 1) is not documented")
            }
        }
    }

    @Test("type names end in what they are, not in a drawer's name")
    func namesAreNouns() {
        let drawers = ["Manager", "Helper", "Util", "Utils", "Common", "Base", "Impl"]
        for file in SourceTree.sources {
            let name = file.path.split(separator: "/").last?.split(separator: ".").first ?? ""
            #expect(!drawers.contains { name.hasSuffix($0) }, "\(file.path)")
        }
    }

    @Test("no test is switched off, or skips what it cannot do")
    func noTestIsSkipped() {
        for file in SourceTree.tests where file.module != "HouseTests" {
            let code = file.code.joined(separator: "\n")
            for word in [".disabled(", ".enabled(if:", "Test.cancel(", "import XCTest"] {
                #expect(!code.contains(word), "\(file.path) uses \(word)")
            }
        }
        let scripts = SourceTree.files(below: "Tests/EndToEnd", ending: ".py")
        #expect(scripts.count > 20)
        for file in scripts {
            for word in ["skipTest", "SkipTest", "unittest.skip", "expectedFailure"] {
                #expect(!file.text.contains(word), "\(file.path) uses \(word)")
            }
        }
    }
}
