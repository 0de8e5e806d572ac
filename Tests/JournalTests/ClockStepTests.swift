import Alerting
import Basics
import Journal
import TestSupport
import Testing

/// What waits is as old as the time that passed, whatever the wall clock was set to meanwhile.
struct ClockStepTests {
    private let time = ManualTime()
    private static let day = Duration.seconds(86400)
    private static let maxAge = day * 3

    /// What a dispatcher does before each attempt.
    private func expire(_ journal: Journal) async -> Int {
        await journal.expire("webhook", before: time.now - Self.maxAge)
    }

    @Test(
        "a clock that steps, forward or back, makes nothing too old; time that passes does",
        arguments: [3, 5, 20_000, -3, -20_000]
    )
    func step(days: Int) async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        time.stepClock(by: Self.day * days)
        #expect(await expire(journal) == 0)
        await journal.commit(samples.decision())
        time.advance(by: Self.maxAge - .seconds(60))
        #expect(await expire(journal) == 0)
        time.advance(by: .seconds(120))
        #expect(await expire(journal) == 2)
        let told = await journal.drain("webhook")
        #expect(told.map(\.event.annotations["sequences"]) == ["1-2"])
    }

    @Test("a clock that is set in many steps is no different")
    func manySteps() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        for hours in [30, -70, 100, 100, -200, 90] {
            time.stepClock(by: .seconds(hours * 3600))
            time.advance(by: .seconds(600))
            await journal.heartbeat()
            #expect(await expire(journal) == 0)
        }
        time.advance(by: Self.maxAge)
        #expect(await expire(journal) == 1)
    }

    @Test("a clock that was set while nobody watched is found by the kernel's uptime, on the same boot")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        let killed = try folder.crashed(as: "killed.db")
        let other = try folder.crashed(as: "other.db")
        time.stepClock(by: Self.day * 5)
        time.advance(by: .seconds(10))
        let same = await Journal.open(at: .file(killed), time: time, bootID: "boot-1").journal
        #expect(await expire(same) == 0)
        #expect(await same.drain("webhook").count == 1)
        // Nothing but the wall clock tells how long a machine was off.
        let reboot = await Journal.open(at: .file(other), time: time, bootID: "boot-2").journal
        #expect(await expire(reboot) == 1)
        await journal.close()
    }

    @Test("what a wrong clock left in the future ages from the next start on")
    func future() async throws {
        let folder = try TemporaryFolder()
        time.stepClock(by: Self.day * 3650)
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        await journal.close()
        time.stepClock(by: Self.day * -3650)
        let next = await Journal.open(at: .file(folder.journal), time: time, bootID: "boot-2").journal
        #expect(await expire(next) == 0)
        time.advance(by: Self.maxAge + .seconds(1))
        #expect(await expire(next) == 1)
    }

    @Test("S2 identifiers go on rising across a restart, although the clock was set back")
    func identifiers() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        let decision = samples.decision()
        await journal.commit(decision)
        await journal.close()
        time.stepClock(by: Self.day * -3)
        let next = await Journal.opened(folder.journal, time)
        let last = try #require(await next.load().lastID)
        #expect(last == decision.events.last?.id)
        let delivery = try #require(await next.freeze("webhook", through: 1))
        let tombstone = try #require(await next.deadLetter(delivery, because: "HTTP 400"))
        #expect(tombstone.event.id > last)
        #expect(delivery.id > last)
    }

    @Test("an unclean end is never told as having come after the start")
    func gap() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        let killed = try folder.crashed(as: "killed.db")
        time.stepClock(by: Self.day * -1)
        let opening = await Journal.open(at: .file(killed), time: time, bootID: "boot-1").opening
        #expect(opening.found == .unclean(from: time.now, to: time.now))
        await journal.close()
    }
}
