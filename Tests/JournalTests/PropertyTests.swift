import Alerting
import Basics
import SQLite
import TestSupport
import Testing

@testable import Journal

/// Random decisions, deliveries, refusals, kills and full disks, compared with what a receiver must see.
struct PropertyTests {
    @Test("S2 whatever happens, every event is told in order, or named as refused", arguments: 1...8)
    func everythingIsTold(seed: UInt64) async throws {
        let time = ManualTime()
        let folder = try TemporaryFolder()
        var random = SeededGenerator(state: seed)
        var samples = Samples(time)
        var model = Model()
        var path = folder.journal
        var journal = await Journal.opened(path, time)
        for step in 0..<200 {
            time.advance(by: .milliseconds(Int64.random(in: 0...9000, using: &random)))
            let sink = ["a", "b"].randomElement(using: &random) ?? "a"
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45:
                let reason: Event.Reason = [.fired, .resolved, .reminder].randomElement(using: &random) ?? .fired
                let target = "t\(Int.random(in: 0..<5, using: &random))"
                let decision = samples.decision(
                    reason,
                    target: target,
                    sinks: [["a"], ["a", "b"], []].randomElement(using: &random) ?? []
                )
                model.decided(decision)
                let freezing: Set<SinkID> = Bool.random(using: &random) ? [sink] : []
                let committed = await journal.commit(decision, freezing: freezing)
                #expect(Set(committed.queued.keys) == Set(decision.notices.map(\.sink)))
            case 45..<75:
                guard let delivery = await next(journal, sink, &random) else { continue }
                model.attempted(delivery)
                if Int.random(in: 0..<4, using: &random) > 0 { await journal.delivered(delivery) }
            case 75..<83:
                guard let delivery = await next(journal, sink, &random) else { continue }
                await journal.deadLetter(delivery, because: "HTTP 400")
            case 83..<88:
                await journal.retryDeadLetters(sink)
            case 88..<92:
                await journal.degrade(DatabaseError(.full, message: "disk full"))
            case 92..<96:
                await journal.close(clean: Bool.random(using: &random))
                journal = await Journal.opened(path, time)
            default:
                guard await journal.status() == .durable else { continue }
                let killed = try folder.crashed(path, as: "kill-\(step).db")
                await journal.close(clean: false)
                path = killed
                journal = await Journal.opened(path, time)
            }
            if await journal.status() != .durable {
                time.advance(by: .seconds(61))
                #expect(await journal.heartbeat() == .durable)
            }
        }
        for sink in ["a", "b"] {
            await journal.retryDeadLetters(sink)
            while let delivery = await next(journal, sink, &random) {
                model.attempted(delivery)
                await journal.delivered(delivery)
            }
            let told = model.told[sink] ?? []
            #expect(Completeness(told).isComplete, "seed \(seed), sink \(sink)")
            #expect(Set(told.map(\.event.id)).isSuperset(of: model.due[sink] ?? []), "seed \(seed), sink \(sink)")
        }
        #expect(Dictionary(grouping: await journal.load().alerts, by: \.id).mapValues(\.first) == model.alerts)
    }

    private func next(_ journal: Journal, _ sink: SinkID, _ random: inout SeededGenerator) async -> Delivery? {
        if let frozen = await journal.frozen(sink) { return frozen }
        let limit = Int.random(in: 1...6, using: &random)
        guard let last = await journal.pending(sink, limit: limit).last else { return nil }
        return await journal.freeze(sink, through: last.placement.sequence)
    }
}

/// What must hold, kept beside the journal.
private struct Model {
    var due: [SinkID: [ULID]] = [:]
    var told: [SinkID: [QueuedEvent]] = [:]
    var alerts: [AlertID: Alert] = [:]
    private var members: [ULID: [QueuedEvent]] = [:]

    mutating func decided(_ decision: Decision) {
        for notice in decision.notices { due[notice.sink, default: []].append(notice.event) }
        for alert in decision.alerts { alerts[alert.id] = alert }
    }

    /// A delivery that is attempted again is the same request (S5), and comes before anything newer.
    mutating func attempted(_ delivery: Delivery) {
        if let known = members[delivery.id] {
            #expect(known.map(\.placement.sequence) == delivery.events.map(\.placement.sequence))
            return
        }
        members[delivery.id] = delivery.events
        told[delivery.sink, default: []] += delivery.events
    }
}
