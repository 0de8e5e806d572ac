/// A counter's readings over a span of monotonic time, for its growth per second on average.
///
/// A burst between two sweeps stays visible for the whole span, whatever the interval: what is judged neither flaps nor
/// changes its meaning with `every`.
struct CounterWindow {
    private var readings: [(at: Duration, total: UInt64)] = []

    /// More readings than this are thinned out; the average needs the ends only.
    private static let most = 16

    /// Takes in a reading; nil until there are two, also after a reset.
    ///
    /// Until the readings cover the span, the average is over what they cover.
    mutating func add(_ total: UInt64, at now: Duration, over span: Duration) -> Double? {
        if let last = readings.last, total < last.total || now < last.at { readings = [] }
        readings.append((now, total))
        // The youngest reading that is a whole span old stays: the average covers at least the span.
        while readings.count > 2, now - readings[1].at >= span { readings.removeFirst() }
        if readings.count > Self.most {
            let last = readings[readings.count - 1]
            readings = readings.dropLast().enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element) + [last]
        }
        guard let first = readings.first, first.at < now else { return nil }
        return Double(total - first.total) / ((now - first.at) / .seconds(1))
    }
}
