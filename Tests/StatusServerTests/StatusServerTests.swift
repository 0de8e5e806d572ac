import Basics
import Curl
import Exposition
import Synchronization
import TestSupport
import Testing

@testable import StatusServer

@Suite("Status server")
struct StatusServerTests {
    /// What the daemon would know.
    private final class Known: Sendable {
        let verdict = Mutex(StatusSource.Verdict(true, ""))
        let asked = Mutex<[String]>([])

        var source: StatusSource {
            StatusSource(
                live: { self.note("live") },
                ready: { self.note("ready") },
                metrics: {
                    _ = self.note("metrics")
                    return "custos_build_info{version=\"1\"} 1\n"
                },
                report: {
                    _ = self.note("report")
                    return ["schema": "custos.report/1"]
                },
                alerts: {
                    _ = self.note("alerts")
                    return []
                }
            )
        }

        private func note(_ what: String) -> StatusSource.Verdict {
            asked.withLock { $0.append(what) }
            return verdict.withLock { $0 }
        }
    }

    /// What the server said of its socket, in order.
    private final class Conditions: Sendable {
        let all = Mutex<[StatusServer.Condition]>([])

        func note(_ condition: StatusServer.Condition) { all.withLock { $0.append(condition) } }

        func port() async throws -> Int {
            try await eventually("a port") {
                self.all.withLock { all in
                    for case .listening(let port) in all { return port }
                    return nil
                }
            }
        }
    }

    /// Sends requests to a server on this machine.
    private struct Client: Sendable {
        let curl = CurlLoop()
        let port: Int

        func send(
            _ path: String,
            _ method: HTTPRequest.Method = .get,
            body: [UInt8] = [],
            agent: String = "test"
        ) async throws -> HTTPResponse {
            var request = HTTPRequest(method, "http://127.0.0.1:\(port)\(path)")
            request.body = body
            request.userAgent = agent
            return try await curl.send(request)
        }
    }

    /// Runs a server on a free port while `body` speaks to it.
    private static func serving(
        _ known: Known,
        _ body: @escaping @Sendable (Client) async throws -> Void
    ) async throws {
        let conditions = Conditions()
        let time = ManualTime(now: Timestamp(milliseconds: 1_795_224_154_123))
        let server = StatusServer(port: 0, source: known.source, time: time) { conditions.note($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await body(Client(port: try await conditions.port()))
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test(
        "S36 /livez and /healthz say the same; /readyz its own",
        arguments: ["livez": "live", "healthz": "live", "readyz": "ready"].sorted { $0.key < $1.key }
    )
    func health(path: String, asked: String) async throws {
        let known = Known()
        try await Self.serving(known) { client in
            let good = try await client.send("/\(path)")
            #expect(good.status == 200)
            #expect(good.text == "ok\n")
            known.verdict.withLock { $0 = (false, "docker: no sweep for 2m\u{1B}") }
            let bad = try await client.send("/\(path)")
            #expect(bad.status == 503)
            #expect(bad.text == "not ok: docker: no sweep for 2m\u{FFFD}\n")
            #expect(known.asked.withLock { $0 } == [asked, asked])
        }
    }

    @Test("a scrape reads the metrics and starts nothing else")
    func metrics() async throws {
        let known = Known()
        try await Self.serving(known) { client in
            let answer = try await client.send("/metrics")
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == Exposition.contentType)
            #expect(answer.text == "custos_build_info{version=\"1\"} 1\n")
            #expect(known.asked.withLock { $0 } == ["metrics"])
        }
    }

    @Test("report and alerts are JSON")
    func api() async throws {
        try await Self.serving(Known()) { client in
            let report = try await client.send("/api/v1/report")
            #expect(report.headers["Content-Type"] == "application/json")
            #expect(report.text == #"{"schema":"custos.report/1"}"#)
            #expect(try await client.send("/api/v1/alerts").text == "[]")
        }
    }

    @Test(
        "every answer is dated, not kept, and not guessed at",
        arguments: ["/livez", "/metrics", "/nothing", "/api/v1/report"]
    )
    func headers(path: String) async throws {
        try await Self.serving(Known()) { client in
            let answer = try await client.send(path)
            #expect(answer.headers["Date"] == "Sat, 21 Nov 2026 01:22:34 GMT")
            #expect(answer.headers["Cache-Control"] == "no-store")
            #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
            #expect(answer.headers["Server"] == nil)
        }
    }

    @Test("an unknown address is 404, another method is refused, HEAD has no body")
    func unknown() async throws {
        let known = Known()
        try await Self.serving(known) { client in
            #expect(try await client.send("/").status == 404)
            #expect(try await client.send("/api/v1/%2e%2e/secret").status == 404)
            let large = [UInt8](repeating: 0, count: 1_000_000)
            let refused = try await client.send("/metrics", .post, body: large).status
            #expect([404, 405].contains(refused))
            #expect(known.asked.withLock { $0 } == [])
            let head = try await client.send("/livez", .head)
            #expect(head.status == 200)
            #expect(head.body == [])
        }
    }

    @Test("a request with an endless head is refused, and the server goes on")
    func hugeHead() async throws {
        try await Self.serving(Known()) { client in
            let refused = try? await client.send("/livez", agent: String(repeating: "x", count: 100_000)).status
            #expect(refused != 200)
            let modest = try await client.send("/livez").status
            #expect(modest == 200)
        }
    }

    @Test("S35 a busy port is told once and tried again, and the server never fails for it")
    func busy() async throws {
        try await Self.serving(Known()) { client in
            let port = client.port
            let time = ManualTime()
            let conditions = Conditions()
            let second = StatusServer(port: port, source: Known().source, time: time) { conditions.note($0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await second.run() }
                for _ in 0..<3 {
                    _ = try await eventually("a wait") { time.sleeperCount > 0 ? true : nil }
                    time.advance(by: .seconds(30))
                }
                _ = try await eventually("a wait") { time.sleeperCount > 0 ? true : nil }
                #expect(
                    conditions.all.withLock { $0 } == [
                        .blocked(because: "127.0.0.1:\(port) is in use by another program")
                    ]
                )
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test("a port that becomes free is taken")
    func recovers() async throws {
        let time = ManualTime()
        let conditions = Conditions()
        let blocker = try HTTPReceiver()
        let port = Int(blocker.port)
        let server = StatusServer(port: port, source: Known().source, time: time) { conditions.note($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            _ = try await eventually("a wait") { time.sleeperCount > 0 ? true : nil }
            blocker.stop()
            _ = try await eventually("the port") {
                time.advance(by: .seconds(30))
                return conditions.all.withLock { $0.last == .listening(port: port) ? true : nil }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
