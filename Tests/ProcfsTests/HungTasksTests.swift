import TestSupport
import Testing

@testable import Procfs

@Suite struct HungTasksTests {
    @Test func countAndLimitAreRead() throws {
        let host = try HostFixture().host
        #expect(try host.hungTaskCount().total == 0)
        #expect(try host.hungTaskTimeout().seconds == 120)
    }

    @Test(arguments: ["", "x\n", "-1\n", "12"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try HungTaskCount(parsing: text) }
        #expect(throws: HostFileError.self) { try HungTaskTimeout(parsing: text) }
    }
}
