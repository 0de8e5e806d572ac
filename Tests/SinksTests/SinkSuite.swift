import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

/// What every sink must pass.
@Suite("Every sink")
struct SinkSuite {
    @Test("every kind in the catalogue is on the bench")
    func complete() {
        #expect(Set(SinkBench.all.map { $0.kind }) == Set(SinkCatalogue.all.map { $0.kind }))
    }

    @Test("events are told once each and in order", arguments: SinkBench.all)
    func order(bench: SinkBench) async throws {
        let running = try bench.start(.fair)
        for round in 0..<3 {
            let events = try (0..<12).map { index in
                var event = try Samples.number()
                event.summary = "event \(round * 12 + index)."
                return event
            }
            try await running.sink.deliver(Samples.delivery(events, id: "\(round)"))
        }
        let told = running.told()
        // Two of Slack's and Discord's texts hold a title: the first mention counts.
        let places = try (0..<36).map { try #require(told.place(of: "event \($0).")) }
        #expect(places == places.sorted())
    }

    @Test("a refusal is worth another attempt, and then everything is told", arguments: SinkBench.all)
    func retry(bench: SinkBench) async throws {
        let running = try bench.start(.refusing)
        let delivery = try Samples.delivery([Samples.alert(), Samples.resolved()])
        for _ in 0..<3 {
            let error = await #expect(throws: DeliveryError.self) { try await running.sink.deliver(delivery) }
            guard case .transient(_, _, alarming: false)? = error else {
                Issue.record("expected a plain transient error, got \(String(describing: error))")
                return
            }
        }
        running.clear()
        try await running.sink.deliver(delivery)
        let told = running.told()
        #expect(told.place(of: "is unhealthy: 3 failed probes") != nil)
        #expect(told.place(of: "is healthy again") != nil)
    }

    @Test("S5 the idempotency key is the delivery's and equal at each attempt", arguments: SinkBench.all)
    func key(bench: SinkBench) async throws {
        let running = try bench.start(.refusing)
        let delivery = try Samples.delivery([Samples.alert()])
        for _ in 0..<2 {
            await #expect(throws: DeliveryError.self) { try await running.sink.deliver(delivery) }
        }
        running.clear()
        try await running.sink.deliver(delivery)
        let keys = running.keys()
        #expect(keys == (bench.kind == StdoutSink.kind ? [] : Array(repeating: delivery.id.description, count: 3)))
    }

    @Test("no error shows a secret", arguments: SinkBench.all)
    func secrets(bench: SinkBench) async throws {
        let running = try bench.start(.refusing)
        let error = await #expect(throws: DeliveryError.self) {
            try await running.sink.deliver(Samples.delivery([Samples.alert()]))
        }
        let shown = String(describing: error) + String(reflecting: running.sink) + "\(running.sink)"
        let leaked = bench.secrets.filter { shown.contains($0) }
        #expect(leaked == [])
    }

    @Test("cancellation while sending ends the attempt at once and calls it worth repeating", arguments: SinkBench.all)
    func cancellation(bench: SinkBench) async throws {
        let running = try bench.start(.hanging)
        let delivery = try Samples.delivery([Samples.alert()])
        let outcome = try await withThrowingTaskGroup(of: DeliveryError?.self) { group in
            group.addTask {
                do throws(DeliveryError) {
                    try await running.sink.deliver(delivery)
                    return nil
                } catch {
                    return error
                }
            }
            try await running.underWay()
            group.cancelAll()
            return try await group.next()
        }
        guard case .transient?? = outcome else {
            Issue.record("expected a transient error, got \(String(describing: outcome))")
            return
        }
    }

    @Test("an empty delivery is accepted", arguments: SinkBench.all)
    func empty(bench: SinkBench) async throws {
        let running = try bench.start(.fair)
        try await running.sink.deliver(Samples.delivery([]))
        #expect(running.told() == "")
    }
}

extension String {
    /// The offset of the first occurrence of `wanted`, in bytes.
    func place(of wanted: String) -> Int? {
        let bytes = Array(utf8)
        let wanted = Array(wanted.utf8)
        return bytes.indices.first { bytes[$0...].starts(with: wanted) }
    }
}
