import Testing

@testable import Basics

@Suite struct DurationPollTests {
    @Test(
        "poll waits no shorter than asked, and a minute at most",
        arguments: [
            (.zero, 1), (.nanoseconds(1), 1), (.milliseconds(20), 21), (.microseconds(20_500), 21),
            (.seconds(59), 59_001), (.seconds(3600), 60_001),
        ] as [(Duration, Int32)]
    )
    func rounding(span: Duration, milliseconds: Int32) {
        #expect(span.pollMilliseconds == milliseconds)
    }
}
