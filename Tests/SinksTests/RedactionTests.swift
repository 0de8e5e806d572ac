import Basics
import Testing

@testable import Sinks

@Suite("Redaction")
struct RedactionTests {
    private let redaction = Redaction(
        Redaction.parts(of: "https://user:pa%24s@hooks.example.org/services/T0/s3cretPath?key=QUERYKEY")
    )

    @Test(
        "an answer that repeats its address loses what is secret in it",
        arguments: [
            "s3cretPath", "QUERYKEY", "pa%24s", "pa$s", "/services/T0/s3cretPath?key=QUERYKEY",
            #"\/services\/T0\/s3cretPath"#,
        ]
    )
    func masks(secret: String) {
        let said = redaction.excerpt(of: Array("no such hook: \(secret)!".utf8))
        #expect(said.hasPrefix("no such hook: "))
        #expect(!said.contains(secret) && !said.contains("s3cretPath"))
    }

    @Test("the place stays readable")
    func keeps() {
        #expect(
            redaction.masked("https://hooks.example.org: no connection") == "https://hooks.example.org: no connection"
        )
    }

    @Test(
        "an excerpt is one short line of text",
        arguments: [
            ("invalid_payload", "invalid_payload"), ("\n  first\nsecond", "first"), ("<html><body>x", ""), ("", ""),
            ("a\u{1B}[2Jb", "a\u{FFFD}[2Jb"),
        ]
    )
    func excerpt(body: String, said: String) {
        #expect(redaction.excerpt(of: Array(body.utf8)) == said)
    }

    @Test("bytes that are no text say nothing, long text is cut")
    func bounds() {
        #expect(redaction.excerpt(of: [0xFF, 0xFE, 0x00]) == "")
        #expect(redaction.excerpt(of: Array(repeating: UInt8(ascii: "x"), count: 100_000)).utf8.count <= 170)
    }
}
