import TestSupport
import Testing

@testable import Procfs

@Suite struct HungTasksTests {
    @Test func countAndLimitAreRead() throws {
        let host = try HostFixture().host
        #expect(try host.hungTaskCount().total == 0)
        #expect(try host.hungTaskTimeout().seconds == 120)
        #expect(try host.hungTaskWarnings().left == 10)
    }

    @Test func withoutALimitAnyNumberIsLogged() throws {
        #expect(try HungTaskWarnings(parsing: "-1\n").left == nil)
        #expect(try HungTaskWarnings(parsing: "0\n").left == 0)
    }

    @Test(arguments: ["", "x\n", "-1\n", "12"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try HungTaskCount(parsing: text) }
        #expect(throws: HostFileError.self) { try HungTaskTimeout(parsing: text) }
        guard text != "-1\n" else { return }
        #expect(throws: HostFileError.self) { try HungTaskWarnings(parsing: text) }
    }
}
