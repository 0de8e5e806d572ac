import Glibc
// An optimised build finds `timespec` in this module of the toolchain, not in Glibc.
import SwiftOverlayShims

/// The machine's clocks: the only place that reads them.
package struct SystemTime: TimeSource {
    package init() {}

    package var now: Timestamp {
        let reading = Self.read(CLOCK_REALTIME)
        return Timestamp(milliseconds: Int64(reading.tv_sec) * 1000 + Int64(reading.tv_nsec) / 1_000_000)
    }

    package var uptime: Duration {
        let reading = Self.read(CLOCK_BOOTTIME)
        return .seconds(reading.tv_sec) + .nanoseconds(reading.tv_nsec)
    }

    package var awake: Duration {
        let reading = Self.read(CLOCK_MONOTONIC)
        return .seconds(reading.tv_sec) + .nanoseconds(reading.tv_nsec)
    }

    /// Wall-clock time in nanoseconds since the Unix epoch: for comparing clocks, where a millisecond is too coarse.
    package static var nanoseconds: Int64 {
        let reading = read(CLOCK_REALTIME)
        return Int64(reading.tv_sec) * 1_000_000_000 + Int64(reading.tv_nsec)
    }

    package func sleep(for span: Duration) async throws {
        try await ThreadExecutor.work.sleep(for: span)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var reading = timespec()
        clock_gettime(clock, &reading)
        return reading
    }
}
