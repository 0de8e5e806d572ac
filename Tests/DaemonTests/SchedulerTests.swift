import Alerting
import Basics
import Checks
import Procfs
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Collects what a scheduler submits and lets a test wait for it.
private actor Submissions {
    private(set) var sweeps: [Sweep] = []
    private var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func add(_ sweep: Sweep) {
        sweeps.append(sweep)
        let ready = waiters.filter { $0.count <= sweeps.count }
        waiters.removeAll { $0.count <= sweeps.count }
        for waiter in ready { waiter.continuation.resume() }
    }

    func reached(_ count: Int) async {
        guard sweeps.count < count else { return }
        await withCheckedContinuation { waiters.append((count, $0)) }
    }
}

@Suite(.timeLimit(.minutes(1))) struct SchedulerTests {
    private let time = ManualTime()
    private let submissions = Submissions()

    private func scheduler() -> Scheduler {
        Scheduler(
            time: time,
            world: { [time] _ in World(host: Host(roots: HostRoots(proc: "/nowhere", sys: "/nowhere")), time: time) },
            submit: { [submissions] in await submissions.add($0) }
        )
    }

    private func instance(
        _ kind: String,
        every: Duration = .seconds(30),
        timetable: Timetable? = nil,
        fingerprint: String = "1",
        observe: @escaping @Sendable (World) async -> Result<[Observation], CheckError> = { _ in .success([]) }
    ) -> CheckInstance {
        CheckInstance(
            plan: CheckPlan(check: CheckID(kind), rules: []),
            every: every,
            timetable: timetable,
            timeout: .seconds(10),
            fingerprint: fingerprint,
            observe: observe
        )
    }

    /// Waits until so many tasks sleep on the manual clock: then nothing moves before the next `advance`.
    private func settle(_ sleepers: Int) async {
        while time.sleeperCount < sleepers { await Task.yield() }
    }

    @Test("S15 the first sweep runs at once")
    func firstSweepAtOnce() async {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd")])
        await submissions.reached(1)
        #expect(await submissions.sweeps.map(\.check) == [CheckID("filefd")])
        #expect(await submissions.sweeps.first?.coverage == .complete)
    }

    @Test("an instance sweeps again after its interval, not before")
    func keepsItsRhythm() async {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd")])
        await submissions.reached(1)
        await settle(1)
        time.advance(by: .seconds(29))
        #expect(time.sleeperCount == 1)
        #expect(await submissions.sweeps.count == 1)
        time.advance(by: .seconds(1))
        await submissions.reached(2)
    }

    @Test("a check that hangs is timed out, holds no other instance back, and is not asked again before it answers")
    func hungCheckIsTimedOut() async {
        let scheduler = scheduler()
        let looks = Atomic(0)
        let hung = instance("neigh") { _ in
            looks.add(1, ordering: .relaxed)
            await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
            return .success([])
        }
        await scheduler.apply([hung, instance("filefd")])
        await submissions.reached(1)
        #expect(await submissions.sweeps.map(\.check) == [CheckID("filefd")])
        await settle(2)
        time.advance(by: .seconds(10))
        await submissions.reached(2)
        let sweep = await submissions.sweeps.last
        #expect(sweep?.check == CheckID("neigh"))
        #expect(sweep?.outcome == .failure(.timedOut(after: .seconds(10))))
        await settle(2)
        time.advance(by: .seconds(20))
        await submissions.reached(4)
        #expect(await submissions.sweeps.suffix(2).contains { $0.outcome == .failure(.timedOut(after: .seconds(10))) })
        #expect(looks.load(ordering: .relaxed) == 1)
    }

    @Test("S14 a reload restarts only the instances whose settings changed")
    func reloadRestartsOnlyWhatChanged() async {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd"), instance("neigh")])
        await submissions.reached(2)
        await settle(2)
        await scheduler.apply([instance("filefd"), instance("neigh", fingerprint: "2")])
        await submissions.reached(3)
        await settle(2)
        #expect(await submissions.sweeps.last?.check == CheckID("neigh"))
        #expect(await submissions.sweeps.count == 3)
    }

    @Test("a removed instance sweeps no more")
    func removedInstanceStops() async {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd")])
        await submissions.reached(1)
        await settle(1)
        await scheduler.apply([])
        await scheduler.apply([instance("neigh")])
        await submissions.reached(2)
        await settle(1)
        time.advance(by: .seconds(30))
        await submissions.reached(3)
        #expect(await submissions.sweeps.map(\.check.kind) == ["filefd", "neigh", "neigh"])
    }

    // MARK: - Schedules

    /// The manual clock begins at 22:13:20 UTC.
    private func timetable(_ text: String) throws -> Timetable {
        Timetable(try CronSchedule(text), zone: .utc)
    }

    @Test("a scheduled instance sweeps once at the start, then at its times only")
    func keepsItsSchedule() async throws {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd", timetable: try timetable("15,17 22 * * *"))])
        await submissions.reached(1)
        await settle(1)
        // Naps of a minute at most: 22:14:20, then until 22:15.
        time.advance(by: .seconds(60))
        await settle(1)
        time.advance(by: .seconds(39))
        #expect(await submissions.sweeps.count == 1)
        time.advance(by: .seconds(1))
        await submissions.reached(2)
        await settle(1)
        for _ in 0..<2 {
            time.advance(by: .seconds(60))
            if await submissions.sweeps.count < 3 { await settle(1) }
        }
        await submissions.reached(3)
        let starts = await submissions.sweeps.map { "\($0.at)".dropFirst(11).prefix(8) }
        #expect(starts == ["22:13:20", "22:15:00", "22:17:00"])
        #expect(await scheduler.skippedTurns() == [CheckID("filefd"): 0])
    }

    @Test("a clock that is set forward over a time makes it due, one that is set back makes it due again")
    func clockSteps() async throws {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd", timetable: try timetable("0 23 * * *"))])
        await submissions.reached(1)
        await settle(1)
        time.stepClock(by: .seconds(7200))
        time.advance(by: .seconds(60))
        await submissions.reached(2)
        await settle(1)
        time.stepClock(by: .seconds(-7200))
        time.advance(by: .seconds(60))
        await settle(1)
        // 22:15:20 again, and 23:00 is less than an hour ahead.
        for _ in 0..<44 {
            time.advance(by: .seconds(60))
            await settle(1)
        }
        #expect(await submissions.sweeps.count == 2)
        time.advance(by: .seconds(60))
        await submissions.reached(3)
    }

    @Test("times that pass during a look are left out and counted")
    func missedTimes() async throws {
        let scheduler = scheduler()
        let slow = instance("filefd", timetable: try timetable("* * * * *")) { [time] _ in
            if time.uptime < .seconds(1010) { time.advance(by: .seconds(150)) }
            return .success([])
        }
        await scheduler.apply([slow])
        await submissions.reached(1)
        await settle(1)
        #expect(await scheduler.skippedTurns()[CheckID("filefd")] == 2)
    }

    @Test("S14 a reload that changes a schedule begins anew with it")
    func reloadChangesTheSchedule() async throws {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd", timetable: try timetable("@daily"))])
        await submissions.reached(1)
        await settle(1)
        await scheduler.apply([instance("filefd", timetable: try timetable("* * * * *"), fingerprint: "2")])
        await submissions.reached(2)
        await settle(1)
        time.advance(by: .seconds(40))
        await submissions.reached(3)
        #expect(await submissions.sweeps.last.map { "\($0.at)".dropFirst(11).prefix(8) } == "22:14:00")
    }

    @Test("S14 a reload that changes only what a schedule comes to begins anew with it", arguments: [true, false])
    func reloadChangesTheTimetable(isFirst: Bool) async throws {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd", timetable: isFirst ? try timetable("@daily") : nil)])
        await submissions.reached(1)
        await settle(1)
        await scheduler.apply([instance("filefd", timetable: try timetable("* * * * *"))])
        await submissions.reached(2)
        await settle(1)
        time.advance(by: .seconds(40))
        await submissions.reached(3)
        #expect(await submissions.sweeps.last.map { "\($0.at)".dropFirst(11).prefix(8) } == "22:14:00")
    }

    @Test("an instance that waits for its time is not stuck, however long it waits")
    func waitingIsNotStuck() async throws {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd", timetable: try timetable("@yearly"))])
        await submissions.reached(1)
        for _ in 0..<10 {
            await settle(1)
            time.advance(by: .seconds(60))
        }
        await settle(1)
        #expect(await scheduler.stuck() == [])
        time.advance(by: .seconds(50))
        #expect(await scheduler.stuck() == [])
    }

    @Test("a loop that makes no progress for three turns is reported as stuck")
    func stuckLoopIsReported() async {
        let scheduler = scheduler()
        await scheduler.apply([instance("filefd")])
        await submissions.reached(1)
        #expect(await scheduler.stuck() == [])
        let blocked = Scheduler(
            time: time,
            world: { _ in await withCheckedContinuation { (_: CheckedContinuation<World, Never>) in } },
            submit: { _ in }
        )
        await blocked.apply([instance("filefd")])
        time.advance(by: .seconds(120))
        #expect(await blocked.stuck() == [CheckID("filefd")])
    }
}
