import Testing

@testable import Basics

struct TimestampTests {
    @Test(
        "RFC 3339 is read with any number of digits and any offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-21T01:22:34.123Z", 1_795_224_154_123),
            ("2026-11-21T01:22:34.123456789Z", 1_795_224_154_123),
            ("2026-11-21T01:22:34.9Z", 1_795_224_154_900),
            ("2026-11-21T02:22:34+01:00", 1_795_224_154_000),
            ("2026-11-20T19:52:34.5-05:30", 1_795_224_154_500),
        ]
    )
    func reading(text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test("the engine's zero time, year 1, is a time long before the epoch")
    func zeroTime() throws {
        #expect(try #require(Timestamp("0001-01-01T00:00:00Z")) < Timestamp(milliseconds: -62_000_000_000_000))
    }

    @Test(
        "what is no time is refused",
        arguments: ["", "yesterday", "2026-11-21", "2026-11-21T01:22:34.Z", "1795224154"]
    )
    func refusing(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("what is written is read back, to the millisecond")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let moment = Timestamp(milliseconds: Int64.random(in: 0...4_102_444_800_000, using: &generator))
            #expect(Timestamp(moment.description) == moment)
        }
        #expect(Timestamp(milliseconds: 1_795_224_154_007).description == "2026-11-21T01:22:34.007Z")
    }

    @Test("arithmetic stays within the range instead of trapping")
    func clamping() {
        let last = Timestamp(milliseconds: .max)
        #expect(last + .seconds(1) == last)
        #expect(Timestamp(milliseconds: .min) - .seconds(1) == Timestamp(milliseconds: .min))
        #expect(Timestamp(seconds: 1e300) == last)
        #expect(Timestamp(milliseconds: 2500).since(Timestamp(milliseconds: 500)) == .seconds(2))
    }
}
