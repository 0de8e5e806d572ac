import Testing

@testable import Basics

struct TimetableTests {
    /// The next times, in UTC, by the clocks of a POSIX zone.
    private func times(_ text: String, in zone: String, after start: String, _ count: Int) throws -> [String] {
        let table = Timetable(try CronSchedule(text), zone: try #require(ZoneRules(posix: zone)))
        var moment = try #require(Timestamp(start))
        return try (0..<count).map { _ in
            moment = try #require(table.next(after: moment))
            return String("\(moment)".dropFirst(5).prefix(11))
        }
    }

    private let berlin = "CET-1CEST,M3.5.0,M10.5.0/3"

    @Test("a time is later than the moment, however little")
    func boundaries() throws {
        let table = Timetable(try CronSchedule("0 12 * * *"), zone: .utc)
        let noon = try #require(Timestamp("2026-05-05T12:00:00Z"))
        #expect(table.next(after: noon - .milliseconds(1)) == noon)
        #expect(table.next(after: noon) == noon + .seconds(86400))
        #expect(table.next(after: noon + .milliseconds(1)) == noon + .seconds(86400))
        let minutes = Timetable(try CronSchedule("* * * * *"), zone: .utc)
        #expect(minutes.next(after: noon - .milliseconds(1)) == noon)
        #expect(minutes.next(after: noon) == noon + .seconds(60))
    }

    @Test("what clocks leave out is made up for once, at the jump")
    func skipped() throws {
        #expect(
            try times("30 2 * * *", in: berlin, after: "2026-03-27T12:00:00Z", 4)
                == ["03-28T01:30", "03-29T01:00", "03-30T00:30", "03-31T00:30"]
        )
        #expect(
            try times("*/20 2 * * *", in: berlin, after: "2026-03-28T01:30:00Z", 4)
                == ["03-28T01:40", "03-29T01:00", "03-30T00:00", "03-30T00:20"]
        )
        // The first minute after the jump is the jump itself.
        #expect(
            try times("0,30 2,3 * * *", in: berlin, after: "2026-03-29T00:00:00Z", 3)
                == ["03-29T01:00", "03-29T01:30", "03-30T00:00"]
        )
    }

    @Test("what clocks show twice counts once")
    func repeated() throws {
        #expect(
            try times("30 2 * * *", in: berlin, after: "2026-10-24T12:00:00Z", 3)
                == ["10-25T00:30", "10-26T01:30", "10-27T01:30"]
        )
        #expect(
            try times("*/30 2,3 * * *", in: berlin, after: "2026-10-25T00:00:00Z", 4)
                == ["10-25T00:30", "10-25T02:00", "10-25T02:30", "10-26T01:00"]
        )
    }

    @Test("a schedule for every hour goes by the hours that pass")
    func hourly() throws {
        #expect(
            try times("30 * * * *", in: berlin, after: "2026-10-24T23:00:00Z", 4)
                == ["10-24T23:30", "10-25T00:30", "10-25T01:30", "10-25T02:30"]
        )
        #expect(
            try times("30 * * * *", in: berlin, after: "2026-03-29T00:00:00Z", 3)
                == ["03-29T00:30", "03-29T01:30", "03-29T02:30"]
        )
        // By local days: a Sunday begins at 23:00 UTC before.
        #expect(
            try times("0 * * * sun", in: berlin, after: "2026-01-03T12:00:00Z", 2) == ["01-03T23:00", "01-04T00:00"]
        )
    }

    @Test("a zone off the full hour, and one that changes by half an hour")
    func oddZones() throws {
        #expect(
            try times("0 * * * *", in: "<+0545>-5:45", after: "2026-01-01T00:00:00Z", 2) == [
                "01-01T00:15", "01-01T01:15",
            ]
        )
        let island = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
        #expect(
            try times("15 2 * * *", in: island, after: "2026-10-02T16:00:00Z", 2) == ["10-03T15:30", "10-04T15:15"]
        )
    }

    @Test("beyond the calendar there is nothing")
    func far() throws {
        let table = Timetable(try CronSchedule("* * * * *"), zone: .utc)
        for extreme in [Int64.min, .max] { #expect(table.next(after: Timestamp(milliseconds: extreme)) == nil) }
    }
}
