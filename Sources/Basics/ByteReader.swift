/// Walks bytes that came from outside and refuses what ends too early.
package struct ByteReader {
    package let bytes: [UInt8]
    package private(set) var position: Int
    /// Where reading ends, at most the bytes' own end.
    package let end: Int
    /// Whether numbers begin with their highest byte.
    package var isBigEndian: Bool

    package init(_ bytes: [UInt8], from position: Int = 0, to end: Int? = nil, isBigEndian: Bool) {
        self.bytes = bytes
        self.position = min(max(0, position), bytes.count)
        self.end = min(max(self.position, end ?? bytes.count), bytes.count)
        self.isBigEndian = isBigEndian
    }

    package var isAtEnd: Bool { position >= end }

    /// The next number; nil where the bytes end before it does.
    package mutating func next<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) -> Number? {
        let size = Number.bitWidth / 8
        guard end - position >= size else { return nil }
        var number: Number = 0
        for offset in 0..<size {
            let byte = Number(truncatingIfNeeded: bytes[position + offset])
            number |= byte << Number(truncatingIfNeeded: 8 * (isBigEndian ? size - 1 - offset : offset))
        }
        position += size
        return number
    }

    /// The next `count` bytes; nil where there are fewer.
    package mutating func next(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, end - position >= count else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    /// Passes over `count` bytes; false where there are fewer.
    package mutating func skip(_ count: Int) -> Bool { next(count) != nil }
}

extension [UInt8] {
    /// Appends a number, its highest byte first where `isBigEndian`.
    package mutating func append<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number, isBigEndian: Bool) {
        let size = Number.bitWidth / 8
        for offset in 0..<size {
            let shift = 8 * (isBigEndian ? size - 1 - offset : offset)
            append(UInt8(truncatingIfNeeded: number >> Number(truncatingIfNeeded: shift)))
        }
    }
}
