import Testing

/// `docs/weaknesses-*.md` say where weaknesses of other watchers are answered; an answer whose test is gone is none.
@Suite struct WeaknessTableTests {
    /// One row: kind, weakness, answer, tests.
    struct Row: CustomStringConvertible {
        var path: String
        var cells: [Substring]

        var answer: Substring { cells[2] }
        var tests: Substring { cells[3] }
        var description: String { "\(path): \(cells.joined(separator: " | "))" }

        /// What stands in backquotes: `` `DiskCheckTests`: `what fills is told`, `what empties is not` ``.
        var cited: [Substring] {
            let parts = tests.split(separator: "`", omittingEmptySubsequences: false)
            return parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        }

        /// What is cited and does not exist: a file of tests, or a test in the file that was named last.
        var missing: [Substring] {
            var text: String?
            return cited.filter { name in
                let forms = ["\"\(name)\"", "func \(name)(", "func `\(name)`(", "def \(name)(", "class \(name)("]
                if let text, forms.contains(where: { text.contains($0) }) { return false }
                text = WeaknessTableTests.files[String(name)]
                return text == nil
            }
        }
    }

    /// The text of each file of tests by its name; a Swift file goes without its ending, as its suite is called.
    static let files: [String: String] = {
        let swift: [(String, String)] = SourceTree.tests.map { file in
            (String(file.path.split(separator: "/").last ?? ""), file.text)
        }
        .filter { name, _ in name.hasSuffix("Tests.swift") }
        .map { name, text in (String(name.dropLast(".swift".count)), text) }
        let python: [(String, String)] = SourceTree.files(below: "Tests/EndToEnd", ending: ".py")
            .map { file in (String(file.path.split(separator: "/").last ?? ""), file.text) }
            .filter { name, _ in name.hasPrefix("test_") }
        // Two modules may have a suite of the same name.
        return Dictionary(swift + python, uniquingKeysWith: +)
    }()

    private static let rows: [Row] = SourceTree.files(below: "docs", ending: ".md")
        .filter { $0.path.hasPrefix("docs/weaknesses-") }
        .flatMap { file in
            file.lines.filter { $0.hasPrefix("| ") && !$0.hasPrefix("| kind |") }.map { line in
                let inner = line.dropFirst(2).dropLast(2)
                return Row(path: file.path, cells: inner.split(separator: " | ", omittingEmptySubsequences: false))
            }
        }

    @Test("every test that the tables of weaknesses name exists")
    func testsExist() {
        #expect(Self.rows.count > 150)
        for row in Self.rows {
            #expect(row.cells.count == 4, "\(row)")
            if row.cells.count == 4 { #expect(row.missing == [], "\(row)") }
        }
    }

    @Test("a row without a test says that it does not apply, or that it is open")
    func withoutATest() {
        for row in Self.rows where row.cells.count == 4 && row.cited.isEmpty {
            #expect(row.tests == "–", "\(row)")
            #expect(row.answer.hasPrefix("does not apply: ") || row.answer.hasPrefix("open"), "\(row)")
        }
    }
}
