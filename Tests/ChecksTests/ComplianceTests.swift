import Basics
import Testing

@testable import Checks

@Suite struct ComplianceTests {
    @Test func eachSeverityHasItsState() {
        #expect(Compliance(breaking: nil) == .asExpected)
        for severity in [Severity.info, .warning, .critical] {
            #expect(Compliance.bad[Compliance(breaking: severity).rawValue] == severity)
        }
        #expect(Compliance.bad[Compliance.asExpected.rawValue] == nil)
    }

    @Test("S13 a change at the end of a long text is a change")
    func longBaselines() {
        #expect("4096 131072".keptAsBaseline == "4096 131072")
        let long = String(repeating: "option,", count: 100)
        let (one, other) = ((long + "a").keptAsBaseline, (long + "b").keptAsBaseline)
        #expect(one != other)
        #expect(one == (long + "a").keptAsBaseline)
        #expect(one.utf8.count < 200)
        #expect("a\u{1B}b".keptAsBaseline == "a\u{FFFD}b")
    }
}
