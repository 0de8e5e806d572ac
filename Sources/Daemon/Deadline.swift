import Basics
import Synchronization

/// The result of `work`, or nil when `limit` passes first.
///
/// With an `executor` the work runs on it. Work that does not heed cancellation is left behind, not waited for: a call that
/// hangs for ever costs its own task and nothing else. The same when the caller itself is cancelled.
func withDeadline<Value: Sendable>(
    _ limit: Duration,
    time: any TimeSource,
    on executor: ThreadExecutor? = nil,
    _ work: @escaping @Sendable () async -> Value
) async -> Value? {
    let race = Race<Value>()
    let worker = Task(executorPreference: executor?.preference) { race.finish(await work()) }
    let timer = Task {
        let end = time.uptime + limit
        // What waits behind work that hangs must not run out of time before it has begun.
        let step = executor == nil ? limit : .milliseconds(700)
        while end > time.uptime {
            guard (try? await time.sleep(for: min(step, end - time.uptime))) != nil else { return }
            executor?.relieve()
        }
        race.finish(nil)
    }
    defer {
        worker.cancel()
        timer.cancel()
    }
    return await withTaskCancellationHandler {
        await withCheckedContinuation { race.wait($0) }
    } onCancel: {
        race.finish(nil)
    }
}

/// Hands the first of several results to the one who waits.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value?, Never>)
        case finished(Value?)
        case done
    }

    private let state = Mutex(State.open)

    func wait(_ continuation: CheckedContinuation<Value?, Never>) {
        let ready: Value?? = state.withLock { state in
            if case .finished(let value) = state {
                state = .done
                return .some(value)
            }
            state = .waiting(continuation)
            return nil
        }
        if let ready { continuation.resume(returning: ready) }
    }

    func finish(_ value: Value?) {
        let waiting: CheckedContinuation<Value?, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .finished(value)
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .finished, .done:
                return nil
            }
        }
        waiting?.resume(returning: value)
    }
}
