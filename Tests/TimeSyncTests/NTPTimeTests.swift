import Testing

@testable import TimeSync

@Suite struct NTPTimeTests {
    @Test("seconds count from 1900, a fraction of 32 bits behind them")
    func epoch() {
        #expect(NTPTime(nanoseconds: 0).bits == UInt64(2_208_988_800) << 32)
        #expect(NTPTime(nanoseconds: 1_500_000_000).bits == UInt64(2_208_988_801) << 32 | 0x8000_0000)
        #expect(NTPTime(nanoseconds: -500_000_000).bits == UInt64(2_208_988_799) << 32 | 0x8000_0000)
    }

    @Test("a difference is right across the turn of the era in 2036")
    func era() {
        let before = NTPTime(nanoseconds: 2_085_978_495_000_000_000)
        let after = NTPTime(nanoseconds: 2_085_978_497_250_000_000)
        #expect(after.bits < before.bits)
        #expect(after.since(before) == 2.25)
        #expect(before.since(after) == -2.25)
    }
}
