import Alerting
import Basics
import Curl
import Settings
import TestSupport
import Testing

@testable import Sinks

@Suite("Heartbeat ping")
struct HeartbeatPingTests {
    private static func ping(_ receiver: HTTPReceiver, _ method: HeartbeatPing.Method) throws -> HeartbeatPing {
        var settings = HeartbeatPing.Settings()
        settings.url = HTTPAddress(receiver.url("/ping/secretUUID"))
        settings.method = method
        settings.headers = ["X-A": Secret("b")]
        let tools = SinkTools(curl: CurlLoop(), time: ManualTime(), version: "1")
        let ping = HeartbeatPing(settings, tools: tools)
        return try #require(ping)
    }

    private static func alive() throws -> Event {
        Event(
            id: try Samples.id("H1"),
            time: Samples.time,
            kind: .heartbeat,
            reason: .alive,
            node: "n",
            summary: "alive"
        )
    }

    @Test("a ping calls the address with its method", arguments: HeartbeatPing.Method.allCases)
    func methods(method: HeartbeatPing.Method) async throws {
        let receiver = try HTTPReceiver()
        try await Self.ping(receiver, method).send(Self.alive())
        let request = try #require(receiver.requests.first)
        #expect(request.method == method.rawValue.uppercased())
        #expect(request.path == "/ping/secretUUID")
        #expect(request.header("X-A") == "b")
        let wanted = [.post, .put].contains(method) ? try Self.alive().json().text : ""
        #expect(request.text == wanted)
    }

    @Test("a refused ping is an error that does not show the address")
    func refused() async throws {
        let receiver = try HTTPReceiver(.init(404, body: "unknown /ping/secretUUID"))
        let ping = try Self.ping(receiver, .get)
        let error = await #expect(throws: DeliveryError.self) { try await ping.send(Self.alive()) }
        #expect(error?.because == "http://127.0.0.1:\(receiver.port) answered 404: unknown …")
    }

    @Test("without an address there is no heartbeat; the default is one a minute")
    func defaults() {
        let tools = SinkTools(curl: CurlLoop(), time: ManualTime(), version: "1")
        #expect(HeartbeatPing(.init(), tools: tools).map(\.every) == nil)
        #expect(HeartbeatPing.Settings().every == .seconds(60))
    }
}
