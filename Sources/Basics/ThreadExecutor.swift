import CThreads
import Glibc
// An optimised build finds `timespec` in this module of the toolchain, not in Glibc.
import SwiftOverlayShims

/// Runs jobs one after another on a thread of its own, which sleeps while there is nothing to do.
package final class ThreadExecutor: Sendable {
    private let worker: Worker

    /// Where everything runs that never blocks, once `takePool` was called.
    package static let work = ThreadExecutor("custos-work", serves: .pool)

    /// Where the checks look: a kernel file may be slow, and some, beside a process that is stuck, never answer.
    package static let looks = ThreadExecutor("custos-looks", serves: .tasks)

    /// Makes `work` run all that Swift's own pool would run.
    ///
    /// That pool wakes up every second for as long as it lives, ends its threads after five idle seconds, wakes two of them
    /// for one job, and keeps the timer of every sleep that was cancelled: more than half of what an idle Custos cost.
    package static func takePool() {
        custos_take_jobs { job in
            guard let job else { return }
            ThreadExecutor.work.worker.enqueue(Job(unsafeBitCast(job, to: UnownedJob.self), isClaimed: false))
        }
    }

    /// Whose jobs an executor runs.
    package enum Clients: Sendable {
        /// One actor's: its jobs never overlap.
        case actor
        /// Those of tasks that prefer it.
        case tasks
        /// All that no other executor claims.
        case pool
    }

    /// Starts the thread; it ends when the executor is released.
    ///
    /// A job that comes while another has held the thread for longer than `patience` starts a new thread, which takes over
    /// what waits; not for an actor, whose jobs must not overlap.
    package init(_ name: String, serves clients: Clients, patience: Duration = .seconds(2)) {
        worker = Worker(name, clients, patience)
        worker.start()
    }

    deinit {
        worker.stop()
    }

    /// What an actor returns from `unownedExecutor`; it must keep the `ThreadExecutor` alive.
    package var unowned: UnownedSerialExecutor { worker.asUnownedSerialExecutor() }

    /// Looks whether a job holds the thread while others wait, as each new job does.
    package func relieve() { worker.relieve() }

    /// What tasks are told to prefer; it does not keep the `ThreadExecutor` alive.
    package var preference: any TaskExecutor { worker }

    /// Waits for `span`, to the next 20 ms where it is longer than a second, so that waits that began together end together.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first; nothing is left behind then.
    package func sleep(for span: Duration) async throws {
        try await worker.sleep(for: span)
    }
}

private struct Job {
    var job: UnownedJob
    /// Whether its task or actor asked for this executor; one from the pool must not learn of it.
    var isClaimed: Bool

    init(_ job: UnownedJob, isClaimed: Bool) {
        self.job = job
        self.isClaimed = isClaimed
    }
}

