import Basics

/// How long to wait before the next attempt: exponential with full jitter, from 1 s to 5 min.
///
/// Full jitter spreads many senders evenly:
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
package struct Backoff: Sendable, Equatable {
    /// The most that is waited after the first failure.
    package var base: Duration = .seconds(1)
    /// The most that is ever waited.
    package var limit: Duration = .seconds(300)

    package init() {}

    /// The upper bound of the wait after `attempts` failed attempts, 1 being the first.
    package func ceiling(after attempts: Int) -> Duration {
        // 2^32 base intervals exceed every limit; the bound keeps the shift from overflowing.
        let doublings = min(max(attempts - 1, 0), 32)
        return min(limit, base * (1 << doublings))
    }

    /// A wait between zero and the ceiling, yet never shorter than what the receiver asked for.
    package func delay(
        after attempts: Int,
        retryAfter: Duration? = nil,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        let ceiling = ceiling(after: attempts)
        let jittered = Duration.milliseconds(Int64.random(in: 0...max(0, ceiling.wholeMilliseconds), using: &random))
        return max(jittered, retryAfter ?? .zero)
    }
}
