import Synchronization

/// A thread of its own for work that may block, which is there only while there is work.
///
/// What does not end in time goes on by itself, and nothing new is begun before it has ended: however long something
/// hangs, it costs one thread.
package final class OwnThread: Sendable {
    private let isBusy = Mutex(false)

    private let name: String

    /// `name` is what `top -H` shows, at most 15 bytes.
    package init(_ name: String) { self.name = name }

    /// What `work` gives; nil when it takes longer than `patience`, when earlier work has not ended yet, and when the
    /// system refuses a thread.
    package func run<Value: Sendable>(
        atMost patience: Duration,
        time: any TimeSource,
        _ work: @escaping @Sendable () -> Value
    ) async -> Value? {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else { return nil }
        let (answers, answer) = AsyncStream<Value>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let hasBegun = DetachedThread.start(name) { [self] in
            let value = work()
            isBusy.withLock { $0 = false }
            answer.yield(value)
            answer.finish()
        }
        guard hasBegun else {
            isBusy.withLock { $0 = false }
            return nil
        }
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask {
                for await value in answers { return value }
                return nil
            }
            group.addTask {
                try? await time.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
