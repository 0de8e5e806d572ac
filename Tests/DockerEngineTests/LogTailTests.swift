import Basics
import Testing

@testable import DockerEngine

@Suite struct LogTailTests {
    /// A frame as the engine sends it: 1 is stdout, 2 stderr.
    static func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        var bytes: [UInt8] = [stream, 0, 0, 0]
        bytes.append(UInt32(text.utf8.count), isBigEndian: true)
        return bytes + text.utf8
    }

    private func lines(_ body: [UInt8], isTTY: Bool? = false, last count: Int = 50) -> [String] {
        LogFrames.lines(in: body, isTTY: isTTY, last: count).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("frames of both streams become lines in the order in which they ended")
    func frames() {
        let body =
            Self.frame(1, "one\n") + Self.frame(2, "bad\n") + Self.frame(1, "tw") + Self.frame(2, "worse\n")
            + Self.frame(1, "o\nthree\r\n") + Self.frame(1, "") + Self.frame(1, "no end")
        #expect(lines(body) == ["one", "bad", "worse", "two", "three", "no end"])
        #expect(lines(body, isTTY: nil).count == 6)
        #expect(lines(body, last: 2) == ["three", "no end"])
    }

    @Test("with a terminal there are no frames, whatever the bytes look like")
    func terminal() {
        #expect(lines(Array("a\r\nb\n".utf8), isTTY: true) == ["a", "b"])
        #expect(lines(Array("a\nb".utf8), isTTY: nil) == ["a", "b"])
        #expect(lines(Self.frame(1, "x\n"), isTTY: true) == ["\u{1}\0\0\0\0\0\0\u{2}x"])
        // An engine that sends no frames though it should.
        #expect(lines(Array("plain text\n".utf8), isTTY: false) == ["plain text"])
    }

    @Test(
        "an answer that is cut shows what came before",
        arguments: [(0, []), (8, []), (9, ["o"]), (12, ["one"]), (15, ["one"]), (20, ["one"]), (22, ["one", "tw"])]
            as [(Int, [String])]
    )
    func cut(count: Int, told: [String]) {
        let whole = Self.frame(1, "one\n") + Self.frame(2, "two\n")
        #expect(lines(Array(whole.prefix(count))) == told)
    }

    @Test("what is no frame ends the reading, and no length leads beyond the end")
    func broken() {
        #expect(lines(Self.frame(1, "one\n") + Array("no frame at all".utf8)) == ["one"])
        let huge: [UInt8] = [1, 0, 0, 0, 255, 255, 255, 255] + Array("rest".utf8)
        #expect(lines(huge) == ["rest"])
    }

    @Test("the last lines stay, however many there are")
    func last() {
        let body = (0..<1000).flatMap { Self.frame(1, "line \($0)\n") }
        #expect(lines(body, last: 3) == ["line 997", "line 998", "line 999"])
        #expect(lines(body, last: 0) == [])
    }

    @Test("lines and the whole are bounded; the newest lines win")
    func bounds() {
        let long = String(repeating: "x", count: 20_000)
        let body = (0..<50).flatMap { Self.frame(1, "\($0) \(long)\n") }
        guard case .lines(let text) = LogTail(body, isTTY: false, lines: 50) else {
            Issue.record("no lines")
            return
        }
        #expect(text.utf8.count <= LogTail.limit)
        let shown = text.split(separator: "\n")
        #expect(shown.last?.hasPrefix("49 ") == true)
        #expect(shown.allSatisfy { $0.utf8.count <= LogTail.lineLimit + 3 })
    }

    @Test(
        "what a terminal acts on is taken away, secrets are blotted out",
        arguments: [
            ("\u{1B}[31mred\u{1B}[0m\n", "red"), ("\u{1B}]0;title\u{7}text\n", "text"), ("a\u{7}b\n", "a\u{FFFD}b"),
            ("\u{1B}[31\nnext\n", "\nnext"), ("DB_PASSWORD=geheim\n", "DB_PASSWORD=<redacted>"),
            ("pass\u{1B}[1mword=geheim\n", "password=<redacted>"), ("", ""), ("\n\n", "\n"),
            ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nok\n", "<redacted>\nok"),
        ]
    )
    func clean(written: String, shown: String) {
        #expect(LogTail(Self.frame(2, written), isTTY: false, lines: 10) == .lines(shown))
    }

    @Test("bytes that are no text harm nothing")
    func noText() {
        let noise = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for isTTY in [true, false, nil] { _ = LogTail(noise, isTTY: isTTY, lines: 50) }
        #expect(LogTail([0xFF, 0x0A], isTTY: true, lines: 5) == .lines("\u{FFFD}"))
    }
}
