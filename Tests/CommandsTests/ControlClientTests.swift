import Basics
import FoundationEssentials
import StatusServer
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// The commands' side of the control socket.
@Suite struct ControlClientTests {
    private let path = FileManager.default.temporaryDirectory.path + "/custos-\(UUID().uuidString.prefix(8)).sock"

    private static let row: JSON = [
        "fingerprint": "5d1c9c1f0a3e7b42", "state": "firing", "severity": "critical", "check": "docker",
        "measure": "container_health", "target": "web", "starts_at": "2026-11-21T01:20:04.000Z", "summary": "unhealthy",
        "value": .null, "value_state": "unhealthy", "labels": .object([]), "annotations": .object([]),
        "muted_by": .null,
    ]

    private static let source = ControlSource(
        health: { (false, "no progress: docker") },
        alerts: { ["alerts": .array([row])] },
        report: { .null },
        events: { limit, _ in
            [
                [
                    "id": .string("01JD6Q3Z8W0R5K7M2N4P6T8V9X"), "time": "2026-11-21T01:20:04.000Z", "kind": "alert",
                    "severity": .null, "reason": "fired", "summary": .string("\(limit)"),
                ]
            ]
        },
        silences: {
            [
                "silences": [
                    [
                        "id": "01JD6Q3Z8W0R5K7M2N4P6T8V9X", "matchers": ["target": "web"],
                        "starts_at": "2026-11-21T01:20:04.000Z", "ends_at": "2026-11-21T02:20:04.000Z",
                        "comment": "deploy", "author": "ops",
                    ]
                ]
            ]
        },
        addSilence: { body throws(ControlRefusal) in
            guard let body = try? JSON(parsing: body), body["for"]?.stringValue != "soon" else {
                throw ControlRefusal("for must be a duration such as 30m")
            }
            return body
        },
        expireSilence: { $0 == "01JD6Q3Z8W0R5K7M2N4P6T8V9X" },
        testSinks: { _ in ["sinks": [["sink": "webhook", "accepted": false, "reason": "401"]]] },
        retrySink: { $0 == "webhook" ? 3 : nil }
    )

    private func serving(_ body: @escaping @Sendable (ControlClient) async throws -> Void) async throws {
        let isListening = Mutex(false)
        let server = ControlServer(path: path, source: Self.source, time: ManualTime()) { condition in
            if case .listening = condition { isListening.withLock { $0 = true } }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            _ = try await eventually("a server") { isListening.withLock { $0 } ? true : nil }
            try await body(ControlClient(socket: path))
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("each command understands what the watchdog answers")
    func answers() async throws {
        try await serving { client async throws in
            let health = try await client.get("/v1/health", as: HealthCommand.Answer.self)
            #expect(!health.healthy)
            #expect(health.reason == "no progress: docker")
            let alert = try await client.get("/v1/alerts", as: AlertsCommand.Answer.self).alerts.first
            #expect(alert?.target == "web")
            #expect(alert?.muted_by == nil)
            let events = try await client.get("/v1/events?limit=7", as: EventsCommand.Answer.self).events
            #expect(events.map(\.summary) == ["7"])
            let silences = try await client.get("/v1/silences", as: SilenceCommand.List.Answer.self).silences
            #expect(silences.map(\.matchers) == [["target": "web"]])
            let tested = try await client.post("/v1/sinks/test", .object([]))
            let outcome = try JSONText.decode(SinksCommand.Test.Answer.self, tested).sinks.first
            #expect(outcome?.accepted == false)
            let retried = try await client.post("/v1/sinks/retry/webhook", .object([]))
            #expect(try JSONText.decode(SinksCommand.Retry.Answer.self, retried).queued == 3)
        }
    }

    @Test("a refusal carries the watchdog's reason")
    func refusals() async throws {
        try await serving { client async throws in
            let body: JSON = ["matchers": ["a": "b"], "for": "soon"]
            let bad = await #expect(throws: ControlClient.Failure.self) { try await client.post("/v1/silences", body) }
            #expect(bad?.description.contains("400") == true)
            #expect(bad?.description.contains("for must be a duration") == true)
            let unknown = await #expect(throws: ControlClient.Failure.self) {
                try await client.post("/v1/sinks/retry/nobody", .object([]))
            }
            #expect(unknown?.description.contains("no sink of this name") == true)
        }
    }

    @Test("without a watchdog it says where it looked and what to do")
    func nobodyThere() async {
        let failure = await #expect(throws: ControlClient.Failure.self) {
            try await ControlClient(socket: path).get("/v1/health")
        }
        #expect(failure?.description.contains(path) == true)
        #expect(failure?.description.contains("is `custos run` running here?") == true)
    }
}
