/// By how much a time zone's clocks differ from UTC, and when that changes.
///
/// Document: RFC 8536 (the files below `/usr/share/zoneinfo`), in its 64-bit form and the old one.
package struct ZoneRules: Sendable, Equatable {
    /// Seconds since the epoch from which an offset holds, ascending, and the offset: seconds east of UTC.
    private var changes: [Change] = []
    /// Before the first change.
    private var first: Int64
    /// After the last one, where the rules go on for ever.
    private var tail: ZoneTail?

    private struct Change: Equatable {
        var at: Int64
        var offset: Int64
    }

    /// A span of time with one offset.
    package struct Span: Sendable, Equatable {
        /// Seconds since the epoch; nil for always.
        package var start: Int64?
        /// The first second after it; nil for ever.
        package var end: Int64?
        /// Seconds east of UTC.
        package var offset: Int64
    }

    package static let utc = ZoneRules(tail: ZoneTail(offset: 0))

    private init(tail: ZoneTail) {
        first = tail.offset
        self.tail = tail
    }

    /// What a POSIX `TZ` says without a file: `CET-1CEST,M3.5.0,M10.5.0/3`.
    package init?(posix text: String) {
        guard let tail = ZoneTail(Array(text.utf8)) else { return nil }
        self.init(tail: tail)
    }

    /// The content of a zone's file; nil for anything else.
    package init?(file bytes: [UInt8]) {
        guard bytes.count <= Self.sizeLimit, let old = Header(bytes, at: 0) else { return nil }
        var header = old
        if old.version >= UInt8(ascii: "2") {
            // The same again with 64 bits, behind what old readers understand.
            guard let new = Header(bytes, at: old.end(timeSize: 4)) else { return nil }
            header = new
        }
        let timeSize = old.version >= UInt8(ascii: "2") ? 8 : 4
        guard header.types > 0, header.end(timeSize: timeSize) <= bytes.count else { return nil }
        var times = ByteReader(bytes, from: header.body, isBigEndian: true)
        var kinds = ByteReader(bytes, from: header.body + header.times * timeSize, isBigEndian: true)
        let table = header.body + header.times * (timeSize + 1)
        let offsets = (0..<header.types).compactMap { index -> Int64? in
            var entry = ByteReader(bytes, from: table + index * 6, isBigEndian: true)
            return entry.next(UInt32.self).map { Int64(Int32(bitPattern: $0)) }
        }
        guard offsets.count == header.types, offsets.allSatisfy({ abs($0) <= Self.offsetLimit }) else { return nil }
        first = offsets[0]
        changes.reserveCapacity(header.times)
        for _ in 0..<header.times {
            let at =
                timeSize == 8
                ? times.next(UInt64.self).map { Int64(bitPattern: $0) }
                : times.next(UInt32.self).map { Int64(Int32(bitPattern: $0)) }
            guard let at, let kind = kinds.next(UInt8.self), Int(kind) < offsets.count,
                changes.last.map({ $0.at < at }) ?? true
            else { return nil }
            changes.append(Change(at: at, offset: offsets[Int(kind)]))
        }
        if timeSize == 8 {
            let footer = bytes[header.end(timeSize: 8)...].split(separator: UInt8(ascii: "\n"), maxSplits: 1)
            if let text = footer.first {
                guard let tail = ZoneTail(Array(text)) else { return nil }
                self.tail = tail
            }
        }
    }

    /// The span that a moment lies in: seconds since the epoch.
    package func span(at moment: Int64) -> Span {
        // How many changes came before the moment or with it.
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at <= moment { low = middle + 1 } else { high = middle }
        }
        let start = low > 0 ? changes[low - 1].at : nil
        if low < changes.count {
            return Span(start: start, end: changes[low].at, offset: low > 0 ? changes[low - 1].offset : first)
        }
        guard let tail else { return Span(start: start, end: nil, offset: changes.last?.offset ?? first) }
        var span = tail.span(at: moment)
        // The tail's own rules begin where the table ends.
        if let start { span.start = span.start.map { max($0, start) } ?? start }
        return span
    }

    /// The moment at which clocks first show a local time: seconds since the epoch, for seconds as if in UTC.
    ///
    /// Of a time that is shown twice, the first; of one that is left out, the moment of the jump over it.
    package func moment(ofLocal local: Int64) -> Int64 {
        // No calendar goes so far, and no difference may leave the numbers' range.
        let local = max(.min / 2, min(local, .max / 2))
        var span = span(at: local - Self.offsetLimit)
        while let end = span.end, local - span.offset >= end { span = self.span(at: end) }
        return max(local - span.offset, span.start ?? .min)
    }

    /// No clock differs by more.
    private static let offsetLimit: Int64 = 26 * 3600
    private static let sizeLimit = 1 << 18
}

/// The six counts that stand before each block of a zone's file.
private struct Header {
    let version: UInt8
    /// Where the block begins.
    let body: Int
    let times: Int
    let types: Int
    private let leaps: Int
    private let letters: Int
    private let marks: Int

    init?(_ bytes: [UInt8], at start: Int) {
        guard start >= 0, start <= bytes.count else { return nil }
        var reader = ByteReader(bytes, from: start, isBigEndian: true)
        guard let magic = reader.next(4), magic.elementsEqual("TZif".utf8), let version = reader.next(UInt8.self),
            reader.skip(15)
        else { return nil }
        var counts: [Int] = []
        for _ in 0..<6 {
            guard let count = reader.next(UInt32.self), count < 1 << 16 else { return nil }
            counts.append(Int(count))
        }
        self.version = version
        body = reader.position
        marks = counts[0] + counts[1]
        leaps = counts[2]
        times = counts[3]
        types = counts[4]
        letters = counts[5]
    }

    func end(timeSize: Int) -> Int {
        body + times * (timeSize + 1) + types * 6 + letters + leaps * (timeSize + 4) + marks
    }
}
