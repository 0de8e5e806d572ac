/// A day of the Gregorian calendar, in nobody's zone.
package struct CivilDay: Hashable, Sendable {
    /// Days since 1970-01-01.
    package let number: Int64
    package let year: Int64
    /// From 1.
    package let month: Int
    /// From 1.
    package let day: Int

    /// The day with a number, which may lie before 1970.
    package init(_ number: Int64) {
        // Years are counted from March, so that the leap day is a year's last; 400 of them are always equally long.
        let shifted = number + 719_468
        let era = shifted.floored(by: 146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * ofYear + 2) / 153
        self.number = number
        day = Int(ofYear - (153 * marchMonth + 2) / 5 + 1)
        month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    package init(year: Int64, month: Int, day: Int) {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.floored(by: 400)
        let yearOfEra = marchYear - era * 400
        let ofYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear - 719_468
        self.year = year
        self.month = month
        self.day = day
    }

    /// From 0 for Sunday to 6.
    package var weekday: Int { Int((number + 4) - (number + 4).floored(by: 7) * 7) }

    /// Whether a year has a 29th of February.
    package static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
}

extension Int64 {
    /// The quotient rounded down, also below zero.
    package func floored(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
