import Testing

@testable import Basics

struct CivilDayTests {
    @Test(
        "a day's number is its date and its weekday",
        arguments: [
            (0, 1970, 1, 1, 4), (-1, 1969, 12, 31, 3), (11_016, 2000, 2, 29, 2), (20_513, 2026, 3, 1, 0),
            (47_540, 2100, 2, 28, 0), (47_541, 2100, 3, 1, 1), (-719_468, 0, 3, 1, 3),
        ] as [(Int64, Int64, Int, Int, Int)]
    )
    func dates(number: Int64, year: Int64, month: Int, day: Int, weekday: Int) {
        let civil = CivilDay(number)
        #expect(civil == CivilDay(year: year, month: month, day: day))
        #expect(civil.weekday == weekday)
        #expect(CivilDay(year: year, month: month, day: day).number == number)
    }

    @Test("every day of eight centuries is the one after the day before")
    func successors() {
        var last = CivilDay(-146_097)
        for number in Int64(-146_096)...146_097 {
            let next = CivilDay(number)
            let isNewYear = last.month == 12 && last.day == 31
            if next.day > 1 {
                #expect(next.day == last.day + 1 && next.month == last.month && next.year == last.year)
            } else {
                #expect(next.month == (isNewYear ? 1 : last.month + 1))
                #expect(next.year == (isNewYear ? last.year + 1 : last.year))
                #expect(last.day >= 28 && (last.month != 2 || last.day == (CivilDay.isLeap(last.year) ? 29 : 28)))
            }
            last = next
        }
    }
}
