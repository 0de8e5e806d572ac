import Testing

@testable import Basics

struct GlobTests {
    @Test(
        "a pattern fits the whole name",
        arguments: [
            ("*", "", true), ("*", "anything", true), ("", "", true), ("", "a", false), ("web", "web", true),
            ("web", "web1", false), ("web*", "web1", true), ("*web", "my-web", true), ("w?b", "web", true),
            ("w?b", "wb", false), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[!a-c]x", "dx", true),
            ("[^a]", "a", false), ("[]a]", "]", true), ("[a-]", "-", true), ("\\*", "*", true), ("\\*", "x", false),
            ("a*b*c", "aXbYc", true), ("a*b*c", "aXcYb", false), ("/var/*", "/var/lib/x", true), ("**", "x", true),
        ]
    )
    func matching(pattern: String, name: String, fits: Bool) throws {
        #expect(try #require(Glob(pattern)).matches(name) == fits)
        // A part of something longer, whose places do not begin at 0.
        #expect(try #require(Glob(pattern)).matches(bytes: Array("xx\(name)".utf8)[2...]) == fits)
    }

    @Test("an open bracket and a final backslash are refused", arguments: ["[", "[a", "a\\", "[]"])
    func refusing(pattern: String) {
        #expect(Glob(pattern) == nil)
    }

    @Test("a hostile pattern costs at most its length times the name's")
    func noExplosion() throws {
        let glob = try #require(Glob(String(repeating: "*a", count: 40) + "b"))
        let name = String(repeating: "a", count: 4000)
        let start = SystemTime().uptime
        #expect(!glob.matches(name))
        #expect(SystemTime().uptime - start < .seconds(2))
    }
}
