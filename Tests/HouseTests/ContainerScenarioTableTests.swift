import Testing

/// `docs/containers-scenarios.md` says what is told of what happens to containers, and which test plays it.
@Suite struct ContainerScenarioTableTests {
    private static let path = "docs/containers-scenarios.md"

    /// Its rows: area, scenario, events, tests.
    private static let rows: [WeaknessTableTests.Row] = SourceTree.read(path).split(separator: "\n")
        .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| area |") }
        .map { line in
            let inner = line.dropFirst(2).dropLast(2)
            return WeaknessTableTests.Row(
                path: path,
                cells: inner.split(separator: " | ", omittingEmptySubsequences: false)
            )
        }

    @Test("each story has its events and a test, and every test that is named exists")
    func tests() {
        #expect(Self.rows.count >= 60)
        for row in Self.rows {
            #expect(row.cells.count == 4, "\(row)")
            guard row.cells.count == 4 else { continue }
            #expect(!row.cells[2].isEmpty, "\(row)")
            #expect(!row.cited.isEmpty, "\(row)")
            #expect(row.missing == [], "\(row)")
        }
    }

    @Test("no story stands there twice")
    func once() {
        let stories = Self.rows.map { "\($0.cells[0]) \($0.cells[1])" }
        #expect(Set(stories).count == stories.count)
    }
}
