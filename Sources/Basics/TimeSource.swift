/// Where the present comes from: both readings of time, and waiting.
///
/// Only services and I/O hold one; pure code takes `at:` and `uptime:` parameters.
package protocol TimeSource: Sendable {
    /// Wall-clock time; may jump.
    var now: Timestamp { get }

    /// Monotonic time since an arbitrary start, suspend included (`CLOCK_BOOTTIME`); never jumps.
    var uptime: Duration { get }

    /// Waits for `span` of monotonic time.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(for span: Duration) async throws
}
