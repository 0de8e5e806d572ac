/// Times of the clock on days of the calendar, as crontab(5) writes them.
///
/// Five fields: minute, hour, day of the month, month, day of the week; or `@hourly` and its kin. Where both kinds of day
/// are named, one of them is enough. In front may stand a zone: `CRON_TZ=Europe/Berlin 30 3 * * mon-fri`.
package struct CronSchedule: Sendable, Hashable, CustomStringConvertible {
    /// As written, with single blanks.
    package let description: String
    /// Where the clock hangs; nil for wherever the process' own does.
    package let zone: String?
    /// Bits by number.
    let minutes: UInt64
    let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    /// Whether a day must fit both of its fields, because one of them says nothing.
    private let needsBoth: Bool
    /// The mean time from one look to the next.
    package private(set) var period: Duration = .zero

    /// What is wrong with a text, completing "expected …".
    package struct Fault: Error, Hashable, Sendable {
        package let expected: String
    }

    package static let example = "a cron expression such as 30 3 * * mon-fri, @daily or CRON_TZ=Europe/Berlin 0 4 1 * *"

    package init(_ text: String) throws(Fault) {
        guard text.utf8.count <= 512 else { throw Fault(expected: Self.example) }
        var words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        description = words.joined(separator: " ")
        var zone: String?
        if let word = words.first, let prefix = ["CRON_TZ=", "TZ="].first(where: { word.hasPrefix($0) }) {
            zone = String(word.dropFirst(prefix.count))
            words.removeFirst()
        }
        guard zone.map(Self.isZone) ?? true else {
            throw Fault(expected: "the name of a time zone such as Europe/Berlin or UTC behind `CRON_TZ=`")
        }
        self.zone = zone
        if let word = words.first, word.hasPrefix("@") {
            let fields = try Self.fields(of: word)
            if words.count == 1 { words = fields }
        }
        guard words.count == 5 else {
            let hint = words.count == 6 ? "; seconds and years are no part of it" : ""
            throw Fault(expected: "five fields, minute hour day month weekday, such as 30 3 * * mon-fri\(hint)")
        }
        minutes = try CronField.minute.bits(words[0])
        hours = try CronField.hour.bits(words[1])
        days = try CronField.day.bits(words[2])
        months = try CronField.month.bits(words[3])
        let weekdays = try CronField.weekday.bits(words[4])
        // Sunday is 0 and 7.
        self.weekdays = (weekdays | weekdays >> 7) & 0x7F
        needsBoth = words[2].hasPrefix("*") || words[4].hasPrefix("*")
        let days = Self.years.count { covers(CivilDay($0)) }
        guard days > 0 else { throw Fault(expected: "a day that some year has") }
        let looks = days * minutes.nonzeroBitCount * hours.nonzeroBitCount
        period = .milliseconds(Self.years.count * 86_400_000 / looks)
    }

    /// Whether it looks at a day at all.
    package func covers(_ day: CivilDay) -> Bool {
        guard months & 1 << UInt64(day.month) != 0 else { return false }
        let fitsDay = days & 1 << UInt64(day.day) != 0
        let fitsWeekday = weekdays & 1 << UInt64(day.weekday) != 0
        return needsBoth ? fitsDay && fitsWeekday : fitsDay || fitsWeekday
    }

    /// Every weekday has had every date within so many years, but for a century's end.
    private static let years: ClosedRange<Int64> =
        CivilDay(year: 2001, month: 1, day: 1).number...CivilDay(year: 2028, month: 12, day: 31).number

    private static func fields(of macro: String) throws(Fault) -> [String] {
        let known = [
            "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
            "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
        ]
        guard let fields = known[macro.lowercased()] else {
            let every = macro.lowercased() == "@every" ? "; for a span there is `every`" : ""
            throw Fault(expected: "one of \(known.keys.sorted().joined(separator: ", ")), or five fields\(every)")
        }
        return fields.split(separator: " ").map(String.init)
    }

    /// Whether a text may name a file of the zones, and no other.
    package static func isZone(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 64
            && parts.allSatisfy { part in
                part.utf8.first.map { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") } ?? false
                    && part.utf8.allSatisfy { byte in
                        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
                            || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || "_+-.".utf8.contains(byte)
                    }
            }
    }
}

/// One field of a cron expression.
private struct CronField {
    var title: String
    var range: ClosedRange<Int>
    var names: [String] = []

    static let minute = CronField(title: "minute", range: 0...59)
    static let hour = CronField(title: "hour", range: 0...23)
    static let day = CronField(title: "day of the month", range: 1...31)
    static let month = CronField(
        title: "month",
        range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
    static let weekday = CronField(
        title: "weekday",
        range: 0...7,
        names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    )

    /// The numbers that a list of ranges with steps stands for.
    func bits(_ text: String) throws(CronSchedule.Fault) -> UInt64 {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) { bits |= try self.part(part) }
        return bits
    }

    private func part(_ text: Substring) throws(CronSchedule.Fault) -> UInt64 {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var step = 1
        if halves.count == 2 {
            guard let number = Self.number(halves[1]), 1...(range.upperBound - range.lowerBound) ~= number else {
                throw fault("have a step from 1 to \(range.upperBound - range.lowerBound) behind `/`")
            }
            step = number
        }
        var (first, last) = (range.lowerBound, isWeekday ? 6 : range.upperBound)
        if halves[0] != "*" {
            let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            first = try value(ends[0])
            // A step alone goes on to the end.
            if ends.count == 2 {
                last = try value(ends[1])
                // A week ends with its Sunday as well as it begins with one.
                if isWeekday, last == 0, first > 0 { last = 7 }
            } else if halves.count == 1 {
                last = first
            }
            guard first <= last else { throw fault("be a range that goes forwards") }
        }
        return stride(from: first, through: last, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }

    private var isWeekday: Bool { range.upperBound == 7 }

    private func value(_ text: Substring) throws(CronSchedule.Fault) -> Int {
        if let place = names.firstIndex(of: text.lowercased()) { return range.lowerBound + place }
        guard let number = Self.number(text), range.contains(number) else {
            let or = names.isEmpty ? "" : " or \(names.joined(separator: ", "))"
            throw fault("be \(range.lowerBound) to \(range.upperBound)\(or), `*`, a range or a list of these")
        }
        return number
    }

    private func fault(_ expected: String) -> CronSchedule.Fault {
        CronSchedule.Fault(expected: "its \(title) to \(expected)")
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.count <= 2 && text.allSatisfy(\.isASCIIDigit) ? Int(text) : nil
    }
}
