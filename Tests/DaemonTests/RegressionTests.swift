import Alerting
import Basics
import Journal
import Sinks
import TestSupport
import Testing

@testable import Daemon

/// What a review of crash, concurrency and failure found broken.
@Suite struct RegressionTests {
    @Test("S7 a reload drops nothing that this run decided for a sink without replay")
    func reloadedWithoutReplay() async throws {
        let bench = await TellingBench()
        let blocked = RecordingSink(policy: { $0.replaysBacklog = false })
        blocked.always(.hang)
        await bench.configure(blocked)
        await bench.sweep(["/": 0.92])
        try await blocked.attempts(1)
        await bench.sweep(["/": 0.92, "/data": 0.92])
        bench.time.advance(by: .seconds(5))
        let sink = RecordingSink(policy: { $0.replaysBacklog = false })
        let dispatchers = await bench.pool.apply([sink.instance(fingerprint: "2")])
        await bench.keeper.configure([TellingBench.plan()], dispatchers: dispatchers)
        let told = try await sink.accepted(2)
        #expect(told.map(\.event.target) == ["/", "/data"])
        #expect(told.map(\.placement.sequence) == [1, 2])
        #expect(told.map(\.event.reason) == [.fired, .fired])
    }

    @Test("S35 what is announced before the sinks are known is told once they are")
    func announcedEarly() async throws {
        let bench = await TellingBench()
        await bench.keeper.announce(.degraded, "The status server cannot listen", severity: .warning)
        let sink = RecordingSink()
        await bench.configure(sink)
        await bench.keeper.announce(.started, "custos watches edge-7")
        let told = try await sink.accepted(2)
        #expect(told.map(\.event.reason) == [.degraded, .started])
        #expect(told.first?.event.severity == .warning)
    }

    @Test("a silence that ends between two looks is not passed over")
    func silenceBetweenLooks() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        await bench.configure(sink)
        var ulids = ULID.Generator()
        let silence = Silence(
            id: ulids.next(at: bench.time.now),
            matchers: ["target": "/"],
            startsAt: bench.time.now,
            endsAt: bench.time.now + .seconds(10),
            comment: "",
            author: ""
        )
        await bench.keeper.add(silence)
        await bench.sweep(["/": 0.92])
        // Between the last look and the next reckoning of what becomes due.
        bench.time.advance(by: .seconds(11))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.keeper.revisit() }
            let told = try await sink.accepted(1)
            #expect(told.map(\.event.reason) == [.silenceEnded])
            group.cancelAll()
        }
    }

    @Test("S2 reloads amid sweeps and failures lose nothing and keep the order", arguments: 1...4)
    func reloadStorm(seed: UInt64) async throws {
        let bench = await TellingBench()
        let sink = RecordingSink(
            policy: {
                $0.batchMax = 3
                $0.maxPerMinute = 40
            }
        )
        await reload(bench, sink, "first")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await sweeps(bench, seed) }
            group.addTask { for round in 0..<60 { await reload(bench, sink, "\(round)") } }
            group.addTask { await moods(bench, sink, seed + 100) }
        }
        // What hangs still is cut off by one more reload each.
        try await bench.passing("an empty outbox") {
            if (await bench.journal.outboxes()["webhook"]?.pending ?? 0) == 0 { return true }
            await reload(bench, sink, "\(bench.time.uptime)")
            return nil
        }
        // One more event, for it is what names the numbers that were refused last.
        await bench.keeper.announce(.stopping, "the end")
        try await bench.passing("the end") { sink.reasons.contains(.stopping) ? true : nil }
        let told = firstTime(sink.accepted)
        let numbers = told.reduce(into: SequenceRanges([])) { $0.formUnion($1.sequences) }
        #expect(numbers.description == "1-\(told.last?.placement.sequence ?? 0)")
        #expect(told.map(\.placement.sequence) == told.map(\.placement.sequence).sorted())
        let alerts = told.map(\.event).filter { $0.kind == .alert }.map(\.id)
        #expect(alerts == alerts.sorted())
        #expect(Set(told.map(\.event.id)).count == told.count)
        await bench.pool.drain(within: .seconds(1))
    }

    private func reload(_ bench: TellingBench, _ sink: RecordingSink, _ fingerprint: String) async {
        let dispatchers = await bench.pool.apply([sink.instance(fingerprint: fingerprint)])
        await bench.keeper.configure([TellingBench.plan()], dispatchers: dispatchers)
        await Task.yield()
    }

    private func sweeps(_ bench: TellingBench, _ seed: UInt64) async {
        var random = SeededGenerator(state: seed)
        for _ in 0..<60 {
            var shares: [String: Double] = [:]
            for mount in 0..<5 { shares["/\(mount)"] = [0.5, 0.92, 0.97].randomElement(using: &random) ?? 0 }
            await bench.sweep(shares)
            await Task.yield()
        }
    }

    private func moods(_ bench: TellingBench, _ sink: RecordingSink, _ seed: UInt64) async {
        var random = SeededGenerator(state: seed)
        let answers: [RecordingSink.Answer] = [
            .accept, .accept, .hang, .refuse(.transient(because: "503")), .refuse(.permanent(because: "400")),
        ]
        for _ in 0..<60 {
            sink.then(answers.randomElement(using: &random) ?? .accept)
            bench.time.advance(by: .seconds(3))
            await Task.yield()
        }
    }

    /// Without what came once more, its first attempt having been cut off after it was accepted.
    private func firstTime(_ accepted: [QueuedEvent]) -> [QueuedEvent] {
        var seen: Set<Int64> = []
        return accepted.filter { seen.insert($0.placement.sequence).inserted }
    }
}
