/// A schedule by the clocks of a zone.
///
/// Where clocks are put forward, what they leave out is made up for once, at the jump; where they are put back, what they
/// show twice counts once, as with cron(8). A schedule for every hour goes by the hours that pass instead: none twice,
/// none late.
package struct Timetable: Sendable, Equatable {
    package let schedule: CronSchedule
    private let zone: ZoneRules

    package init(_ schedule: CronSchedule, zone: ZoneRules) {
        self.schedule = schedule
        self.zone = zone
    }

    /// The mean time from one look to the next.
    package var period: Duration { schedule.period }

    /// The first time after a moment; nil beyond the calendar's end.
    package func next(after moment: Timestamp) -> Timestamp? {
        let second = moment.milliseconds.floored(by: 1000)
        guard abs(second) < Self.farthest else { return nil }
        let next = isHourly ? nextOfHours(after: second) : nextOfClock(after: second)
        return next.map { Timestamp(milliseconds: $0 * 1000) }
    }

    /// Seconds from the epoch within which there is a calendar: about 8,000 years.
    private static let farthest: Int64 = 250_000_000_000
    /// Days without a look, at most: a Sunday, 29th of February, when a century's end leaves one out.
    private static let patience: Int64 = 366 * 41

    private var isHourly: Bool { schedule.hours == (1 << 24) - 1 }

    /// Every local time happens once.
    private func nextOfClock(after second: Int64) -> Int64? {
        // A day may begin long after its date: the jump over a whole one happened.
        let today = (second + zone.span(at: second).offset).floored(by: 86400)
        for number in (today - 2)...(today + Self.patience) where schedule.covers(CivilDay(number)) {
            let day = number * 86400
            guard zone.moment(ofLocal: day + 86399) > second else { continue }
            for hour in Int64(0)..<24 where schedule.hours & 1 << UInt64(hour) != 0 {
                let start = day + hour * 3600
                guard zone.moment(ofLocal: start + 3599) > second else { continue }
                for minute in Int64(0)..<60 where schedule.minutes & 1 << UInt64(minute) != 0 {
                    let moment = zone.moment(ofLocal: start + minute * 60)
                    if moment > second { return moment }
                }
            }
        }
        return nil
    }

    /// Every minute that passes has a local time.
    private func nextOfHours(after second: Int64) -> Int64? {
        var from = second + 1
        let end = from + Self.patience * 86400
        while from < end {
            let span = zone.span(at: from)
            let last = min(span.end ?? end, end)
            if let local = firstLocal(from: from + span.offset, before: last + span.offset) {
                return local - span.offset
            }
            from = last
        }
        return nil
    }

    /// The first full minute of the schedule between two local times.
    private func firstLocal(from start: Int64, before end: Int64) -> Int64? {
        var local = -(-start).floored(by: 60) * 60
        while local < end {
            let day = local.floored(by: 86400)
            guard schedule.covers(CivilDay(day)) else {
                local = (day + 1) * 86400
                continue
            }
            let minute = (local.floored(by: 60) % 60 + 60) % 60
            let later = schedule.minutes >> UInt64(minute)
            guard later != 0 else {
                local += (60 - minute) * 60
                continue
            }
            local += Int64(later.trailingZeroBitCount) * 60
            // The hour's end may be the day's, but a minute of the same hour is on the same day.
            return local < end ? local : nil
        }
        return nil
    }
}
