import Alerting
import Basics
import Journal
import TestSupport
import Testing

struct HistoryTests {
    private let time = ManualTime()

    @Test func `events are given newest last, limited and since a time`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        var all: [Event] = []
        for _ in 1...6 {
            let decision = samples.decision(sinks: [])
            all += decision.events
            await journal.commit(decision)
            time.advance(by: .seconds(1))
        }
        #expect(await journal.events(limit: 100) == all)
        #expect(await journal.events(limit: 2) == all.suffix(2))
        #expect(await journal.events(limit: 100, after: all[2].id) == all.suffix(all.count - 3))
        #expect(await journal.events(limit: 1, after: all[2].id) == [all[3]])
    }

    @Test func `old events go, by count or age, in batches, but never one that is still to be told`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        let waiting = samples.decision(sinks: ["webhook"])
        await journal.commit(waiting)
        for _ in 1...30 { await journal.commit(samples.decision(sinks: [])) }
        #expect(await journal.prune(keeping: 10, since: time.now, batch: 15) == 15)
        #expect(await journal.prune(keeping: 10, since: time.now, batch: 15) == 5)
        #expect(await journal.events(limit: 100).count == 11)
        time.advance(by: .seconds(60))
        await journal.prune(keeping: 10, since: time.now, batch: 100)
        let left = await journal.events(limit: 100)
        #expect(left.first == waiting.events.first)
        #expect(left.count == 2)
        #expect(await journal.drain("webhook").map(\.event) == waiting.events)
    }

    @Test func `silences are added, ended and forgotten, and survive a restart`() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var ulids = ULID.Generator()
        let silences = (1...2).map { number in
            Silence(
                id: ulids.next(at: time.now),
                matchers: ["target": "web*"],
                startsAt: time.now,
                endsAt: time.now + .seconds(3600 * number),
                comment: "deploy",
                author: "me"
            )
        }
        for silence in silences { await journal.add(silence) }
        await journal.close()
        let next = await Journal.opened(folder.journal, time)
        #expect(await next.silences() == silences)
        time.advance(by: .seconds(60))
        var ended = silences[1]
        ended.endsAt = time.now
        await next.add(ended)
        time.advance(by: .seconds(60))
        await next.prune(keeping: 10, since: time.now)
        #expect(await next.load().silences == [silences[0]])
    }
}
