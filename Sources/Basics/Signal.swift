import CThreads

/// What the system and the operator tell a process.
package enum Signal: Int32, Sendable, CaseIterable {
    case hangUp = 1
    case interrupt = 2
    case terminate = 15

    /// `SIGTERM`.
    package var name: String {
        switch self {
        case .hangUp: "SIGHUP"
        case .interrupt: "SIGINT"
        case .terminate: "SIGTERM"
        }
    }

    /// Takes all of them from the system, for good: those that come wait for `next`.
    ///
    /// False where the system refuses.
    package static func trap() -> Bool { allCases.allSatisfy { custos_trap_signal($0.rawValue) == 0 } }

    /// Blocks the thread until the next one comes; nil only without `trap`.
    package static func next() -> Signal? { Signal(rawValue: custos_next_signal()) }
}
