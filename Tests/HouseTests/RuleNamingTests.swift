import Testing

/// The rules of the semantics that the main job touches: each has at least one test whose display name begins with it.
private let rules = [
    "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "S13", "S14", "S15", "S16", "S17", "S18",
    "S19", "S20", "S21", "S22", "S23", "S24", "S25", "S26", "S27", "S28", "S29", "S30", "S31",
    "S32", "S33", "S34", "S35", "S36", "S37", "S38",
]

@Suite struct RuleNamingTests {
    @Test("each rule has a test that names it", arguments: rules)
    func ruleHasATest(rule: String) {
        let swift = SourceTree.tests.contains { file in
            file.text.contains("@Test(\"\(rule) ") || file.text.contains("\n        \"\(rule) ")
        }
        let python = SourceTree.files(below: "Tests/EndToEnd", ending: ".py").contains { file in
            file.text.contains("\"\"\"\(rule) ")
        }
        #expect(swift || python, "no test names \(rule)")
    }
}
