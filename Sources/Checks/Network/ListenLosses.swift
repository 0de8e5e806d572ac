import Procfs
import Synchronization

/// What was counted at the previous look: by files, whose queues are full is asked only when overflows have grown, since
/// the kernel takes milliseconds to answer.
final class ListenLosses: Sendable {
    private struct State {
        var overflows: UInt64?
        var drops: [UInt64: UInt32]?
    }

    private let state = Mutex(State())

    /// Whether the counter is greater than at the previous call; false at the first.
    func hasGrown(to present: UInt64) -> Bool {
        state.withLock { state in
            defer { state.overflows = present }
            return state.overflows.map { $0 < present } ?? false
        }
    }

    /// What each socket, by its number, dropped since losses were last told; nothing at the first call.
    ///
    /// The overflows are read a moment earlier: what a socket lost in between is told with the next growth.
    func losses(of queues: [ListenQueue], isTelling: Bool) -> [UInt64: UInt32] {
        state.withLock { state in
            var present: [UInt64: UInt32] = [:]
            for queue in queues {
                if let inode = queue.inode, let drops = queue.drops { present[inode] = drops }
            }
            guard let former = state.drops else {
                state.drops = present
                return [:]
            }
            state.drops = isTelling ? present : former.filter { present[$0.key] != nil }
            // A socket that was not there has dropped all it has since.
            return present.reduce(into: [:]) { losses, entry in
                let loss = entry.value &- (former[entry.key] ?? 0)
                if loss > 0 { losses[entry.key] = loss }
            }
        }
    }
}
