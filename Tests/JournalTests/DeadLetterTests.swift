import Alerting
import Basics
import Journal
import SQLite
import TestSupport
import Testing

struct DeadLetterTests {
    private let time = ManualTime()

    private func refuse(_ journal: Journal, because: String = "HTTP 400") async throws -> QueuedEvent? {
        var delivery = await journal.frozen("webhook")
        if delivery == nil, let last = await journal.pending("webhook", limit: 99).last {
            delivery = await journal.freeze("webhook", through: last.placement.sequence)
        }
        return await journal.deadLetter(try #require(delivery), because: because)
    }

    @Test("S2 a dead letter leaves a tombstone that names its numbers")
    func tombstone() async throws {
        let journal = await Journal.opened(nil, time)
        await journal.keep("node", "edge-7")
        var samples = Samples(time)
        for _ in 1...3 { await journal.commit(samples.decision()) }
        let tombstone = try #require(try await refuse(journal))
        #expect(tombstone.placement.sequence == 4)
        #expect(tombstone.event.kind == .lifecycle)
        #expect(tombstone.event.node == "edge-7")
        #expect(tombstone.event.annotations["sequences"] == "1-3")
        #expect(tombstone.event.summary.contains("HTTP 400"))
        await journal.commit(samples.decision())
        let told = await journal.drain("webhook")
        #expect(told.map(\.placement.sequence) == [4, 5])
        #expect(Completeness(told).isComplete)
    }

    @Test("S2 a sink that refuses tombstones too is not asked for ever, and nothing stays unnamed")
    func tombstoneRefused() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        #expect(try await refuse(journal) != nil)
        #expect(try await refuse(journal) == nil)
        #expect(await journal.pending("webhook", limit: 9).isEmpty)
        await journal.commit(samples.decision())
        let told = await journal.drain("webhook")
        #expect(told.map(\.event.reason) == [.tombstone, .fired])
        #expect(told.first?.event.annotations["sequences"] == "1-2")
        #expect(Completeness(told).isComplete)
    }

    @Test("S2 a digest that is refused is named together with all that it stands for")
    func digestRefused() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        for _ in 1...3 { await journal.commit(samples.decision()) }
        let replaced = await journal.pending("webhook", limit: 9)
        var digest = samples.event(.flood)
        digest.annotations["sequences"] = "1-3"
        #expect(await journal.replace(replaced, of: "webhook", with: digest)?.placement.sequence == 4)
        let tombstone = try #require(try await refuse(journal, because: "HTTP 413"))
        #expect(tombstone.event.annotations["sequences"] == "1-4")
        #expect(Completeness(await journal.drain("webhook")).isComplete)
    }

    @Test("S5 dead letters are kept, and told again when asked for, under new numbers and the same ids")
    func retry() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        var ids: [ULID] = []
        for _ in 1...3 {
            let decision = samples.decision()
            ids += decision.events.map(\.id)
            await journal.commit(decision)
        }
        _ = try await refuse(journal)
        _ = try await refuse(journal)
        await journal.close()

        let next = await Journal.opened(folder.journal, time)
        #expect(await next.retryDeadLetters("webhook") == 3)
        #expect(await next.retryDeadLetters("webhook") == 0)
        let told = await next.drain("webhook")
        #expect(told.filter { $0.event.reason == .fired }.map(\.event.id) == ids)
        #expect(Completeness(told).isComplete)
        #expect(await next.outboxes()["webhook"] == nil)
    }

    @Test func `a dead letter that cannot be read stays one, and is not counted among those queued again`() async throws
    {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        let decisions = (1...3).map { _ in samples.decision() }
        for decision in decisions { await journal.commit(decision) }
        _ = try await refuse(journal)
        _ = try await refuse(journal)
        await journal.close()
        let odd = decisions[1].events[0].id.description
        let database = try Connection(.file(folder.journal))
        let body = try database.first("SELECT body FROM event WHERE id = ?", odd) { $0.text(0) }
        try database.run("UPDATE event SET body = '{\"odd\":1}' WHERE id = ?", odd)

        let next = await Journal.opened(folder.journal, time)
        #expect(await next.retryDeadLetters("webhook") == 2)
        #expect(await next.retryDeadLetters("webhook") == 0)
        let told = await next.drain("webhook")
        let expected = [decisions[0], decisions[2]].flatMap(\.events)
        #expect(told.map(\.event).filter { $0.reason == .fired } == expected)
        #expect(Completeness(told).isComplete)
        #expect(await next.outboxes()["webhook"]?.deadLetters == 1)
        await next.close()

        try database.run("UPDATE event SET body = ? WHERE id = ?", body ?? "", odd)
        let last = await Journal.opened(folder.journal, time)
        #expect(await last.retryDeadLetters("webhook") == 1)
        #expect(await last.drain("webhook").map(\.event) == decisions[1].events)
        #expect(await last.outboxes()["webhook"] == nil)
    }

    @Test func `what is too old is named and kept as dead letters, a frozen delivery only as a whole`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        time.advance(by: .seconds(100))
        let cutoff = time.now
        await journal.commit(samples.decision())
        let frozen = try #require(await journal.freeze("webhook", through: 2))
        await journal.commit(samples.decision())
        #expect(await journal.expire("webhook", before: cutoff) == 0)
        #expect(await journal.frozen("webhook") == frozen)
        #expect(await journal.expire("webhook", before: cutoff + .seconds(1)) == 3)
        #expect(await journal.frozen("webhook") == nil)
        let told = await journal.drain("webhook")
        #expect(told.map(\.event.annotations["sequences"]) == ["1-3"])
        #expect(await journal.outboxes()["webhook"]?.deadLetters == 3)
    }

    @Test func `an outbox that nobody empties expires once, not for ever`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        let counts = await [1, 2, 3].asyncMap { _ in
            time.advance(by: .seconds(10))
            return await journal.expire("webhook", before: time.now)
        }
        #expect(counts == [1, 1, 0])
        await journal.commit(samples.decision())
        #expect(Completeness(await journal.drain("webhook")).isComplete)
    }

    @Test func `dead letters are bounded: the oldest go`() async throws {
        var limits = JournalLimits()
        limits.deadLetters = 5
        let journal = await Journal.opened(nil, time, limits: limits)
        var samples = Samples(time)
        for _ in 1...12 {
            await journal.commit(samples.decision())
            _ = try await refuse(journal)
        }
        let dead = try #require(await journal.outboxes()["webhook"]?.deadLetters)
        #expect(dead <= 7)
        #expect(await journal.retryDeadLetters("webhook") <= 7)
    }

    @Test func `the refusal's text is made safe`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        let tombstone = try #require(
            try await refuse(journal, because: "\u{1B}[31m" + String(repeating: "x", count: 10_000))
        )
        #expect(tombstone.event.summary.utf8.count < 500)
        #expect(!tombstone.event.summary.contains("\u{1B}"))
    }
}
