/// Where the present comes from: both readings of time, and waiting.
///
/// Only services and I/O hold one; pure code takes `at:` and `uptime:` parameters.
package protocol TimeSource: Sendable {
    /// Wall-clock time; may jump.
    var now: Timestamp { get }

    /// Monotonic time since an arbitrary start, suspend included (`CLOCK_BOOTTIME`); never jumps.
    var uptime: Duration { get }

    /// Monotonic time since an arbitrary start without suspend (`CLOCK_MONOTONIC`): by which others count.
    var awake: Duration { get }

    /// Waits for `span` of monotonic time.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(for span: Duration) async throws
}

extension TimeSource {
    /// A machine that is never suspended.
    package var awake: Duration { uptime }
}
