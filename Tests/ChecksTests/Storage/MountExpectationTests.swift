import Settings
import Testing

@testable import Checks

@Suite struct MountExpectationTests {
    @Test(
        "an expectation reads back what it says",
        arguments: [
            ("/data", "/data", [String](), [String]()), ("/data/", "/data", [], []), ("/", "/", [], []),
            ("/data ext4|xfs", "/data", ["ext4", "xfs"], []),
            ("/data any noexec,nosuid", "/data", [], ["noexec", "nosuid"]),
            (#"/my\040disk ext4 ro"#, "/my disk", ["ext4"], ["ro"]),
        ]
    )
    func reading(text: String, point: String, types: [String], options: [String]) throws {
        let read = try MountExpectation(setting: text)
        #expect(read.point == point && read.types == types && read.options == options)
        #expect(try MountExpectation(setting: read.settingText) == read)
    }

    @Test(arguments: ["", "data", "data ext4", " ", "/a\u{1B}b"]) func anythingElseIsRefused(text: String) {
        #expect(throws: Mismatch.self) { try MountExpectation(setting: text) }
    }
}
