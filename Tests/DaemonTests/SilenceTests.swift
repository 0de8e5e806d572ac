import Alerting
import Basics
import Journal
import TestSupport
import Testing

@testable import Daemon

/// Silences and reminders: what becomes due by itself.
@Suite struct SilenceTests {
    private let sink = RecordingSink()

    private func silence(_ bench: TellingBench, for span: Duration) async -> Silence {
        var ulids = ULID.Generator()
        let silence = Silence(
            id: ulids.next(at: bench.time.now),
            matchers: ["target": "/"],
            startsAt: bench.time.now,
            endsAt: bench.time.now + span,
            comment: "maintenance",
            author: "ops"
        )
        await bench.keeper.add(silence)
        return silence
    }

    /// Runs `body` while the keeper tells what becomes due.
    private func revisiting(_ bench: TellingBench, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.keeper.revisit() }
            try await body()
            group.cancelAll()
        }
    }

    @Test("what a silence mutes is kept, shown and counted, and told when the silence ends and it still fires")
    func muted() async throws {
        let bench = await TellingBench()
        await bench.configure(sink)
        try await revisiting(bench) {
            let silence = await silence(bench, for: .seconds(1800))
            await bench.sweep(["/": 0.92, "/data": 0.92])
            #expect(try await sink.accepted(1).map(\.event.target) == ["/data"])
            let alerts = await bench.keeper.alerts()
            #expect(alerts.map(\.mute) == [.silence(id: silence.id.description), nil])
            #expect(await bench.keeper.suppressed["silence"] == 1)
            #expect(await bench.journal.events(limit: 10).count == 2)
            try await bench.passing("the end of the silence", by: .seconds(60)) {
                sink.accepted.count > 1 ? () : nil
            }
            let last = try #require(sink.accepted.last)
            #expect(last.event.reason == .silenceEnded)
            #expect(last.event.target == "/")
            #expect(bench.time.now >= silence.endsAt)
            #expect(await bench.keeper.silences.isEmpty)
        }
    }

    @Test("an expired silence ends at once; an unknown or ended one cannot be expired")
    func expired() async throws {
        let bench = await TellingBench()
        await bench.configure(sink)
        let silence = await silence(bench, for: .seconds(1800))
        await bench.sweep(["/": 0.92])
        #expect(await bench.keeper.silences == [silence])
        #expect(await bench.keeper.expireSilence(silence.id))
        #expect(try await sink.accepted(1).map(\.event.reason) == [.silenceEnded])
        #expect(await bench.keeper.silences.isEmpty)
        #expect(await !bench.keeper.expireSilence(silence.id))
        #expect(await !bench.keeper.expireSilence(try #require(ULID("01JD6Q3Z8W0R5K7M2N4P6T8V9X"))))
    }

    @Test("an alert that fires and ends within a silence is never told")
    func resolvedWithin() async throws {
        let bench = await TellingBench()
        await bench.configure(sink)
        _ = await silence(bench, for: .seconds(1800))
        await bench.sweep(["/": 0.92])
        await bench.sweep(["/": 0.5])
        await bench.keeper.announce(.test, "after")
        #expect(try await sink.accepted(1).map(\.event.reason) == [.test])
        #expect(await bench.journal.events(limit: 10).map(\.reason) == [.fired, .resolved, .test])
    }

    @Test("repeat_every tells a firing alert again, until it ends")
    func reminders() async throws {
        let bench = await TellingBench()
        await bench.configure(sink, plans: [TellingBench.plan { $0.repeatEvery = .seconds(3600) }])
        try await revisiting(bench) {
            await bench.sweep(["/": 0.92])
            let start = bench.time.now
            _ = try await sink.accepted(1)
            try await bench.passing("two reminders", by: .seconds(60)) { sink.accepted.count > 2 ? () : nil }
            #expect(sink.reasons == [.fired, .reminder, .reminder])
            #expect(bench.time.now.since(start) >= .seconds(7200))
            #expect(sink.accepted.map(\.placement.sequence) == [1, 2, 3])
        }
    }

    @Test("a short silence ends in time also while the next reminder is far away")
    func shortSilence() async throws {
        let bench = await TellingBench()
        await bench.configure(sink, plans: [TellingBench.plan { $0.repeatEvery = .seconds(86400) }])
        try await revisiting(bench) {
            await bench.sweep(["/data": 0.92])
            _ = try await sink.accepted(1)
            _ = try await eventually("a sleeper") { bench.time.sleeperCount > 0 ? true : nil }
            let start = bench.time.now
            _ = await silence(bench, for: .seconds(10))
            await bench.sweep(["/data": 0.92, "/": 0.92])
            try await bench.passing("the end of the silence") { sink.accepted.count > 1 ? () : nil }
            #expect(sink.accepted.last?.event.reason == .silenceEnded)
            #expect(bench.time.now.since(start) < .seconds(120))
        }
    }
}
