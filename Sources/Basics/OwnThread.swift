import Glibc
import Synchronization

/// A thread of its own for work that may block, which is there only while there is work.
///
/// What does not end in time goes on by itself, and nothing new is begun before it has ended: however long something
/// hangs, it costs one thread.
package final class OwnThread: Sendable {
    private let isBusy = Mutex(false)

    package init() {}

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
        let hasBegun = Self.start { [self] in
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

    /// What a thread is given at birth.
    private final class Errand {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    private static func start(_ work: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 256 << 10)
        let errand = Unmanaged.passRetained(Errand(work))
        var id = pthread_t()
        let result = pthread_create(
            &id,
            &attributes,
            { context in
                guard let context else { return nil }
                let errand = Unmanaged<Errand>.fromOpaque(context).takeRetainedValue()
                // The process's signals are for its main thread.
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_SETMASK, &all, nil)
                errand.work()
                return nil
            },
            errand.toOpaque()
        )
        if result != 0 { errand.release() }
        return result == 0
    }
}
