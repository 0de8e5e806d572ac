import Basics
import Glibc
import Synchronization
import Testing

private actor Counter {
    private let thread = ThreadExecutor("test", serves: .actor)
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unowned }
    private var count = 0
    private var threads: Set<pthread_t> = []

    func add() -> Int {
        threads.insert(pthread_self())
        count += 1
        return count
    }

    var threadCount: Int { threads.count }

    nonisolated func assume() { assumeIsolated { _ = $0.count } }
    func assumeFromInside() { assume() }
}

struct ThreadExecutorTests {
    @Test func `all jobs of an actor run one after another on one thread`() async {
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 { group.addTask { _ = await counter.add() } }
        }
        #expect(await counter.add() == 1001)
        #expect(await counter.threadCount == 1)
        await counter.assumeFromInside()
    }

    @Test func `an actor that is released while it works still answers`() async {
        for round in 1...50 {
            let answers = await withTaskGroup(of: Int.self) { group in
                let counter = Counter()
                for _ in 0..<round { group.addTask { await counter.add() } }
                return await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(answers == Set(1...round))
        }
    }

    @Test func `tasks that prefer it run on its thread, with their children and the actors that they call`() async {
        let executor = ThreadExecutor("test", serves: .tasks, patience: .seconds(60))
        let threads = await withTaskExecutorPreference(executor.preference) {
            await withTaskGroup(of: pthread_t.self) { group in
                for _ in 0..<100 { group.addTask { await Place().thread() } }
                return await group.reduce(into: Set<pthread_t>()) { $0.insert($1) }
            }
        }
        #expect(threads.count == 1)
        #expect(!threads.contains(pthread_self()))
    }

    @Test func `what waits behind a job that is stuck gets another thread`() async {
        let executor = ThreadExecutor("test", serves: .tasks, patience: .milliseconds(20))
        let gate = Gate()
        let stuck = Task(executorPreference: executor.preference) { gate.wait() }
        while !gate.isWaitedFor { await Task.yield() }
        let waiting = Task(executorPreference: executor.preference) { gate.isWaitedFor }
        usleep(40_000)
        executor.relieve()
        #expect(await waiting.value)
        #expect(await Task(executorPreference: executor.preference) { true }.value)
        gate.open()
        await stuck.value
        #expect(await Task(executorPreference: executor.preference) { true }.value)
    }

    @Test func `it sleeps no shorter than it is told`() async throws {
        for span in [Duration.zero, .milliseconds(1), .milliseconds(30), .milliseconds(1001)] {
            let began = SystemTime().uptime
            try await ThreadExecutor.work.sleep(for: span)
            #expect(SystemTime().uptime - began >= span)
        }
    }

    @Test func `sleepers wake in the order of their times`() async throws {
        let executor = ThreadExecutor("test", serves: .tasks)
        let woken = try await withTaskExecutorPreference(executor.preference) {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for step in [5, 1, 4, 2, 3] {
                    group.addTask {
                        try await ThreadExecutor.work.sleep(for: .milliseconds(step * 100))
                        return step
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(woken == [1, 2, 3, 4, 5])
    }

    @Test func `a sleep ends at once when its task is cancelled, before or while it waits`() async {
        for isEarly in [true, false] {
            let sleeper = Task {
                if isEarly { while !Task.isCancelled { await Task.yield() } }
                try await ThreadExecutor.work.sleep(for: .seconds(3600))
            }
            if !isEarly { try? await ThreadExecutor.work.sleep(for: .milliseconds(20)) }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }
}

private actor Place {
    func thread() -> pthread_t { pthread_self() }
}

/// Blocks a thread until it is opened.
private final class Gate: Sendable {
    private let isOpen = Atomic(false)
    private let isReached = Atomic(false)

    var isWaitedFor: Bool { isReached.load(ordering: .acquiring) }

    func wait() {
        isReached.store(true, ordering: .releasing)
        while !isOpen.load(ordering: .acquiring) { usleep(1000) }
    }

    func open() { isOpen.store(true, ordering: .releasing) }
}
