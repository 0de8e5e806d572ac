import Alerting
import Basics
import Curl
import Journal
import Settings
import Sinks
import TestSupport
import Testing

@testable import Daemon

@Suite struct DispatcherTests {
    private let down = DeliveryError.transient(because: "connection refused")

    @Test("events arrive in order, one by one where the sink takes one at a time")
    func order() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink(policy: { $0.batchMax = 1 })
        await bench.configure(sink)
        for round in 0..<10 {
            let value = round.isMultiple(of: 2) ? 0.92 : 0.5
            await bench.sweep(["/": value, "/data": value, "/var": value])
        }
        let told = try await sink.accepted(30)
        #expect(told.map(\.placement.sequence) == Array(1...30))
        #expect(sink.attempts.allSatisfy { $0.events.count == 1 })
    }

    @Test("a decision of many events is cut into batches the sink can take")
    func batches() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink(policy: { $0.batchMax = 2 })
        await bench.configure(sink)
        await bench.sweep(["/a": 0.92, "/b": 0.92, "/c": 0.92, "/d": 0.92, "/e": 0.92])
        _ = try await sink.accepted(5)
        #expect(sink.attempts.map(\.events.count) == [2, 2, 1])
    }

    @Test("S5 a failure that may pass is followed by the same delivery under the same key")
    func backoff() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        await bench.configure(sink)
        sink.then(.refuse(down), .refuse(.transient(because: "429", retryAfter: .seconds(120))))
        let start = bench.time.uptime
        await bench.sweep(["/": 0.92])
        try await bench.passing("the third attempt") { sink.accepted.isEmpty ? nil : () }
        #expect(Set(sink.attempts.map(\.id)).count == 1)
        #expect(sink.attempts.map(\.attempts) == [0, 1, 2])
        #expect(bench.time.uptime - start >= .seconds(120))
    }

    @Test("S5 a webhook that answers 500 gets the same request again, with the same Idempotency-Key")
    func idempotencyKey() async throws {
        let bench = await TellingBench()
        let receiver = try HTTPReceiver(.init(500), .init(500))
        var settings = WebhookSettings()
        settings.url = try HTTPAddress(setting: receiver.url("/hook"))
        let webhook = WebhookSink(settings, tools: SinkTools(curl: CurlLoop(), time: bench.time, version: "1"))
        let instance = SinkInstance(webhook, route: SinkRoute(sink: "webhook"), fingerprint: "1")
        await bench.keeper.configure([TellingBench.plan()], dispatchers: await bench.pool.apply([instance]))
        await bench.sweep(["/": 0.92])
        let requests = try await bench.passing("three requests") {
            receiver.requests.count > 2 ? receiver.requests : nil
        }
        #expect(requests.count == 3)
        #expect(Set(requests.map { $0.header("Idempotency-Key") }).count == 1)
        #expect(Set(requests.map(\.body)).count == 1)
        #expect(try JSON(parsing: requests[0].body)[0]?["sequence"] == .integer(1))
        try await bench.settled()
    }

    @Test("S5 a refusal for good is a dead letter, and a tombstone names its number")
    func deadLetter() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink(policy: { $0.batchMax = 1 })
        await bench.configure(sink)
        sink.then(.refuse(.permanent(because: "400 Bad Request: no such field")))
        await bench.sweep(["/": 0.92])
        let tombstone = try #require(try await sink.accepted(1).first)
        #expect(tombstone.event.reason == .tombstone)
        #expect(tombstone.event.annotations["sequences"] == "1")
        #expect(tombstone.event.annotations["because"] == "400 Bad Request: no such field")
        #expect(tombstone.placement.sequence == 2)
        #expect(await bench.journal.outboxes()["webhook"]?.deadLetters == 1)
        await bench.sweep(["/": 0.5])
        #expect(try await sink.accepted(2).last?.event.reason == .resolved)
        #expect(await bench.keeper.deliveries["webhook"]?.permanent == 1)
    }

    @Test("S5 dead letters are told when they are asked for again, as the same events")
    func retriedDeadLetters() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        await bench.configure(sink)
        sink.then(.refuse(.permanent(because: "413")))
        await bench.sweep(["/": 0.92])
        _ = try await sink.accepted(1)
        let refused = try #require(sink.attempts.first?.events.first?.event.id)
        #expect(await bench.journal.retryDeadLetters("webhook") == 1)
        await bench.pool.wake("webhook")
        let again = try #require(try await sink.accepted(2).last)
        #expect(again.event.id == refused)
        #expect(again.placement.sequence == 3)
    }

    @Test("what grows older than max_age is given up, named by a tombstone, and the rest goes on")
    func maxAge() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink(policy: { $0.maxAge = .seconds(3600) })
        await bench.configure(sink)
        sink.then(.refuse(down), .refuse(down))
        await bench.sweep(["/": 0.92])
        _ = try await eventually("a wait") { bench.time.sleeperCount == 1 ? true : nil }
        bench.time.advance(by: .seconds(3601))
        try await sink.attempts(2)
        await bench.sweep(["/": 0.5])
        let told = try await bench.passing("the rest") { sink.accepted.count > 1 ? sink.accepted : nil }
        #expect(Set(told.map(\.event.reason)) == [.tombstone, .resolved])
        let tombstone = try #require(told.first { $0.event.reason == .tombstone })
        #expect(tombstone.event.annotations["sequences"] == "1")
        #expect(told.map(\.placement.sequence) == [2, 3])
    }

    @Test("a hung sink holds up itself and nobody else, neither sinks nor decisions")
    func hungSink() async throws {
        let bench = await TellingBench()
        let hung = RecordingSink("hung")
        let well = RecordingSink("well")
        hung.always(.hang)
        await bench.configure(hung, well)
        for value in [0.92, 0.96, 0.5] { await bench.sweep(["/": value]) }
        #expect(try await well.accepted(3).map(\.event.reason) == [.fired, .severityChanged, .resolved])
        #expect(hung.attempts.count <= 1)
        #expect(await bench.journal.outboxes()["hung"]?.pending == 3)
    }

    @Test("a delivery handed over twice, or late, is sent once")
    func handedOver() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        let dispatchers = await bench.pool.apply([sink.instance()])
        await bench.keeper.configure([TellingBench.plan()], dispatchers: dispatchers)
        await bench.sweep(["/": 0.92])
        _ = try await sink.accepted(1)
        await bench.sweep(["/": 0.96])
        _ = try await sink.accepted(2)
        for delivery in sink.attempts + sink.attempts { dispatchers["webhook"]?.wake(delivery) }
        await bench.sweep(["/": 0.5])
        let told = try await sink.accepted(3)
        #expect(told.map(\.placement.sequence) == [1, 2, 3])
    }

    @Test("a drain tells what waits, then ends")
    func drain() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink(policy: { $0.batchMax = 1 })
        await bench.configure(sink)
        await bench.sweep(["/a": 0.92, "/b": 0.92, "/c": 0.92])
        await bench.pool.drain(within: .seconds(8))
        #expect(sink.accepted.count == 3)
        #expect(bench.time.sleeperCount == 0)
    }

    @Test("what is decided just before a drain is told, whatever the dispatcher is doing", arguments: 0..<20)
    func drainAtOnce(round: Int) async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        await bench.configure(sink)
        // The dispatcher is at another point of its loop each time.
        for _ in 0..<round { await Task.yield() }
        await bench.keeper.announce(.stopping, "custos stops")
        await bench.pool.drain(within: .seconds(8))
        #expect(sink.reasons == [.stopping])
    }

    @Test("a drain gives a sink that waits for its next attempt one more, at once, and keeps what stays untold")
    func drainWhileBackingOff() async throws {
        let bench = await TellingBench()
        let late = RecordingSink("late")
        let dead = RecordingSink("dead")
        let wait = RecordingSink.Answer.refuse(.transient(because: "503", retryAfter: .seconds(600)))
        late.then(wait)
        dead.always(wait)
        await bench.configure(late, dead)
        await bench.sweep(["/": 0.92])
        _ = try await eventually("two waits") { bench.time.sleeperCount == 2 ? true : nil }
        // The clock stands: nothing but the drain can end the waits.
        await bench.pool.drain(within: .seconds(8))
        #expect(late.reasons == [.fired])
        #expect(dead.attempts.count == 2)
        #expect(await bench.journal.outboxes()["dead"]?.pending == 1)
    }

    @Test("a drain leaves a hung sink behind after its grace")
    func drainOfHungSink() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        sink.always(.hang)
        await bench.configure(sink)
        await bench.sweep(["/": 0.92])
        try await sink.attempts(1)
        async let drained: Void = bench.pool.drain(within: .seconds(8))
        _ = try await eventually("the grace") { bench.time.sleeperCount == 1 ? true : nil }
        bench.time.advance(by: .seconds(8))
        await drained
        #expect(await bench.journal.frozen("webhook")?.id == sink.attempts.first?.id)
    }
}