/// The queue, the timers and the thread that serves them; the thread keeps it alive until it ends.
///
/// `@unchecked Sendable`: `state` is touched only while `mutex` is held, and never across a wait.
private final class Worker: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private struct Timer {
        var number: Int
        var due: Duration
        var waiting: CheckedContinuation<Void, any Error>
    }

    private enum Duty {
        case job(Job)
        case timers([Timer])
        /// Nothing before this time, or before somebody brings something.
        case wait(until: Duration?, from: Duration)
        case end
    }

    private struct State {
        var jobs: [Job] = []
        /// The first of `jobs` that has not been taken.
        var next = 0
        /// A few dozen at most, in no order.
        var timers: [Timer] = []
        var timersMade = 0
        /// The thread in office; one that got stuck has lost it.
        var thread = 0
        /// How many have not ended, stuck ones included.
        var threads = 0
        /// When the thread in office began what it is doing.
        var busySince: Duration?
        var current = pthread_t()
        var isStopped = false

        /// What the thread with this number does next.
        mutating func duty(of number: Int, at now: Duration) -> Duty {
            guard number == thread else {
                threads -= 1
                return .end
            }
            busySince = now
            let due = timers.filter { $0.due <= now }
            if !due.isEmpty {
                timers.removeAll { $0.due <= now }
                return .timers(due.sorted { $0.due < $1.due })
            }
            if next < jobs.count {
                // Where jobs never end, those that are done must not pile up.
                if next >= 1024, next * 2 >= jobs.count {
                    jobs.removeFirst(next)
                    next = 0
                }
                defer { next += 1 }
                return .job(jobs[next])
            }
            jobs.removeAll(keepingCapacity: jobs.capacity <= 256)
            next = 0
            // Jobs that came before the stop still ran: an actor's last job may be the one that releases it.
            if isStopped {
                threads -= 1
                return .end
            }
            busySince = nil
            return .wait(until: timers.map(\.due).min(), from: now)
        }

        /// Whether something waits behind a job that takes too long.
        func isStuck(_ patience: Duration, at now: Duration) -> Bool {
            guard let busySince, now - busySince > patience else { return false }
            return next < jobs.count || timers.contains { $0.due <= now }
        }
    }

    /// Most threads that may be stuck before no more are started.
    private static let threadLimit = 16

    private let name: String
    private let clients: ThreadExecutor.Clients
    private let patience: Duration
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state = State()

    init(_ name: String, _ clients: ThreadExecutor.Clients, _ patience: Duration) {
        self.name = name
        self.clients = clients
        self.patience = patience
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    private func locked<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    // MARK: - Jobs

    func enqueue(_ job: consuming ExecutorJob) { enqueue(Job(UnownedJob(job), isClaimed: true)) }

    func enqueue(_ job: Job) {
        locked { state in
            state.jobs.append(job)
            pthread_cond_signal(condition)
            relieve(&state)
        }
    }

    func relieve() { locked { relieve(&$0) } }

    /// Starts another thread where one is stuck; refused, what waits is served when it returns or a later job tries again.
    private func relieve(_ state: inout State) {
        guard clients != .actor, state.threads < Self.threadLimit,
            state.isStuck(patience, at: SystemTime().uptime)
        else { return }
        _ = start(&state)
    }

    func checkIsolated() {
        let current = locked(\.current)
        precondition(pthread_equal(current, pthread_self()) != 0, "Not on the executor's thread.")
    }

    func stop() {
        let sleepers = locked { state in
            state.isStopped = true
            pthread_cond_signal(condition)
            defer { state.timers = [] }
            return state.timers
        }
        for sleeper in sleepers { sleeper.waiting.resume(throwing: CancellationError()) }
    }

    // MARK: - Timers

    func sleep(for span: Duration) async throws {
        let now = SystemTime().uptime
        var due = now + span
        if span > .seconds(1) { due = due.roundedUp(to: .milliseconds(20)) }
        let number = locked { state in
            state.timersMade += 1
            return state.timersMade
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { add(Timer(number: number, due: due, waiting: $0)) }
        } onCancel: {
            cancel(number)
        }
    }

    private func add(_ timer: Timer) {
        let isAdded = locked { state in
            // Asked under the lock: a cancellation either sees the timer or is seen here.
            guard !Task.isCancelled else { return false }
            let wakes = state.timers.allSatisfy { timer.due < $0.due }
            state.timers.append(timer)
            if wakes { pthread_cond_signal(condition) }
            return true
        }
        if !isAdded { timer.waiting.resume(throwing: CancellationError()) }
    }

    private func cancel(_ number: Int) {
        let cancelled = locked { state in
            state.timers.firstIndex { $0.number == number }.map { state.timers.remove(at: $0) }
        }
        cancelled?.waiting.resume(throwing: CancellationError())
    }

    // MARK: - Threads

    func start() {
        let isStarted = locked { start(&$0) }
        precondition(isStarted, "The system refuses a thread.")
    }

    /// Puts a new thread into office; false where the system refuses one, and nothing changes then.
    private func start(_ state: inout State) -> Bool {
        let number = state.thread + 1
        // It waits for the mutex first.
        guard DetachedThread.start(name, stack: 512 << 10, { self.serve(number) }) else { return false }
        state.thread = number
        state.threads += 1
        state.busySince = nil
        return true
    }

    private func serve(_ number: Int) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        state.current = pthread_self()
        while true {
            let duty = state.duty(of: number, at: SystemTime().uptime)
            if case .wait(let due, let now) = duty {
                wait(until: due, from: now)
                continue
            }
            pthread_mutex_unlock(mutex)
            defer { pthread_mutex_lock(mutex) }
            switch duty {
            case .job(let job):
                if !job.isClaimed {
                    custos_run_job(unsafeBitCast(job.job, to: UnsafeMutableRawPointer.self))
                } else if clients == .actor {
                    job.job.runSynchronously(on: asUnownedSerialExecutor())
                } else {
                    job.job.runSynchronously(on: asUnownedTaskExecutor())
                }
            case .timers(let due): for timer in due { timer.waiting.resume() }
            case .wait: break
            case .end: return
            }
        }
    }

    /// Gives the mutex away until something comes or the time is there.
    ///
    /// While the machine is suspended this clock stands still: a wait is longer then by what was left of it.
    private func wait(until due: Duration?, from now: Duration) {
        guard let due else {
            pthread_cond_wait(condition, mutex)
            return
        }
        var moment = timespec()
        clock_gettime(CLOCK_MONOTONIC, &moment)
        let (seconds, attoseconds) = (due - now).components
        moment.tv_sec += Int(seconds)
        moment.tv_nsec += Int(attoseconds / 1_000_000_000)
        if moment.tv_nsec >= 1_000_000_000 {
            moment.tv_sec += 1
            moment.tv_nsec -= 1_000_000_000
        }
        pthread_cond_timedwait(condition, mutex, &moment)
    }
}

extension Duration {
    fileprivate func roundedUp(to step: Duration) -> Duration {
        let (whole, unit) = (components, step.components.attoseconds)
        let past = whole.attoseconds % unit
        return past == 0 ? self : self + Duration(secondsComponent: 0, attosecondsComponent: unit - past)
    }
}
