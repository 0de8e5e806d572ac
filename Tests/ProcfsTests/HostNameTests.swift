import Testing

@testable import Procfs

@Suite struct HostNameTests {
    @Test(arguments: ["web-3\n", "web-3", "# the name\n\n  web-3  \nother\n"])
    func theFirstLineThatIsNoCommentIsTheName(text: String) throws {
        #expect(try HostName(parsing: text).text == "web-3")
    }

    @Test(arguments: ["", "\n", "# only a comment\n", "a b\n", "a\u{1B}[31m\n", "a\u{202E}b\n"])
    func whatIsNoNameIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try HostName(parsing: text) }
    }

    @Test func lengthAndEncodingAreBounded() throws {
        #expect(throws: HostFileError.self) { try HostName(parsing: String(repeating: "a", count: 254)) }
        #expect(throws: HostFileError.self) { try HostName(parsing: [0x61, 0xFF, 0x0A]) }
        #expect(try HostName(parsing: String(repeating: "a", count: 253)).text.count == 253)
    }
}
