import Testing

@testable import Procfs

@Suite struct UptimeTests {
    @Test func hundredthsAreKept() throws {
        #expect(try Uptime(parsing: "862.79 1620.29\n").span == .milliseconds(862_790))
        #expect(try Uptime(parsing: "0.05 0.00\n").span == .milliseconds(50))
    }

    @Test(arguments: ["", "862 1\n", "862.7 1\n", "-1.00 1\n", "1e3.00\n", "18446744073709551615.00 1\n", "862.79 1"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try Uptime(parsing: text) }
    }
}
