import Testing

@testable import Basics

struct DurationTextTests {
    @Test(
        "a span is read from its text",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("1m30s", .seconds(90)),
            ("2h", .seconds(7200)),
            ("3d", .seconds(259_200)), ("1w", .seconds(604_800)), ("0", .zero), ("1.5s", .milliseconds(1500)),
        ]
    )
    func reading(text: String, span: Duration) {
        #expect(Duration(text: text) == span)
    }

    @Test("what is no span is refused", arguments: ["", "5", "s", "5x", "-5s", "5 s", "1e3s", "99999999999w", "1..5s"])
    func refusing(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test("what is written is read back")
    func roundTrip() {
        for milliseconds in [1, 999, 1000, 61_001, 86_400_000, 90_061_001, 604_800_000] as [Int64] {
            let span = Duration.milliseconds(milliseconds)
            #expect(Duration(text: span.text) == span)
        }
        #expect(Duration.seconds(90).text == "1m30s")
        #expect(Duration.zero.text == "0s")
        #expect(Duration.seconds(-90).text == "-1m30s")
    }

    @Test("milliseconds are clamped")
    func clamping() {
        #expect(Duration.seconds(Int64.max).wholeMilliseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeMilliseconds == .min)
        #expect(Duration.microseconds(1999).wholeMilliseconds == 1)
    }
}
