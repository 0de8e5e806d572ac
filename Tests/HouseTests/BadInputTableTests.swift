import Testing

/// `docs/bad-input.md` says which test proves what; a table that names tests which do not exist proves nothing.
@Suite struct BadInputTableTests {
    /// One test as the table names it.
    struct Citation: CustomStringConvertible {
        var file: String
        var name: String

        /// Reads `` `Folder/File.swift`: display name ``.
        init?(_ text: Substring) {
            let parts = text.split(separator: "`", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].isEmpty, parts[2].hasPrefix(": "), parts[2].utf8.count > 2 else {
                return nil
            }
            file = String(parts[1])
            name = String(parts[2].dropFirst(2))
        }

        var exists: Bool {
            let text = SourceTree.read("Tests/\(file)")
            if file.hasSuffix(".py") { return text.contains("def \(name)(") }
            return ["\"\(name)\"", "func `\(name)`(", "func \(name)("].contains { text.contains($0) }
        }

        var description: String { "\(file): \(name)" }
    }

    /// The cells of each row that names tests.
    private static let rows: [[Substring]] = SourceTree.read("docs/bad-input.md").split(separator: "\n").compactMap {
        line in
        guard line.hasPrefix("| "), line.hasSuffix(" |") else { return nil }
        let cells = line.dropFirst(2).dropLast(2).split(separator: " | ", omittingEmptySubsequences: false)
        return cells.count == 3 && cells[2].contains("`") ? cells : nil
    }

    @Test("every test that the table of bad input names exists")
    func tests() {
        #expect(Self.rows.count > 40)
        for row in Self.rows {
            for text in row[2].split(separator: " <br> ") {
                let citation = Citation(text)
                #expect(citation?.exists == true, "\(row[0]): \(text)")
            }
        }
    }

    @Test("every bad input that Custos must stand has its row")
    func inputs() {
        let wanted = [
            "socket absent", "socket not readable", "engine hung", "closing mid-JSON", "HTML", "403 from a proxy",
            "API older than 1.24", "API newer than known", "event stream cut", "event stream silent",
            "event stream replaying", "500 containers", "values of 4 KiB", "/host/proc missing", "hidepid",
            "files empty, truncated", "unknown columns", "values at 2^64−1", "aliases bomb, deep nesting", "50 MB",
            "environment with unknown keys", "environment with empty keys", "environment with conflicting keys",
            "secret file missing or unreadable", "down", "slow, answering 200 late", "resetting", "redirecting", "4xx",
            "5xx", "429", "corrupt", "locked", "from a newer version", "disk full",
        ]
        let inputs = Set(Self.rows.map { String($0[0]) })
        #expect(wanted.filter { !inputs.contains($0) } == [])
    }
}
