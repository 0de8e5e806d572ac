package import Basics
import Synchronization

/// A clock that moves only when told, and wakes those who sleep on it in order.
package final class ManualTime: TimeSource {
    private struct Sleeper {
        var id: Int
        var deadline: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Timestamp
        var uptime: Duration
        var sleepers: [Sleeper] = []
        var nextID = 0
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    package init(now: Timestamp = Timestamp(milliseconds: 1_700_000_000_000), uptime: Duration = .seconds(1000)) {
        state = Mutex(State(now: now, uptime: uptime))
    }

    package var now: Timestamp { state.withLock(\.now) }
    package var uptime: Duration { state.withLock(\.uptime) }

    /// How many tasks sleep at present.
    package var sleeperCount: Int { state.withLock(\.sleepers.count) }

    /// Whether a task sleeps that is to be woken after just this span.
    package func hasSleeper(for span: Duration) -> Bool {
        state.withLock { state in state.sleepers.contains { $0.deadline == state.uptime + span } }
    }

    /// Moves both readings forward and wakes, in the order of their deadlines, all whose time has come.
    package func advance(by span: Duration) {
        let due = state.withLock { state in
            state.now = state.now + span
            state.uptime += span
            let uptime = state.uptime
            let due = state.sleepers.filter { $0.deadline <= uptime }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= uptime }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Steps the wall clock without any time passing.
    package func stepClock(by span: Duration) {
        state.withLock { $0.now = $0.now + span }
    }

    package func sleep(for span: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                enum Next { case wake, cancel, wait }
                let next: Next = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .cancel }
                    if span <= .zero { return .wake }
                    state.sleepers.append(
                        Sleeper(id: id, deadline: state.uptime + span, continuation: continuation)
                    )
                    return .wait
                }
                switch next {
                case .wake: continuation.resume()
                case .cancel: continuation.resume(throwing: CancellationError())
                case .wait: break
                }
            }
        } onCancel: {
            let sleeper: Sleeper? = state.withLock { state in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
