import Settings
import Testing

@testable import Checks

@Suite struct UnitPatternTests {
    @Test(
        "a name without a type is a service, a glob stays as it is",
        arguments: [
            ("nginx", "nginx.service"), ("a.b", "a.b.service"), ("backup.timer", "backup.timer"),
            ("dev-disk-by\\x2dlabel.device", "dev-disk-by\\x2dlabel.device"), ("app-*", "app-*"),
        ]
    )
    func names(text: String, expected: String) throws {
        #expect(try UnitPattern(setting: text).description == expected)
    }

    @Test("a name fits itself, a glob what it fits")
    func matching() throws {
        let name = try UnitPattern(setting: "dev-disk-by\\x2dlabel.device")
        #expect(name.matches("dev-disk-by\\x2dlabel.device"))
        #expect(name.name == name.description)
        let glob = try UnitPattern(setting: "app-?.service")
        #expect(glob.matches("app-1.service"))
        #expect(!glob.matches("app-12.service"))
        #expect(glob.name == nil)
    }

    @Test("what is no unit's name is refused", arguments: ["", "a b", "a/b", "[", "ä", "a\n"])
    func mistakes(text: String) {
        #expect(throws: Mismatch.self) { try UnitPattern(setting: text) }
    }
}
