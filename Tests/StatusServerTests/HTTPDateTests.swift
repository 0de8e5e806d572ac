import Basics
import Testing

@testable import StatusServer

@Suite("HTTP date")
struct HTTPDateTests {
    @Test(
        "a moment is written as HTTP wants it",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_795_224_154, "Sat, 21 Nov 2026 01:22:34 GMT"), (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        ] as [(Int64, String)]
    )
    func known(seconds: Int64, text: String) {
        #expect(HTTPDate.text(Timestamp(milliseconds: seconds * 1000 + 123)) == text)
    }
}
