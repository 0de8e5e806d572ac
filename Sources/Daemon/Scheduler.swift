package import Alerting
package import Basics
package import Checks
import Synchronization

/// Runs every check instance on its own rhythm: the first sweep at once, never overlapping itself, never waiting for
/// another instance or for a delivery.
package actor Scheduler {
    private struct Running {
        var instance: CheckInstance
        var task: Task<Void, Never>
    }

    private let time: any TimeSource
    private let world: @Sendable (CheckInstance) async -> World
    private let submit: @Sendable (Sweep) async -> Void
    private var running: [CheckID: Running] = [:]
    private var progress: [CheckID: Progress] = [:]

    /// When an instance last finished looking, well or not, or was seen to wait for its time; and how many turns it had
    /// to leave out.
    package struct Progress: Sendable, Equatable {
        package var lastSeen: Duration
        package var skipped = 0
    }

    /// By how much the wall clock may be set unnoticed while an instance waits for its time.
    static let longestNap = Duration.seconds(60)

    package init(
        time: any TimeSource,
        world: @escaping @Sendable (CheckInstance) async -> World,
        submit: @escaping @Sendable (Sweep) async -> Void
    ) {
        self.time = time
        self.world = world
        self.submit = submit
    }

    /// Makes the running instances be those given: what is unchanged goes on undisturbed.
    package func apply(_ instances: [CheckInstance]) {
        let wanted = Dictionary(uniqueKeysWithValues: instances.map { ($0.id, $0) })
        for (id, current) in running {
            // The fingerprint is of the settings: what a zone's rules make of them may change without it.
            if let new = wanted[id], new.fingerprint == current.instance.fingerprint,
                new.timetable == current.instance.timetable
            {
                continue
            }
            current.task.cancel()
            running[id] = nil
            progress[id] = nil
        }
        for instance in instances where running[instance.id] == nil {
            progress[instance.id] = Progress(lastSeen: time.uptime)
            running[instance.id] = Running(instance: instance, task: Task { await self.watch(instance) })
        }
    }

    /// Serves until the task is cancelled, then stops every instance and waits for its sweep to end.
    package func run() async {
        let forever = AsyncStream<Never>(bufferingPolicy: .bufferingOldest(1)) { _ in }
        for await _ in forever {}
        let stopped = running.values.map(\.task)
        for task in stopped { task.cancel() }
        running = [:]
        for task in stopped { await task.value }
    }

    /// Instances that have made no progress for longer than three turns and a timeout: a stuck loop.
    package func stuck() -> [CheckID] {
        let now = time.uptime
        return running.values.compactMap { current in
            let turn = current.instance.timetable == nil ? current.instance.every : Self.longestNap
            let allowed = turn * 3 + current.instance.timeout + .seconds(5)
            guard let last = progress[current.instance.id]?.lastSeen, now - last > allowed else { return nil }
            return current.instance.id
        }.sorted()
    }

    /// Turns left out per instance because a sweep took longer than its interval.
    package func skippedTurns() -> [CheckID: Int] {
        progress.mapValues(\.skipped)
    }

    private func watch(_ instance: CheckInstance) async {
        var turn = time.uptime
        let look = Look()
        while !Task.isCancelled {
            let began = time.now
            let sweep = await Self.sweep(instance, in: world(instance), time: time, look)
            // A cancelled instance is being replaced: what its last look saw no longer counts.
            guard !Task.isCancelled else { return }
            await submit(sweep)
            let now = time.uptime
            progress[instance.id, default: Progress(lastSeen: now)].lastSeen = now
            if let timetable = instance.timetable {
                guard await wait(for: timetable, since: began, as: instance.id) else { return }
                continue
            }
            turn += instance.every
            while turn < now {
                turn += instance.every
                progress[instance.id]?.skipped += 1
            }
            guard (try? await time.sleep(for: turn - now)) != nil else { return }
        }
    }

    /// Waits for the next time of a timetable; false when the task was cancelled.
    ///
    /// The wall clock may be set at any moment, so it is asked again and again.
    private func wait(for timetable: Timetable, since began: Timestamp, as id: CheckID) async -> Bool {
        var last = time.now
        if let missed = timetable.next(after: began), missed <= last {
            let turns = last.since(missed).inSeconds / max(1, timetable.period.inSeconds)
            progress[id]?.skipped += 1 + Int(min(turns, 1_000_000))
        }
        var due = timetable.next(after: last)
        while true {
            let now = time.now
            if let due, now >= due { return true }
            // Set back: what is due is due by the new time.
            if now < last { due = timetable.next(after: now) }
            last = now
            let nap = due.map { min($0.since(now), Self.longestNap) } ?? Self.longestNap
            guard (try? await time.sleep(for: nap)) != nil else { return false }
            progress[id]?.lastSeen = time.uptime
        }
    }

    /// Whether an instance's last look still goes on, hours after its turn perhaps: another would cost another thread.
    package final class Look: Sendable {
        fileprivate let goesOn = Atomic(false)

        package init() {}
    }

    /// One complete look with the instance's timeout as a hard limit.
    ///
    /// A look that has not returned since is not followed by another: it counts as timed out again.
    package static func sweep(
        _ instance: CheckInstance,
        in world: World,
        time: any TimeSource,
        _ look: Look = Look()
    ) async -> Sweep {
        let started = time.uptime
        var outcome: Result<[Observation], CheckError>?
        if !look.goesOn.exchange(true, ordering: .acquiringAndReleasing) {
            outcome = await withDeadline(instance.timeout, time: time, on: ThreadExecutor.looks) {
                defer { look.goesOn.store(false, ordering: .releasing) }
                return await instance.observe(world)
            }
        }
        let finished = time.uptime
        return Sweep(
            check: instance.id,
            at: time.now,
            uptime: finished,
            outcome: outcome ?? .failure(.timedOut(after: instance.timeout)),
            took: finished - started
        )
    }
}
