import Synchronization

/// How often the engine's whole list of containers was taken, by reason.
package final class Resyncs: Sendable {
    /// Why the list was asked for.
    package enum Reason: String, Sendable, CaseIterable {
        /// A stream was opened, for the first time or again after a loss.
        case connected
        /// Five minutes had passed.
        case periodic
        /// An event could not be read.
        case unreadable
        /// Other containers are chosen.
        case configuration
    }

    private let counts = Mutex<[Reason: Int]>([:])

    package init() {}

    package func note(_ reason: Reason) { counts.withLock { $0[reason, default: 0] += 1 } }

    package func count(_ reason: Reason) -> Int { counts.withLock { $0[reason] ?? 0 } }
}
