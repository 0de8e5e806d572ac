import Alerting
import Basics
import SQLite
import Sinks
import TestSupport
import Testing

@testable import Daemon
@testable import Journal

extension Journal {
    /// Reads from the file whatever comes next.
    func forgetPages() { try? store?.connection.execute("PRAGMA shrink_memory") }
}

/// A restart tells nothing twice and forgets nothing.
@Suite struct RestartTests {
    private let folder: TemporaryFolder
    private let time = ManualTime()
    private let sink = RecordingSink()

    init() throws {
        folder = try TemporaryFolder()
    }

    private func bench() async -> TellingBench { await TellingBench(time, journal: folder.file("journal.db")) }

    @Test("what fires on is not told again; what ended meanwhile resolves with the first complete sweep")
    func neitherTwiceNorForgotten() async throws {
        let before = await bench()
        await before.configure(sink)
        await before.sweep(["/": 0.92, "/data": 0.92])
        let first = try await sink.accepted(2)
        try await before.settled()
        await before.kill()

        time.advance(by: .seconds(3600))
        let after = await bench()
        #expect(after.opening.found == .unclean(from: time.now - .seconds(3600), to: time.now))
        await after.configure(sink)
        await after.sweep(["/": 0.92, "/data": 0.5])
        let told = try await sink.accepted(3)
        try await after.settled()
        #expect(told.count == 3)
        #expect(told.last?.event.reason == .resolved)
        #expect(told.last?.event.fingerprint == first.last?.event.fingerprint)
        #expect(told.map(\.placement.sequence) == [1, 2, 3])
        #expect(Set(told.map(\.placement.stream)).count == 1)
    }

    @Test("S17 a journal that breaks beyond reading is given the whole state again", arguments: [true, false])
    func brokenBeyondReading(isNoticedByDecision: Bool) async throws {
        let before = await bench()
        await before.configure(sink)
        await before.sweep(["/": 0.92])
        _ = try await sink.accepted(1)
        try await before.settled()
        var ulids = ULID.Generator()
        let silence = Silence(
            id: ulids.next(at: time.now),
            matchers: ["target": "/srv"],
            startsAt: time.now,
            endsAt: time.now + .seconds(7200),
            comment: "",
            author: "ops"
        )
        await before.keeper.add(silence)
        for name in ["journal.db", "journal.db-wal"] {
            try folder.write(name, [UInt8](repeating: 7, count: try folder.bytes(name).count))
        }
        await before.journal.forgetPages()
        await before.journal.degrade(DatabaseError(.corrupt, message: "malformed"))
        #expect(await before.journal.hasLostState)
        if isNoticedByDecision {
            await before.sweep(["/": 0.92, "/data": 0.92])
            _ = try await sink.accepted(2)
        } else {
            await before.keeper.restore()
        }
        #expect(await !before.journal.hasLostState)
        time.advance(by: .seconds(10))
        #expect(await before.journal.heartbeat() == .durable)
        try await before.settled()
        await before.kill()

        let told = try await sink.accepted(1).count
        let after = await bench()
        await after.configure(sink)
        await after.sweep(["/": 0.92, "/data": isNoticedByDecision ? 0.92 : 0.5])
        try await after.settled()
        #expect(after.opening.found == .unclean(from: time.now - .seconds(10), to: time.now))
        #expect(await after.keeper.silences.map(\.id) == [silence.id])
        #expect(try await sink.accepted(1).count == told)
        await after.kill()
    }

    @Test("S1 a RESOLVED behind a queued FIRING arrives too, with the same ids, in order")
    func queuedPair() async throws {
        let before = await bench()
        sink.always(.refuse(.transient(because: "down")))
        await before.configure(sink)
        await before.sweep(["/": 0.92])
        try await sink.attempts(1)
        await before.sweep(["/": 0.5])
        let decided = await before.journal.events(limit: 10).map(\.id)
        await before.kill()

        sink.always(.accept)
        let after = await bench()
        await after.configure(sink)
        let told = try await sink.accepted(2)
        #expect(told.map(\.event.id) == decided)
        #expect(told.map(\.event.reason) == [.fired, .resolved])
    }

    @Test("S5 a batch is frozen at its first attempt: it keeps its key and its members over a restart")
    func frozenBatch() async throws {
        let before = await bench()
        sink.always(.refuse(.transient(because: "500")))
        await before.configure(sink)
        await before.sweep(["/": 0.92, "/data": 0.92])
        try await sink.attempts(1)
        await before.sweep(["/": 0.92, "/data": 0.92, "/var": 0.92])
        await before.kill()

        sink.always(.accept)
        let after = await bench()
        await after.configure(sink)
        _ = try await sink.accepted(3)
        let first = try #require(sink.attempts.first)
        #expect(sink.attempts.dropLast().allSatisfy { $0.id == first.id && $0.events == first.events })
        #expect(first.events.map(\.event.target) == ["/", "/data"])
        #expect(sink.attempts.last?.events.map(\.event.target) == ["/var"])
        #expect(sink.attempts.last?.id != first.id)
    }

    @Test("an attempt that is cut off by the end of the watchdog is made again, under the same key")
    func cancelledAttempt() async throws {
        let before = await bench()
        sink.then(.hang)
        await before.configure(sink)
        await before.sweep(["/": 0.92])
        try await sink.attempts(1)
        await before.kill()
        #expect(await before.keeper.deliveries == [:])

        let after = await bench()
        await after.configure(sink)
        _ = try await sink.accepted(1)
        #expect(sink.attempts.map(\.id) == [sink.attempts[0].id, sink.attempts[0].id])
    }

    @Test("S14 what is no longer watched since a restart resolves as gone")
    func removedWhileDown() async throws {
        let before = await bench()
        await before.configure(sink)
        await before.sweep(["/": 0.92])
        try await before.settled()
        await before.kill()

        let after = await bench()
        await after.configure(sink, plans: [])
        let last = try #require(try await sink.accepted(2).last)
        #expect(last.event.reason == .gone)
        #expect(last.event.annotations["configuration"] != nil)
    }

    @Test("S7 a sink that does not replay prints nothing from before a restart, and its numbers stay complete")
    func noReplay() async throws {
        let stdout = RecordingSink("stdout", policy: { $0.replaysBacklog = false })
        let before = await bench()
        stdout.always(.refuse(.transient(because: "the pipe is full")))
        await before.configure(stdout)
        await before.sweep(["/": 0.92, "/data": 0.92])
        try await stdout.attempts(1)
        await before.kill()

        time.advance(by: .seconds(60))
        stdout.always(.accept)
        let after = await bench()
        await after.configure(stdout)
        await after.sweep(["/": 0.5, "/data": 0.92])
        let told = try await stdout.accepted(2)
        #expect(told.map(\.event.reason) == [.tombstone, .resolved])
        #expect(told.map(\.placement.sequence) == [3, 4])
        #expect(told[0].event.annotations["sequences"] == "1-2")
    }

    @Test("a sink that is no longer configured keeps what waits for it for three days")
    func forgottenSink() async throws {
        let before = await bench()
        sink.always(.refuse(.transient(because: "down")))
        await before.configure(sink)
        await before.sweep(["/": 0.92])
        try await sink.attempts(1)
        await before.kill()

        time.advance(by: .seconds(71 * 3600))
        let after = await bench()
        await after.configure()
        #expect(await after.journal.outboxes()["webhook"]?.deadLetters == 0)
        time.advance(by: .seconds(2 * 3600))
        await after.configure()
        #expect(await after.journal.outboxes()["webhook"]?.deadLetters == 1)
    }
}
