import Alerting
import Basics
import Journal
import SQLite
import TestSupport
import Testing

struct OutboxTests {
    private let time = ManualTime()

    @Test("S2 numbers rise by one per sink, and a stream's name begins with the journal's")
    func sequences() async throws {
        let (journal, opening) = await Journal.open(at: .memory, time: time)
        var samples = Samples(time)
        for round in 1...5 {
            await journal.commit(samples.decision(sinks: round.isMultiple(of: 2) ? ["a", "b"] : ["a"]))
        }
        let a = await journal.drain("a").map(\.placement)
        let b = await journal.drain("b").map(\.placement)
        #expect(a.map(\.sequence) == [1, 2, 3, 4, 5])
        #expect(b.map(\.sequence) == [1, 2])
        #expect(Set(a.map(\.stream)) == ["\(opening.journal)/a"])
        #expect(await journal.stream("b") == b.first?.stream)
    }

    @Test("S5 a frozen delivery keeps id and members across a kill, whatever comes meanwhile")
    func frozenSurvivesKill() async throws {
        let folder = try TemporaryFolder()
        var samples = Samples(time)
        let journal = await Journal.opened(folder.journal, time)
        for _ in 1...3 { await journal.commit(samples.decision()) }
        let frozen = try #require(await journal.freeze("webhook", through: 2))
        #expect(frozen.events.map(\.placement.sequence) == [1, 2])
        await journal.commit(samples.decision())
        let after = await Journal.opened(try folder.crashed(as: "after.db"), time)
        #expect(await after.frozen("webhook") == frozen)
        #expect(await after.freeze("webhook", through: 4) == frozen)
        #expect(await after.pending("webhook", limit: 9).map(\.placement.sequence) == [3, 4])
        await after.delivered(frozen)
        #expect(await after.frozen("webhook") == nil)
        #expect(await after.drain("webhook").map(\.placement.sequence) == [3, 4])
    }

    @Test func `a commit freezes at once only where nothing waits`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        let first = await journal.commit(samples.decision(sinks: ["a", "b"]), freezing: ["a"])
        let delivery = try #require(first.frozen["a"])
        #expect(first.frozen["b"] == nil)
        #expect(await journal.frozen("a") == delivery)
        #expect(delivery.events == first.queued["a"])
        let second = await journal.commit(samples.decision(sinks: ["a"]), freezing: ["a"])
        #expect(second.frozen.isEmpty)
        #expect(await journal.drain("a").map(\.placement.sequence) == [1, 2])
    }

    @Test func `a notice of an event that nobody knows is left out and takes no number`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        var decision = samples.decision(sinks: [])
        decision.notices = [Notice(sink: "a", event: samples.event().id)]
        #expect(await journal.commit(decision).queued.isEmpty)
        #expect(await journal.commit(samples.decision(sinks: ["a"])).queued["a"]?.first?.placement.sequence == 1)
    }

    @Test func `a notice may name an event of an earlier decision`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        let muted = samples.decision(sinks: [])
        await journal.commit(muted)
        var later = Decision()
        later.notices = muted.events.map { Notice(sink: "a", event: $0.id) }
        #expect(await journal.commit(later).queued["a"]?.map(\.event) == muted.events)
    }

    @Test("S9 a digest takes the place of what waits")
    func digest() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        for _ in 1...4 { await journal.commit(samples.decision()) }
        let waiting = await journal.pending("webhook", limit: 9)
        let digest = samples.event(.flood)
        await journal.replace(Array(waiting[1...2]), of: "webhook", with: digest)
        let told = await journal.drain("webhook")
        #expect(told.map(\.placement.sequence) == [1, 4, 5])
        #expect(told.last?.event == digest)
    }

    @Test func `a full outbox lets the oldest reminders go, never a fired or resolved, and says which`() async throws {
        var limits = JournalLimits()
        limits.outbox = 20
        let journal = await Journal.opened(nil, time, limits: limits)
        var samples = Samples(time)
        for number in 1...40 {
            let reason: Event.Reason = number.isMultiple(of: 2) ? .reminder : number % 4 == 1 ? .fired : .resolved
            await journal.commit(samples.decision(reason))
        }
        let told = await journal.drain("webhook")
        #expect(told.filter { $0.event.reason == .fired }.count == 10)
        #expect(told.filter { $0.event.reason == .resolved }.count == 10)
        #expect(told.last?.event.reason == .reminder || told.last?.event.reason == .tombstone)
        #expect(Completeness(told).isComplete)
    }

    @Test func `an event that cannot be read is told as such, and holds nothing up`() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        let decisions = [samples.decision(), samples.decision()]
        for decision in decisions { await journal.commit(decision) }
        await journal.close()
        try Connection(.file(folder.journal)).run("UPDATE event SET body = '{}' WHERE number = 1")
        let told = await Journal.opened(folder.journal, time).drain("webhook")
        #expect(told.map(\.event.id) == decisions.flatMap(\.events).map(\.id))
        #expect(told.map(\.event.reason) == [.journalTrouble, .fired])
    }

    @Test func `what waits is counted per sink, with its age`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        let begin = time.now
        await journal.commit(samples.decision(sinks: ["a", "b"]))
        time.advance(by: .seconds(5))
        await journal.commit(samples.decision(sinks: ["a"]))
        let delivery = try #require(await journal.freeze("b", through: 1))
        await journal.deadLetter(delivery, because: "HTTP 400")
        let states = await journal.outboxes()
        #expect(states["a"]?.pending == 2)
        #expect(states["a"]?.oldest == begin)
        #expect(states["b"]?.deadLetters == 1)
        #expect(states["b"]?.pending == 1)
    }
}

/// What a receiver can prove of a stream (S2): every number was told, or a tombstone or digest names it.
struct Completeness {
    private(set) var missing: Set<Int64> = []
    private(set) var isOrdered = true

    init(_ told: [QueuedEvent]) {
        var last: Int64 = 0
        for event in told {
            isOrdered = isOrdered && event.placement.sequence > last
            last = max(last, event.placement.sequence)
        }
        missing = Set(1...max(last, 1)).subtracting(told.map(\.placement.sequence))
        for event in told { missing = missing.filter { !event.sequences.contains($0) } }
    }

    var isComplete: Bool { missing.isEmpty && isOrdered }
}
