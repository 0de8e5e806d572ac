import Basics

extension World {
    /// How much of the past nobody has looked at, up to a limit.
    func unseen(atMost limit: Duration) -> Duration {
        previousSweep.map { min(limit, max(.zero, time.now.since($0))) } ?? limit
    }
}
