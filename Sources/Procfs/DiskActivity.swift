import Basics

/// What a block device did between two readings of its counters.
package struct DiskActivity: Sendable, Equatable {
    package var reads: UInt64
    package var writes: UInt64
    /// Seconds that all reads together took.
    package var readSeconds: Double
    /// Seconds that all writes together took.
    package var writeSeconds: Double
    /// Share of the time in which any I/O was under way, at most 1.
    package var busy: Double
    /// I/Os that had not ended at the second reading.
    package var inFlight: UInt64
    /// Whether an I/O was under way all the time and none ended.
    package var isStalled: Bool

    /// Nil where a counter of I/Os went back: another device took the name, or it was added anew.
    ///
    /// - Parameters:
    ///   - first: The earlier reading.
    ///   - second: The later one.
    ///   - seconds: The time between them, more than 0.
    package init?(from first: DiskStats.Device, to second: DiskStats.Device, over seconds: Double) {
        guard second.reads >= first.reads, second.writes >= first.writes, second.others >= first.others, seconds > 0
        else { return nil }
        reads = second.reads - first.reads
        writes = second.writes - first.writes
        readSeconds = Self.seconds(from: first.readTime, to: second.readTime)
        writeSeconds = Self.seconds(from: first.writeTime, to: second.writeTime)
        busy = min(1, Self.seconds(from: first.busyTime, to: second.busyTime) / seconds)
        inFlight = second.inFlight
        isStalled =
            first.inFlight > 0 && second.inFlight > 0 && reads == 0 && writes == 0
            && second.others == first.others
    }

    /// How many I/Os ended.
    package var count: UInt64 { reads.addingClamped(writes) }

    /// Seconds that an I/O took on average, waiting included; nil where none ended.
    package var awaitSeconds: Double? { count > 0 ? (readSeconds + writeSeconds) / Double(count) : nil }

    /// The growth of a counter of milliseconds, which starts again at 0 after 2^32−1.
    private static func seconds(from first: UInt64, to second: UInt64) -> Double {
        if second >= first { return Double(second - first) / 1000 }
        let range: UInt64 = 1 << 32
        return first < range ? Double(range - first + second) / 1000 : 0
    }
}
