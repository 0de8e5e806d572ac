import Basics
import Curl
import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import StatusServer

@Suite("Control server")
struct ControlServerTests {
    private let path = FileManager.default.temporaryDirectory.path + "/custos-\(UUID().uuidString.prefix(8)).sock"

    /// What the daemon would know, and what it was asked.
    private final class Known: Sendable {
        let asked = Mutex<[String]>([])

        func note(_ what: String) { asked.withLock { $0.append(what) } }

        var source: ControlSource {
            ControlSource(
                health: { (false, "no progress: docker") },
                alerts: { ["alerts": []] },
                report: { ["schema": "custos.report/1"] },
                events: { limit, after in
                    self.note("events \(limit) \(after ?? "-")")
                    return [["id": "1"], ["id": "2"]]
                },
                silences: { ["silences": []] },
                addSilence: { body throws(ControlRefusal) in
                    self.note(String(decoding: body, as: UTF8.self))
                    guard !body.isEmpty else { throw ControlRefusal("the body is empty") }
                    return ["id": "1"]
                },
                expireSilence: { $0 == "1" },
                testSinks: { $0 == nil || $0 == "webhook.ops" ? ["sinks": []] : nil },
                retrySink: { $0 == "webhook.ops" ? 3 : nil }
            )
        }
    }

    /// Runs a server at the path while `body` speaks to it.
    private func serving(
        _ known: Known = Known(),
        _ body: @escaping @Sendable (Client) async throws -> Void
    ) async throws {
        let isListening = Mutex(false)
        let server = ControlServer(path: path, source: known.source, time: ManualTime()) { condition in
            if case .listening = condition { isListening.withLock { $0 = true } }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            _ = try await eventually("a server") { isListening.withLock { $0 } ? true : nil }
            try await body(Client(path: path))
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private struct Client: Sendable {
        let curl = CurlLoop()
        let path: String

        func send(_ target: String, _ method: HTTPRequest.Method = .get, body: String = "") async throws -> HTTPResponse
        {
            var request = HTTPRequest(method, "http://custos\(target)")
            request.unixSocketPath = path
            request.body = Array(body.utf8)
            return try await curl.send(request)
        }
    }

    @Test("S33 only our own user may open the socket, and it goes with the server")
    func mode() async throws {
        let path = path
        try await serving { _ in
            var facts = stat()
            #expect(stat(path, &facts) == 0)
            #expect(facts.st_mode & S_IFMT == S_IFSOCK)
            #expect(facts.st_mode & 0o777 == 0o600)
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test("a socket file that a killed predecessor left is replaced")
    func stale() async throws {
        let dead = try #require(BoundSocket(path))
        defer { dead.close() }
        try await serving { client async throws in
            #expect(try await client.send("/v1/alerts").text == #"{"alerts":[]}"#)
        }
    }

    @Test("S33 a socket that another Custos answers on is left to it, said once, and taken when that one is gone")
    func taken() async throws {
        let path = path
        let other = try #require(BoundSocket(path, backlog: 1))
        let time = ManualTime()
        let heard = Mutex<[HTTPListener.Condition]>([])
        let server = ControlServer(path: path, source: Known().source, time: time) { condition in
            heard.withLock { $0.append(condition) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            for _ in 1...3 {
                _ = try await eventually("a refusal") { time.sleeperCount == 1 ? true : nil }
                time.advance(by: .seconds(30))
            }
            _ = try await eventually("a refusal") { time.sleeperCount == 1 ? true : nil }
            let because = "\(path) is in use by another Custos or program; give each its own path"
            #expect(heard.withLock { $0 } == [.blocked(because: because)])
            other.close()
            time.advance(by: .seconds(30))
            _ = try await eventually("a server") { heard.withLock { $0.count } == 2 ? true : nil }
            #expect(try await Client(path: path).send("/v1/alerts").status == 200)
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test("S33 a server that never listened leaves the other's socket where it is")
    func leaves() async throws {
        let path = path
        try await serving { client async throws in
            let time = ManualTime()
            let second = ControlServer(path: path, source: Known().source, time: time) { _ in }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await second.run() }
                _ = try await eventually("a refusal") { time.sleeperCount == 1 ? true : nil }
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(try await client.send("/v1/alerts").status == 200)
        }
    }

    @Test("an unhealthy watchdog still answers 200: the verdict is in the body")
    func health() async throws {
        try await serving { client async throws in
            let answer = try await client.send("/v1/health")
            #expect(answer.status == 200)
            #expect(answer.text == #"{"healthy":false,"reason":"no progress: docker"}"#)
        }
    }

    @Test("the number of events is bounded whatever is asked for")
    func events() async throws {
        let known = Known()
        try await serving(known) { client async throws in
            for query in ["", "?limit=5&after=01J", "?limit=0", "?limit=99999999", "?limit=x&after="] {
                #expect(try await client.send("/v1/events\(query)").text == #"{"events":[{"id":"1"},{"id":"2"}]}"#)
            }
            #expect(
                known.asked.withLock { $0 } == [
                    "events 50 -", "events 5 01J", "events 1 -", "events 10000 -", "events 50 -",
                ]
            )
            #expect(try await client.send("/v1/events?lines=true").text == "{\"id\":\"1\"}\n{\"id\":\"2\"}\n")
        }
    }

    @Test("a refused body is 400 with the reason, one without end is not read to its end")
    func bodies() async throws {
        let known = Known()
        try await serving(known) { client async throws in
            let refused = try await client.send("/v1/silences", .post)
            #expect(refused.status == 400)
            #expect(refused.text.contains("the body is empty"))
            #expect(try await client.send("/v1/silences", .post, body: "{}").text == #"{"id":"1"}"#)
            let large = String(repeating: "x", count: 1_000_000)
            #expect(try await client.send("/v1/silences", .post, body: large).status == 413)
            #expect(known.asked.withLock { $0 } == ["", "{}"])
        }
    }

    @Test("what is unknown is 404 with the reason")
    func unknown() async throws {
        try await serving { client async throws in
            #expect(try await client.send("/v1/silences/1", .delete).status == 200)
            for (target, method) in [
                ("/v1/silences/2", HTTPRequest.Method.delete), ("/v1/sinks/test/nobody", .post),
                ("/v1/sinks/retry/nobody", .post),
            ] {
                let answer = try await client.send(target, method)
                #expect(answer.status == 404)
                #expect(answer.text.contains("no s"), "\(answer.text)")
            }
            #expect(try await client.send("/v1/sinks/test/webhook.ops", .post).text == #"{"sinks":[]}"#)
            #expect(try await client.send("/v1/sinks/test", .post).text == #"{"sinks":[]}"#)
            #expect(try await client.send("/v1/sinks/retry/webhook.ops", .post).text == #"{"queued":3}"#)
            #expect(try await client.send("/v1/nothing").status == 404)
            #expect(try await client.send("/v1/sinks/retry/webhook.ops").status != 200)
        }
    }

    @Test("the report is the same as the status server's")
    func report() async throws {
        try await serving { client async throws in
            let answer = try await client.send("/v1/report")
            #expect(answer.headers["Content-Type"] == "application/json")
            #expect(answer.text == #"{"schema":"custos.report/1"}"#)
            #expect(try await client.send("/v1/silences").text == #"{"silences":[]}"#)
        }
    }
}
