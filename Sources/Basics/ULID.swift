/// A 128-bit identifier that sorts by the time it was made: 26 characters of Crockford's base 32.
///
/// Format: <https://github.com/ulid/spec>.
package struct ULID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let description: String

    /// Accepts 26 characters of the alphabet, nothing else.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 26, text.utf8.allSatisfy({ Self.alphabet.contains($0) }) else { return nil }
        description = String(text)
    }

    private init(time: UInt64, entropy: UInt128) {
        var value = (UInt128(time & 0xFFFF_FFFF_FFFF) << 80) | (entropy & Self.entropyMask)
        var characters = [UInt8](repeating: 0, count: 26)
        for index in characters.indices.reversed() {
            characters[index] = Self.alphabet[Int(value & 31)]
            value >>= 5
        }
        description = String(decoding: characters, as: UTF8.self)
    }

    package static func < (left: ULID, right: ULID) -> Bool { left.description < right.description }

    fileprivate static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    fileprivate static let entropyMask: UInt128 = (1 << 80) - 1

    /// Makes ULIDs that rise strictly, also within one millisecond and when the clock steps back.
    package struct Generator: Sendable {
        private var time: UInt64 = 0
        private var entropy: UInt128 = 0

        package init() {}

        /// Goes on behind an identifier that another generator gave: what is told later sorts later, whatever the clock
        /// says meanwhile.
        package mutating func skip(past id: ULID) {
            let value = id.description.utf8.reduce(UInt128(0)) { sum, character in
                sum << 5 | UInt128(ULID.alphabet.firstIndex(of: character) ?? 0)
            }
            let (time, entropy) = (UInt64(truncatingIfNeeded: value >> 80), value & ULID.entropyMask)
            guard (time, entropy) > (self.time, self.entropy) else { return }
            (self.time, self.entropy) = (time, entropy)
        }

        /// The next identifier, not before any that this generator gave.
        package mutating func next(at now: Timestamp) -> ULID {
            let present = UInt64(max(0, now.milliseconds))
            if present > time {
                time = present
                // The top bit stays clear, so that counting up within a millisecond cannot overflow.
                entropy = UInt128.random(in: 0...(ULID.entropyMask >> 1))
            } else {
                entropy += 1
            }
            return ULID(time: time, entropy: entropy)
        }
    }
}

extension ULID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = ULID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a ULID")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
