import Alerting
import Basics
import Glibc
import SQLite
import TestSupport
import Testing

@testable import Journal

/// A file that cannot be written, and is writable again (S17).
struct DegradedTests {
    private let time = ManualTime()

    private func limits(pages: Int64?) -> JournalLimits {
        var limits = JournalLimits()
        limits.filePages = pages
        return limits
    }

    /// Commits until the file is full; gives the ids of all events.
    private func fill(_ journal: Journal, _ samples: inout Samples) async -> [ULID] {
        var ids: [ULID] = []
        for number in 0..<2000 {
            let decision = samples.decision(target: "t\(number % 7)")
            ids += decision.events.map(\.id)
            guard await journal.commit(decision).durable else { return ids }
        }
        Issue.record("The file never became full.")
        return ids
    }

    @Test("S17 a full file: decisions go on in memory, are marked, and are written back in order, without a gap")
    func fullAndBack() async throws {
        let folder = try TemporaryFolder()
        let (journal, opening) = await Journal.open(at: .file(folder.journal), time: time, limits: limits(pages: 60))
        var samples = Samples(time)
        var ids = await fill(journal, &samples)
        #expect(await journal.status().trouble?.kind == .full)
        let before = try #require(await journal.freeze("webhook", through: 5))
        await journal.delivered(before)
        for _ in 1...5 {
            let decision = samples.decision()
            ids += decision.events.map(\.id)
            let committed = await journal.commit(decision)
            #expect(committed.queued["webhook"]?.first?.placement.durable == false)
        }
        time.advance(by: .seconds(6))
        #expect(await journal.heartbeat().trouble?.kind == .full)

        await journal.limitFile(pages: nil)
        time.advance(by: .seconds(60))
        #expect(await journal.heartbeat() == .durable)
        let last = samples.decision()
        ids += last.events.map(\.id)
        #expect(await journal.commit(last).durable)

        let after = await Journal.open(at: .file(try folder.crashed(as: "after.db")), time: time)
        #expect(after.opening.journal == opening.journal)
        let told = before.events + (await after.journal.drain("webhook"))
        #expect(told.map(\.event.id) == ids)
        #expect(told.map(\.placement.sequence) == Array(1...Int64(ids.count)))
        #expect(await after.journal.events(limit: 10_000).map(\.id) == ids)
        #expect(await after.journal.load().alerts.count == 7 + 1)
    }

    @Test("S17 everything works while the file is full: freezing, dead letters, silences, facts")
    func outboxWhileFull() async throws {
        let folder = try TemporaryFolder()
        var limits = limits(pages: 60)
        // Less than what is adopted: the state is taken over whole all the same.
        limits.memoryPages = 30
        let journal = await Journal.opened(folder.journal, time, limits: limits)
        var samples = Samples(time)
        _ = await fill(journal, &samples)
        var told: [QueuedEvent] = []
        let first = try #require(await journal.freeze("webhook", through: 10))
        await journal.deadLetter(first, because: "HTTP 400")
        await journal.keep("k", "v")
        told += await journal.drain("webhook")
        await journal.limitFile(pages: nil)
        time.advance(by: .seconds(60))
        #expect(await journal.heartbeat() == .durable)
        #expect(await journal.kept("k") == "v")
        #expect(await journal.outboxes()["webhook"]?.deadLetters == 10)
        await journal.commit(samples.decision())
        told += await journal.drain("webhook")
        #expect(Completeness(told).isComplete)
    }

    @Test("S17 a disk without room at the start, then with room: the journal returns with all it held")
    func fullAtStart() async throws {
        let folder = try TemporaryFolder()
        let (journal, opening) = await Journal.open(at: .file(folder.journal), time: time, limits: limits(pages: 1))
        #expect(opening.status.trouble?.kind == .full)
        #expect(opening.found == .new)
        var samples = Samples(time)
        let decision = samples.decision()
        await journal.commit(decision)
        await journal.limitFile(pages: nil)
        time.advance(by: .seconds(10))
        #expect(await journal.heartbeat() == .durable)
        await journal.close()
        let next = await Journal.open(at: .file(folder.journal), time: time)
        #expect(next.opening.journal == opening.journal)
        #expect(await next.journal.drain("webhook").map(\.event) == decision.events)
    }

