/// Rules by which a zone's clocks change every year, for ever.
///
/// Document: POSIX.1-2017, Base Definitions, 8.3 (`TZ`), with RFC 8536's hours from -167 to 167.
/// ```
/// CET-1CEST,M3.5.0,M10.5.0/3
/// <-03>3
/// ```
struct ZoneTail: Sendable, Equatable {
    /// Seconds east of UTC, outside of summer.
    let offset: Int64
    private let summer: Summer?

    private struct Summer: Equatable {
        var offset: Int64
        var begins: YearlyMoment
        var ends: YearlyMoment
    }

    init(offset: Int64) {
        self.offset = offset
        summer = nil
    }

    init?(_ text: [UInt8]) {
        var reader = TailReader(text)
        guard reader.takeName(), let west = reader.takeTime(hours: 24) else { return nil }
        offset = -west
        guard !reader.isAtEnd else {
            summer = nil
            return
        }
        guard reader.takeName() else { return nil }
        var ahead = offset + 3600
        if !reader.isAtEnd, reader.peek != UInt8(ascii: ",") {
            guard let west = reader.takeTime(hours: 24) else { return nil }
            ahead = -west
        }
        // Without a rule it is every implementation's guess.
        guard reader.take(","), let begins = YearlyMoment(&reader), reader.take(","), let ends = YearlyMoment(&reader),
            reader.isAtEnd
        else { return nil }
        summer = Summer(offset: ahead, begins: begins, ends: ends)
    }

    func span(at moment: Int64) -> ZoneRules.Span {
        guard let summer else { return ZoneRules.Span(start: nil, end: nil, offset: offset) }
        let year = CivilDay(max(min(moment, Self.farthest), -Self.farthest).floored(by: 86400)).year
        // A rule's moment may fall outside of its year, but not by more than a week.
        var changes: [(at: Int64, offset: Int64)] = []
        for year in (year - 2)...(year + 2) {
            changes.append((summer.begins.local(in: year) - offset, summer.offset))
            changes.append((summer.ends.local(in: year) - summer.offset, offset))
        }
        changes.sort { $0.at < $1.at }
        guard let next = changes.firstIndex(where: { $0.at > moment }), next > 0 else {
            return ZoneRules.Span(start: nil, end: nil, offset: offset)
        }
        let last = changes[next - 1]
        return ZoneRules.Span(start: last.at, end: changes[next].at, offset: last.offset)
    }

    /// Seconds beyond which no calendar goes.
    private static let farthest: Int64 = 1 << 46
}

/// A day that each year has, and a time on it.
private struct YearlyMoment: Equatable {
    private enum Day: Equatable {
        /// From 1 to 365: the leap day is not counted.
        case julian(Int64)
        /// From 0 to 365: the leap day is counted.
        case ofYear(Int64)
        /// The week is from 1 to 5, the last; the weekday from 0 for Sunday.
        case weekday(month: Int, week: Int64, weekday: Int)
    }

    private var day: Day
    private var time: Int64 = 2 * 3600

    init?(_ reader: inout TailReader) {
        if reader.take("M") {
            guard let month = reader.takeNumber(1...12), reader.take("."), let week = reader.takeNumber(1...5),
                reader.take("."), let weekday = reader.takeNumber(0...6)
            else { return nil }
            day = .weekday(month: Int(month), week: week, weekday: Int(weekday))
        } else if reader.take("J") {
            guard let number = reader.takeNumber(1...365) else { return nil }
            day = .julian(number)
        } else {
            guard let number = reader.takeNumber(0...365) else { return nil }
            day = .ofYear(number)
        }
        if reader.take("/") {
            guard let time = reader.takeTime(hours: 167) else { return nil }
            self.time = time
        }
    }

    /// Seconds since the epoch as if in UTC.
    func local(in year: Int64) -> Int64 {
        let newYear = CivilDay(year: year, month: 1, day: 1).number
        let number =
            switch day {
            case .julian(let day): newYear + day - 1 + (CivilDay.isLeap(year) && day >= 60 ? 1 : 0)
            case .ofYear(let day): newYear + day
            case .weekday(let month, let week, let weekday): Self.day(year, month, week, weekday)
            }
        return number * 86400 + time
    }

    private static func day(_ year: Int64, _ month: Int, _ week: Int64, _ weekday: Int) -> Int64 {
        let first = CivilDay(year: year, month: month, day: 1)
        let next =
            month == 12
            ? CivilDay(year: year + 1, month: 1, day: 1) : CivilDay(year: year, month: month + 1, day: 1)
        var day = first.number + Int64((weekday - first.weekday + 7) % 7) + (week - 1) * 7
        if day >= next.number { day -= 7 }
        return day
    }
}

/// Walks a POSIX `TZ`.
private struct TailReader {
    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) { self.text = text }

    var isAtEnd: Bool { position >= text.count }
    var peek: UInt8? { isAtEnd ? nil : text[position] }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let peek, peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Three letters or more, or anything like a number with a sign in angle brackets.
    mutating func takeName() -> Bool {
        let start = position
        if take("<") {
            while let byte = peek, byte != UInt8(ascii: ">") {
                guard Self.isLetter(byte) || Self.isDigit(byte) || byte == 0x2B || byte == 0x2D else { return false }
                position += 1
            }
            return position - start > 3 && take(">")
        }
        while let byte = peek, Self.isLetter(byte) { position += 1 }
        return position - start >= 3
    }

    /// `[+-]hh[:mm[:ss]]`, in seconds.
    mutating func takeTime(hours limit: Int64) -> Int64? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard var seconds = takeNumber(0...limit).map({ $0 * 3600 }) else { return nil }
        for unit: Int64 in [60, 1] where take(":") {
            guard let number = takeNumber(0...59) else { return nil }
            seconds += number * unit
        }
        return isNegative ? -seconds : seconds
    }

    mutating func takeNumber(_ range: ClosedRange<Int64>) -> Int64? {
        var number: Int64?
        while let byte = peek, Self.isDigit(byte), number ?? 0 < 1000 {
            number = (number ?? 0) * 10 + Int64(byte - UInt8(ascii: "0"))
            position += 1
        }
        return number.flatMap { range.contains($0) ? $0 : nil }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }
}
