import Basics

extension Rule {
    /// Growth per second since the last reading.
    ///
    /// The first reading, a reset and another boot give no judgement (S15):
    /// an alert keeps its state for that one sweep.
    func rate(_ total: Double, _ levels: Levels<Double>, uptime: Duration, memory: inout Memory) -> Judgement {
        guard total.isFinite else { return Self.notANumber }
        let now = uptime.inSeconds
        let last = memory.lastValue.flatMap { value in memory.lastUptime.map { (value: value, uptime: $0) } }
        if let last, now >= last.uptime, now - last.uptime < Self.leastRateSpan {
            // Readings so close together make rates of noise; the earlier one stays the base.
            return .unknown(because: "no judgement yet: the last reading is too recent for a rate")
        }
        memory.lastValue = total
        memory.lastUptime = now
        guard let last else { return .unknown(because: "no judgement yet: a rate needs two readings") }
        guard now > last.uptime, total >= last.value else {
            memory.breached = nil
            return .unknown(because: "no judgement yet: the counter was reset")
        }
        let rate = (total - last.value) / (now - last.uptime)
        memory.judged = rate
        guard let (severity, threshold) = levels.worst(where: { rate > $0 }) else { return .ok }
        return .breach(severity, because: "\(Unit.perSecond.text(rate)) is above \(Unit.perSecond.text(threshold))")
    }

    /// Seconds between two readings that make a rate.
    private static let leastRateSpan = 0.25
}
