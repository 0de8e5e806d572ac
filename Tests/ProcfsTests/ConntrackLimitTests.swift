import Testing

@testable import Procfs

@Suite struct ConntrackLimitTests {
    @Test func theLimitIsRead() throws {
        #expect(try ConntrackLimit(parsing: "262144\n").maximum == 262_144)
        #expect(try ConntrackLimit(parsing: "18446744073709551615\n").maximum == .max)
    }

    @Test(arguments: ["", "\n", "-1\n", "x\n", "262144"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try ConntrackLimit(parsing: text) }
    }
}
