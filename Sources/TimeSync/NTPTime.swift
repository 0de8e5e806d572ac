/// A moment as NTP writes it: seconds since 1900 in 32 bits, and 32 bits of a fraction.
///
/// Document: RFC 5905 §6. The seconds begin anew every 136 years; a difference is right as long as the moments are less
/// than 68 years apart.
struct NTPTime: Equatable, Sendable {
    var bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    /// From nanoseconds since the Unix epoch.
    init(nanoseconds: Int64) {
        let second: Int64 = 1_000_000_000
        let whole = nanoseconds / second - (nanoseconds % second < 0 ? 1 : 0)
        let rest = UInt64(nanoseconds - whole * second)
        bits = UInt64(bitPattern: whole &+ Self.epoch) << 32 | (rest << 32) / UInt64(second)
    }

    /// Seconds from `earlier` to this moment.
    func since(_ earlier: NTPTime) -> Double { Double(Int64(bitPattern: bits &- earlier.bits)) / 4_294_967_296 }

    /// Seconds from 1900 to 1970.
    private static let epoch: Int64 = 2_208_988_800
}
