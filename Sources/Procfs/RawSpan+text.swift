import Glibc

/// Reads text in memory as it lies there; beyond its end there are NULs.
extension RawSpan {
    func byte(_ place: Int) -> UInt8 {
        place < byteCount ? unsafe unsafeLoad(fromByteOffset: place, as: UInt8.self) : 0
    }

    /// Where a byte occurs first, from `start` on.
    func first(_ byte: UInt8, from start: Int) -> Int? {
        withUnsafeBytes { $0.first(byte, from: start) }
    }

    func skipBlanks(from start: Int) -> Int {
        var place = start
        while byte(place) == UInt8(ascii: " ") { place += 1 }
        return place
    }

    func skipField(from start: Int) -> Int {
        var place = start
        while place < byteCount, byte(place) != UInt8(ascii: " ") { place += 1 }
        return place
    }

    /// The digits at `place`, which moves behind them; nil where there is none, or more than 64 bits hold.
    func number(_ place: inout Int, base: UInt8) -> UInt64? {
        let start = place
        var value: UInt64 = 0
        while let digit = byte(place).hexadecimalDigit, digit < base {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: UInt64(base))
            let (sum, carried) = scaled.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carried else { return nil }
            value = sum
            place += 1
        }
        return place > start ? value : nil
    }

    /// A number that fills the range with its digits, at most sixteen of them.
    func hexadecimal(_ range: Range<Int>) -> UInt64? {
        guard range.upperBound <= byteCount else { return nil }
        var value: UInt64 = 0
        for place in range {
            guard let digit = byte(place).hexadecimalDigit else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }
}

extension UnsafeRawBufferPointer {
    /// Where a byte occurs first, from `start` on; the C library looks at many at once.
    func first(_ byte: UInt8, from start: Int) -> Int? {
        guard let base = baseAddress, start < count else { return nil }
        return memchr(base + start, Int32(byte), count - start).map { base.distance(to: UnsafeRawPointer($0)) }
    }
}
