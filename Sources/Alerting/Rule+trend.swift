import Basics

extension Rule {
    /// When the line through the recent readings reaches the goal: least squares over a bounded ring of points.
    ///
    /// Too few points, a flat or noisy line, and one that leads away are well: the thresholds of a level speak then.
    func trend(
        _ value: Double,
        reaching goal: Double,
        _ levels: Levels<Duration>,
        uptime: Duration,
        memory: inout Memory
    ) -> Judgement {
        guard value.isFinite else { return Self.notANumber }
        guard let (_, longest) = levels.least else { return .ok }
        let now = uptime.inSeconds
        let spacing = max(longest.inSeconds / 4 / Double(Self.pointLimit - 1), 1)
        memory.forgetPointsBeforeBreak(value, now, spacing: spacing)
        if memory.points.last.map({ now - $0.uptime >= spacing }) ?? true {
            memory.points.append(.init(uptime: now, value: value))
            memory.points.removeFirst(max(0, memory.points.count - Self.pointLimit))
        }
        guard memory.points.count >= Self.leastPoints, let slope = memory.slope(), slope != 0 else {
            memory.breached = nil
            return .ok
        }
        let left = (goal - value) / slope
        guard left > 0 else {
            memory.breached = nil
            return .ok
        }
        // A forecast trembles: what is in breach clears only when the goal has moved clearly away.
        let slack = memory.breached == nil ? 1 : 1.25
        guard let (severity, _) = levels.worst(where: { left <= $0.inSeconds * slack }) else {
            memory.breached = nil
            return .ok
        }
        memory.breached = severity
        let span = Duration.seconds(Int64(min(left, 1e10))).rough
        return .breach(
            severity,
            because: "\(measure.unit.text(value)) now, reaches \(measure.unit.text(goal)) in about \(span)"
        )
    }

    static let pointLimit = 32
    static let leastPoints = 6
}

extension Rule.Memory {
    /// A long gap, or a jump against the line by more than half of what the points span (files deleted, a log
    /// rotated), ends the old trend.
    fileprivate mutating func forgetPointsBeforeBreak(_ value: Double, _ now: Double, spacing: Double) {
        guard let last = points.last, let first = points.first else { return }
        let gap = now - last.uptime
        let rise = last.value - first.value
        let step = value - last.value
        let jumpsBack = rise != 0 && step * rise < 0 && abs(step) > abs(rise) / 2
        if gap < 0 || gap > spacing * 8 || (points.count >= Rule.leastPoints && jumpsBack) { points = [] }
    }

    /// The slope of the fitted line; nil where the line explains less than 60 % of the variance.
    fileprivate func slope() -> Double? {
        let count = Double(points.count)
        let meanTime = points.reduce(0) { $0 + $1.uptime } / count
        let meanValue = points.reduce(0) { $0 + $1.value } / count
        var (covariance, timeSpread, valueSpread) = (0.0, 0.0, 0.0)
        for point in points {
            let time = point.uptime - meanTime
            let value = point.value - meanValue
            covariance += time * value
            timeSpread += time * time
            valueSpread += value * value
        }
        guard timeSpread > 0, valueSpread > 0 else { return nil }
        guard covariance * covariance >= 0.6 * timeSpread * valueSpread else { return nil }
        return covariance / timeSpread
    }
}
