import Glibc
import SQLite
import Testing

private actor Counter {
    private let thread = ThreadExecutor()
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
}
