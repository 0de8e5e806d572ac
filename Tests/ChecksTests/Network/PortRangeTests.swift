import Settings
import Testing

@testable import Checks

@Suite struct PortRangeTests {
    @Test("two ports with a dash between are a range")
    func range() throws {
        let range = try PortRange(setting: "32768-60999")
        #expect(range.ports == 32768...60999)
        #expect(range.settingText == "32768-60999")
        #expect(try PortRange(setting: "5-5").ports.count == 1)
    }

    @Test(arguments: ["", "1", "1-", "-1", "2-1", "0-5", "1-65536", "a-b", "1-2-3", "1 - 2"])
    func anythingElseIsNone(text: String) {
        #expect(throws: Mismatch.self) { try PortRange(setting: text) }
    }
}
