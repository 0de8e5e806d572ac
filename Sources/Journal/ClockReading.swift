import Basics

/// Both clocks at one moment: a later reading tells by how much the wall clock was set between the two.
struct ClockReading: Equatable {
    var wall: Timestamp
    var uptime: Duration

    /// Less than this changes no decision: the shortest `max_age` is as long.
    private static let tolerance = Duration.seconds(60)

    init(wall: Timestamp, uptime: Duration) {
        self.wall = wall
        self.uptime = uptime
    }

    init(_ time: any TimeSource) {
        self.init(wall: time.now, uptime: time.uptime)
    }

    /// How far the wall clock moved beyond the time that passed; nil where it kept going.
    func step(to later: ClockReading) -> Duration? {
        let step = later.wall.since(wall) - (later.uptime - uptime)
        return step > Self.tolerance || step < .zero - Self.tolerance ? step : nil
    }
}

extension ClockReading: CustomStringConvertible {
    /// Reads what `description` writes.
    init?(_ text: String) {
        let numbers = text.split(separator: " ").compactMap { Int64($0) }
        guard numbers.count == 2 else { return nil }
        self.init(wall: Timestamp(milliseconds: numbers[0]), uptime: .milliseconds(numbers[1]))
    }

    var description: String { "\(wall.milliseconds) \(uptime.wholeMilliseconds)" }
}
