import Synchronization

/// Joins a task's cancellation with the transfer it cancels, whichever comes first.
final class TransferCell: Sendable {
    private struct State {
        var transfer: Transfer?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Notes the transfer; false when the cancellation came first.
    func fill(_ transfer: Transfer) -> Bool {
        state.withLock { state in
            state.transfer = transfer
            return !state.isCancelled
        }
    }

    /// Notes the cancellation; the transfer when it came first.
    func cancel() -> Transfer? {
        state.withLock { state in
            state.isCancelled = true
            return state.transfer
        }
    }
}
