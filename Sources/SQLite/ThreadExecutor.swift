import Glibc

/// Runs an actor's jobs on one thread of its own, so that blocking calls never hold the cooperative pool.
///
/// The thread sleeps on a condition variable while there is nothing to do, and ends when the executor is released.
package final class ThreadExecutor: Sendable {
    private let worker: Worker

    /// Starts the thread.
    package init() {
        worker = Worker()
        worker.start()
    }

    deinit {
        worker.stop()
    }

    /// What an actor returns from `unownedExecutor`; it must keep the `ThreadExecutor` alive.
    package var unowned: UnownedSerialExecutor { worker.asUnownedSerialExecutor() }
}

/// The queue and the thread that empties it; the thread keeps it alive until it ends.
///
/// `@unchecked Sendable`: `jobs` and `stopped` are touched only while `mutex` is held, `thread` is written once by
/// `start` before any job can run.
private final class Worker: SerialExecutor, @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [UnownedJob] = []
    private var stopped = false
    private var thread = pthread_t()

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func start() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 512 << 10)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let code = pthread_create(
            &thread,
            &attributes,
            { context in
                if let context { Unmanaged<Worker>.fromOpaque(context).takeRetainedValue().work() }
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        pthread_attr_destroy(&attributes)
        precondition(code == 0, "The system refuses a thread.")
    }

    func stop() {
        pthread_mutex_lock(mutex)
        stopped = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pthread_mutex_lock(mutex)
        jobs.append(job)
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    func checkIsolated() {
        precondition(pthread_equal(thread, pthread_self()) != 0, "Not on the executor's thread.")
    }

    private func work() {
        let executor = asUnownedSerialExecutor()
        while true {
            pthread_mutex_lock(mutex)
            while jobs.isEmpty, !stopped { pthread_cond_wait(condition, mutex) }
            let due = jobs
            jobs.removeAll(keepingCapacity: true)
            pthread_mutex_unlock(mutex)
            // Jobs that came before the stop still run: an actor's last job may be the one that releases it.
            if due.isEmpty { return }
            for job in due { job.runSynchronously(on: executor) }
        }
    }
}
