import Testing

@testable import Basics

struct SeverityTests {
    @Test("severities rank by how bad they are")
    func order() {
        #expect(Severity.allCases.sorted() == [.info, .warning, .critical])
    }
}