    @Test("S17 a file damaged while it is used is renamed aside, and what can be read goes on")
    func damagedWhileUsed() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        for _ in 1...3 { await journal.commit(samples.decision()) }
        await journal.degrade(DatabaseError(.corrupt, message: "malformed"))
        try folder.write("journal.db", [UInt8](repeating: 7, count: 40_000))
        await journal.commit(samples.decision())
        time.advance(by: .seconds(10))
        #expect(await journal.heartbeat() == .durable)
        #expect(folder.names.contains { $0.hasPrefix("journal.db.corrupt-") && !$0.hasSuffix("-wal") })
        await journal.close()
        let next = await Journal.opened(folder.journal, time)
        #expect(await next.drain("webhook").map(\.placement.sequence) == [1, 2, 3, 4])
    }

    @Test("S17 a file that another program keeps locked for a while")
    func lockedForAWhile() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        let other = try Connection(.file(folder.journal))
        try other.run("BEGIN IMMEDIATE")
        let decision = samples.decision()
        #expect(await journal.commit(decision).durable == false)
        #expect(await journal.status().trouble?.kind == .locked)
        try other.run("ROLLBACK")
        time.advance(by: .seconds(10))
        #expect(await journal.heartbeat() == .durable)
        let after = await Journal.opened(try folder.crashed(as: "after.db"), time)
        #expect(await after.drain("webhook").map(\.event) == decision.events)
    }

    @Test("S17 another journal that stands where ours was is not overwritten")
    func replacedWhileAway() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        await journal.commit(samples.decision())
        await journal.degrade(DatabaseError(.io, message: "disk gone"))
        let other = try TemporaryFolder()
        let theirs = await Journal.open(at: .file(other.journal), time: time)
        await theirs.journal.close()
        try folder.write("journal.db", try other.bytes("journal.db"))
        for name in folder.names where name.hasSuffix("-wal") || name.hasSuffix("-shm") {
            unlink(folder.path + "/" + name)
        }
        time.advance(by: .seconds(10))
        #expect(await journal.heartbeat().trouble?.willReturn == false)
        #expect(await journal.commit(samples.decision()).queued["webhook"]?.first?.placement.sequence == 2)
        await journal.close()
        #expect(await Journal.open(at: .file(folder.journal), time: time).opening.journal == theirs.opening.journal)
    }

    @Test("S17 memory is bounded: history goes first, then the oldest deliveries, named by a tombstone")
    func boundedMemory() async throws {
        var limits = JournalLimits()
        limits.memoryPages = 110
        let journal = await Journal.opened(nil, time, limits: limits)
        var samples = Samples(time)
        for _ in 0..<600 { await journal.commit(samples.decision()) }
        #expect(await journal.status() == .memory)
        let told = await journal.drain("webhook")
        #expect(told.count > 20)
        #expect(told.count < 600)
        #expect(told.last?.event.reason == .fired)
        #expect(Completeness(told).isComplete)
    }

    @Test("S17 a real disk that fills up and empties again, then is read-only")
    func realDisk() async throws {
        let folder = try TemporaryFolder()
        let disk = folder.path + "/disk"
        mkdir(disk, 0o700)
        try #require(mount("tmpfs", disk, "tmpfs", 0, "size=400k") == 0, "needs the right to mount, as root has")
        defer { umount2(disk, Int32(MNT_DETACH)) }
        var samples = Samples(time)
        let path = disk + "/journal.db"
        let journal = await Journal.opened(path, time)
        var ids = await fill(journal, &samples)
        let decision = samples.decision()
        ids += decision.events.map(\.id)
        await journal.commit(decision)
        try #require(mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT), "size=8m") == 0)
        time.advance(by: .seconds(60))
        #expect(await journal.heartbeat() == .durable)
        await journal.close()

        try #require(mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), "size=8m") == 0)
        let (reading, opening) = await Journal.open(at: .file(path), time: time, bootID: "boot-1")
        #expect(opening.status.trouble?.kind == .readOnly)
        #expect(opening.found == .clean(at: time.now))
        let waiting = await reading.pending("webhook", limit: 10_000)
        #expect(waiting.map(\.event.id) == ids)
        #expect(waiting.first?.placement.durable == false)
        let last = samples.decision()
        #expect(await reading.commit(last).queued["webhook"]?.first?.placement.sequence == Int64(ids.count + 1))

        try #require(mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT), "size=8m") == 0)
        time.advance(by: .seconds(60))
        #expect(await reading.heartbeat() == .durable)
        await reading.close()
        let next = await Journal.opened(path, time)
        #expect(await next.drain("webhook").map(\.event.id) == ids + last.events.map(\.id))
        await next.close()
    }
}

extension Journal {
    /// Makes the file full, or lets it grow.
    func limitFile(pages: Int64?) {
        limits.filePages = pages
        if let disk { try? disk.limit(pages: pages ?? 1_000_000) }
    }
}
