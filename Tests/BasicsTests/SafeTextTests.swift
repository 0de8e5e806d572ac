import Testing

@testable import Basics

struct SafeTextTests {
    @Test(
        "what a terminal acts on or an eye does not see is replaced",
        arguments: [
            ("plain ü 日本", "plain ü 日本"), ("a\u{1B}[31mb", "a\u{FFFD}[31mb"), ("a\nb", "a\u{FFFD}b"),
            ("a\u{9B}b", "a\u{FFFD}b"), ("abc\u{202E}cba", "abc\u{FFFD}cba"), ("\u{FEFF}x", "\u{FFFD}x"), ("", ""),
        ]
    )
    func replacing(text: String, safe: String) {
        #expect(text.safe() == safe)
    }

    @Test("text is cut at a character's border and marked")
    func cutting() {
        #expect("abcdef".safe(limit: 3) == "abc…")
        #expect("abc".safe(limit: 3) == "abc")
        #expect("aéé".safe(limit: 4) == "aé…")
        #expect(String(repeating: "x", count: 100_000).safe(limit: 4096).utf8.count == 4096 + "…".utf8.count)
    }

    @Test("lines stay lines, each made safe, within one limit")
    func lines() {
        #expect("a\r\nb\u{1B}[1m\n\nc".safeLines(limit: 100) == "a\nb\u{FFFD}[1m\n\nc")
        #expect("abc\ndef".safeLines(limit: 5) == "abc\nde…")
        #expect("abc\ndef".safeLines(limit: 3) == "abc…")
    }
}
