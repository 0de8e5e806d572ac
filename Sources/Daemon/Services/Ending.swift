import ServiceLifecycle
import Synchronization

/// How the watchdog is asked to stop, and why it was.
final class Ending: Sendable {
    private struct State {
        var because = "asked to"
        var group: ServiceGroup?
    }

    private let state = Mutex(State())

    var because: String { state.withLock(\.because) }

    /// What is to be stopped.
    func attach(_ group: ServiceGroup) { state.withLock { $0.group = group } }

    func stop(_ because: String) async {
        let group = state.withLock { state in
            state.because = because
            return state.group
        }
        await group?.triggerGracefulShutdown()
    }
}
