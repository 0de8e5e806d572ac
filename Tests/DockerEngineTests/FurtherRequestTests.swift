import Basics
import Curl
import DockerEngine
import TestSupport
import Testing

/// The two requests that only a setting asks for.
@Suite(.timeLimit(.minutes(1))) struct FurtherRequestTests {
    private func client(_ stub: EngineStub) async throws -> EngineClient {
        try await EngineClient.connect(to: stub.address, over: CurlLoop())
    }

    @Test("a log is asked for by its last lines and the run's time")
    func logs() async throws {
        let stub = try EngineStub()
        stub.reply(to: "/containers/web/logs", with: .body("one\ntwo\n", type: "text/plain"))
        let query = LogQuery(
            lines: 2,
            since: Timestamp(milliseconds: 1_700_000_000_123),
            until: Timestamp(milliseconds: 1_700_000_060_000),
            isTTY: true
        )
        #expect(try await client(stub).logs("web", query) == .lines("one\ntwo"))
        let request = try #require(stub.requests.last)
        #expect(request.method == "GET")
        #expect(
            request.query == [
                "stdout": "1", "stderr": "1", "tail": "2", "since": "1700000000.123000000",
                "until": "1700000060.000000000",
            ]
        )
    }

    @Test("a restart is a POST without a body, answered by 204")
    func restart() async throws {
        let stub = try EngineStub()
        stub.reply(to: "/containers/web/restart", with: .body("", status: 204))
        try await client(stub).restart("web", stopTimeout: .seconds(10))
        let request = try #require(stub.requests.last)
        #expect(request.method == "POST")
        #expect(request.path == "/v1.41/containers/web/restart")
        #expect(request.body.isEmpty)
    }

    @Test("what they meet is told by their own names")
    func failures() async throws {
        let stub = try EngineStub()
        let client = try await client(stub)
        stub.reply(to: "/containers/web/restart", with: .forbidden)
        let refused = await #expect(throws: EngineError.self) {
            try await client.restart("web", stopTimeout: .seconds(10))
        }
        #expect(refused.map { "\($0)" } == "POST /containers/web/restart is not allowed (status 403)")
        #expect(refused?.hint == "let the socket proxy allow POST /containers/web/restart")
        stub.reply(to: "/containers/web/restart", with: .body("{\"message\":\"no such\"}", status: 404))
        await #expect(throws: EngineError.noSuchContainer("web")) {
            try await client.restart("web", stopTimeout: .seconds(10))
        }
        await #expect(throws: EngineError.noSuchContainer("../../images")) {
            try await client.restart("../../images", stopTimeout: .seconds(10))
        }
        await #expect(throws: EngineError.noSuchContainer("a/b")) {
            _ = try await client.logs("a/b", LogQuery(lines: 1))
        }
        #expect(stub.requests.count { $0.method == "POST" } == 2)
    }
}
