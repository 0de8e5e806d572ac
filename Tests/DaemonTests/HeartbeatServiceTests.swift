import Alerting
import Basics
import Curl
import Settings
import Sinks
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite struct HeartbeatServiceTests {
    private let time = ManualTime()
    private let isHealthy = Shared(true)
    private let outcomes = Shared<[DeliveryError?]>([])

    /// A value that a test and a task share.
    private final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>

        init(_ value: Value) {
            self.value = Mutex(value)
        }
    }

    private func pinging(_ receiver: HTTPReceiver, _ body: () async throws -> Void) async throws {
        var settings = HeartbeatPing.Settings()
        settings.url = try HTTPAddress(setting: receiver.url("/ping"))
        settings.method = .post
        let tools = SinkTools(curl: CurlLoop(), time: time, version: "1")
        let ping = try #require(HeartbeatPing(settings, tools: tools))
        let service = HeartbeatService(
            ping,
            node: "edge-7",
            time: time,
            isHealthy: { [isHealthy] in isHealthy.value.withLock { $0 } },
            outcome: { [outcomes] outcome in outcomes.value.withLock { $0.append(outcome) } }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// Lets one interval pass once the service waits for it.
    private func turn() async throws {
        _ = try await eventually("a wait") { time.sleeperCount == 1 ? true : nil }
        time.advance(by: .seconds(60))
    }

    @Test("it pings at once and every interval while sweeps make progress")
    func pings() async throws {
        let receiver = try HTTPReceiver()
        try await pinging(receiver) {
            _ = try await receiver.requests(1)
            try await turn()
            let requests = try await receiver.requests(2)
            let event = try JSON(parsing: requests[1].body)
            #expect(event["kind"]?.stringValue == "heartbeat")
            #expect(event["node"]?.stringValue == "edge-7")
            _ = try await eventually("a wait") { time.sleeperCount == 1 ? true : nil }
        }
        #expect(outcomes.value.withLock { $0 } == [nil, nil])
    }

    @Test("a stuck watchdog holds its ping back, and pings again when it moves")
    func stuck() async throws {
        let receiver = try HTTPReceiver()
        isHealthy.value.withLock { $0 = false }
        try await pinging(receiver) {
            for _ in 0..<3 { try await turn() }
            _ = try await eventually("a wait") { time.sleeperCount == 1 ? true : nil }
            #expect(receiver.requests.isEmpty)
            isHealthy.value.withLock { $0 = true }
            try await turn()
            _ = try await receiver.requests(1)
        }
    }

    @Test("a ping that fails is reported, and the next one follows")
    func failure() async throws {
        let receiver = try HTTPReceiver(.init(500))
        try await pinging(receiver) {
            _ = try await receiver.requests(1)
            try await turn()
            _ = try await receiver.requests(2)
            _ = try await eventually("a wait") { time.sleeperCount == 1 ? true : nil }
        }
        let all = outcomes.value.withLock { $0 }
        #expect(all.count == 2)
        #expect(all.first??.because.contains("500") == true)
        #expect(all.last == .some(nil))
    }
}
