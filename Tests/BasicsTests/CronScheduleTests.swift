import Testing

@testable import Basics

struct CronScheduleTests {
    /// The next times in UTC, without seconds: `2026-01-01 00:00`.
    private func times(
        _ text: String,
        after start: String = "2026-01-01T00:00:00Z",
        _ count: Int = 3
    ) throws -> [String] {
        let table = Timetable(try CronSchedule(text), zone: .utc)
        var moment = try #require(Timestamp(start))
        return try (0..<count).map { _ in
            moment = try #require(table.next(after: moment))
            return String("\(moment)".prefix(16))
        }
    }

    @Test(
        "lists, ranges, steps and names are what crontab(5) says",
        arguments: [
            ("0 0 * * *", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]),
            ("*/20 * * * *", ["2026-01-01T00:20", "2026-01-01T00:40", "2026-01-01T01:00"]),
            ("5,35 4-6/2 * * *", ["2026-01-01T04:05", "2026-01-01T04:35", "2026-01-01T06:05"]),
            ("50/5 23 * * *", ["2026-01-01T23:50", "2026-01-01T23:55", "2026-01-02T23:50"]),
            ("0 12 * * MON-fri", ["2026-01-01T12:00", "2026-01-02T12:00", "2026-01-05T12:00"]),
            ("0 12 * * fri-sun", ["2026-01-02T12:00", "2026-01-03T12:00", "2026-01-04T12:00"]),
            ("0 12 * * 7", ["2026-01-04T12:00", "2026-01-11T12:00", "2026-01-18T12:00"]),
            ("0 12 * * 0", ["2026-01-04T12:00", "2026-01-11T12:00", "2026-01-18T12:00"]),
            ("0 12 * * */3", ["2026-01-03T12:00", "2026-01-04T12:00", "2026-01-07T12:00"]),
            ("0 0 31 * *", ["2026-01-31T00:00", "2026-03-31T00:00", "2026-05-31T00:00"]),
            ("0 0 29 feb *", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
            ("0 0 1 jan,jul *", ["2026-07-01T00:00", "2027-01-01T00:00", "2027-07-01T00:00"]),
            ("@hourly", ["2026-01-01T01:00", "2026-01-01T02:00", "2026-01-01T03:00"]),
            ("@Daily", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]),
            ("@weekly", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
            ("@monthly", ["2026-02-01T00:00", "2026-03-01T00:00", "2026-04-01T00:00"]),
            ("@yearly", ["2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"]),
        ]
    )
    func grammar(text: String, expected: [String]) throws {
        #expect(try times(text) == expected)
    }

    @Test("of a day of the month and a weekday one is enough; beside a star both must fit")
    func days() throws {
        #expect(try times("0 0 13 * fri") == ["2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00"])
        #expect(try times("0 0 */2 * fri") == ["2026-01-09T00:00", "2026-01-23T00:00", "2026-02-13T00:00"])
    }

    @Test("a Sunday that is a 29th of February comes once in 28 years, and in 40 over a century's end")
    func rare() throws {
        #expect(try times("0 0 29 2 */7", 2) == ["2032-02-29T00:00", "2060-02-29T00:00"])
        #expect(try times("0 0 29 2 */7", after: "2089-01-01T00:00:00Z", 1) == ["2128-02-29T00:00"])
    }

    @Test(
        "what is wrong is said of its field",
        arguments: [
            ("", "five fields"), ("* * * *", "five fields"), ("0 * * * * *", "seconds and years are no part"),
            ("60 * * * *", "minute to be 0 to 59"), ("* 24 * * *", "hour to be 0 to 23"),
            ("* * 0 * *", "day of the month to be 1 to 31"),
            ("* * * 13 *", "month to be 1 to 12 or jan"), ("* * * * 8", "weekday to be 0 to 7 or sun"),
            ("* * * * mno", "weekday"),
            ("*/0 * * * *", "step from 1 to 59"), ("*/60 * * * *", "step from 1 to 59"),
            ("5-1 * * * *", "goes forwards"),
            ("* * * * fri-mon", "goes forwards"), ("1,,2 * * * *", "minute"), ("-1 * * * *", "minute"),
            ("1.5 * * * *", "minute"),
            ("+1 * * * *", "minute"), ("0 0 30 2 *", "some year has"), ("0 0 31 4,6 *", "some year has"),
            ("@dayly", "@daily"), ("@reboot", "@daily"), ("@every 5m", "there is `every`"), ("@daily 5", "five fields"),
            ("@every", "there is `every`"),
            ("CRON_TZ=../etc/passwd 0 0 * * *", "time zone"), ("CRON_TZ=/etc 0 0 * * *", "time zone"),
            ("CRON_TZ= 0 0 * * *", "time zone"), ("CRON_TZ=Europe/Berlin", "five fields"),
        ]
    )
    func faults(text: String, expected: String) {
        let fault = #expect(throws: CronSchedule.Fault.self) { try CronSchedule(text) }
        #expect(fault?.expected.contains(expected) == true, "\(fault?.expected ?? "")")
    }

    @Test("the zone stands in front, and blanks count once")
    func zone() throws {
        let schedule = try CronSchedule("  CRON_TZ=America/Argentina/Buenos_Aires \t 30  3 * * mon-fri ")
        #expect(schedule.zone == "America/Argentina/Buenos_Aires")
        #expect(schedule.description == "CRON_TZ=America/Argentina/Buenos_Aires 30 3 * * mon-fri")
        #expect(try CronSchedule("TZ=Etc/GMT+5 @daily").zone == "Etc/GMT+5")
        #expect(try CronSchedule("@daily").zone == nil)
        #expect(try CronSchedule(schedule.description) == schedule)
    }

    @Test(
        "the period is the mean time between two looks",
        arguments: [
            ("@hourly", 3600), ("*/5 * * * *", 300), ("0 9-16 * * *", 10800), ("@weekly", 604_800),
            ("0 0 29 2 *", 126_230_400),
        ]
    )
    func period(text: String, seconds: Int64) throws {
        let period = try CronSchedule(text).period
        #expect(abs((period - .seconds(seconds)).inSeconds) < Double(seconds) / 100)
    }
}
