import Basics
import Curl
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CurlLoopTests {
    let loop = CurlLoop()

    @Test("a GET brings status, headers and body")
    func get() async throws {
        let receiver = try HTTPReceiver(.init(201, headers: ["X-Answer": " yes "], body: "hello"))
        let response = try await loop.send(HTTPRequest(.get, receiver.url("/a?b=c")))
        #expect(response.status == 201)
        #expect(response.isSuccess)
        #expect(response.headers["x-answer"] == "yes")
        #expect(response.text == "hello")
        #expect(response.timing.total >= response.timing.firstByte)
        #expect(receiver.requests.map(\.target) == ["/a?b=c"])
        #expect(receiver.requests.map(\.method) == ["GET"])
    }

    @Test("a POST carries body, own headers, user agent and nothing that libcurl would add")
    func post() async throws {
        let receiver = try HTTPReceiver()
        var request = HTTPRequest(.post, receiver.url("/hook"))
        request.headers = [.init("X-One", "1"), .init("X-Empty", "")]
        request.body = Array(repeating: UInt8(ascii: "x"), count: 2 << 20)
        request.userAgent = "custos/1.0"
        _ = try await loop.send(request)
        let seen = try #require(receiver.requests.first)
        #expect(seen.method == "POST")
        #expect(seen.body.count == 2 << 20)
        #expect(seen.header("x-one") == "1")
        #expect(seen.header("x-empty") == "")
        #expect(seen.header("user-agent") == "custos/1.0")
        #expect(seen.header("content-type") == nil)
        #expect(seen.header("expect") == nil)
    }

    @Test("every method is sent by its name, with a body where there is one", arguments: HTTPRequest.Method.allCases)
    func methods(_ method: HTTPRequest.Method) async throws {
        let receiver = try HTTPReceiver()
        var request = HTTPRequest(method, receiver.url())
        if method != .head { request.body = Array("body".utf8) }
        let response = try await loop.send(request)
        #expect(response.status == 200)
        #expect(receiver.requests.map(\.method) == [method.rawValue])
        #expect(receiver.requests.map(\.text) == [method == .head ? "" : "body"])
    }

    @Test("an empty POST has a length of zero")
    func emptyPost() async throws {
        let receiver = try HTTPReceiver()
        _ = try await loop.send(HTTPRequest(.post, receiver.url()))
        #expect(receiver.requests.first?.header("content-length") == "0")
    }

    @Test("authorization is sent as the server expects it")
    func authorization() async throws {
        let receiver = try HTTPReceiver()
        var request = HTTPRequest(.get, receiver.url())
        request.authorization = .basic(user: "aladdin", password: Secret("open:sesame"))
        _ = try await loop.send(request)
        request.authorization = .bearer(Secret("t0ken"))
        _ = try await loop.send(request)
        #expect(
            receiver.requests.map { $0.header("authorization") } == [
                "Basic YWxhZGRpbjpvcGVuOnNlc2FtZQ==", "Bearer t0ken",
            ]
        )
    }

    @Test("requests one after another use one connection, requests at once several")
    func connections() async throws {
        let receiver = try HTTPReceiver()
        for _ in 0..<5 { _ = try await loop.send(HTTPRequest(.get, receiver.url())) }
        #expect(receiver.connectionCount == 1)
        receiver.always(.init(delay: .seconds(2)))
        await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<4 { group.addTask { try? await loop.send(HTTPRequest(.get, receiver.url())).status } }
            for await status in group { #expect(status == 200) }
        }
        #expect(receiver.connectionCount == 4)
    }

    @Test("a kept connection that the server has dropped is replaced without an error")
    func droppedConnection() async throws {
        let receiver = try HTTPReceiver()
        _ = try await loop.send(HTTPRequest(.get, receiver.url()))
        receiver.cutConnections()
        #expect(try await loop.send(HTTPRequest(.get, receiver.url())).status == 200)
        #expect(receiver.connectionCount == 2)
    }

    @Test("redirects are answers unless they are to be followed")
    func redirects() async throws {
        let receiver = try HTTPReceiver()
        receiver.always { request in
            request.path == "/old"
                ? .init(302, headers: ["Location": "/new"], body: "moved") : .init(200, body: request.path)
        }
        var request = HTTPRequest(.get, receiver.url("/old"))
        #expect(try await loop.send(request).status == 302)
        #expect(receiver.requests.count == 1)
        request.followRedirects = true
        let followed = try await loop.send(request)
        #expect(followed.status == 200)
        #expect(followed.text == "/new")
        #expect(followed.headers["location"] == nil)
    }

    @Test("a redirect to another protocol, or without end, fails", arguments: ["file:///etc/passwd", "/again"])
    func badRedirects(_ location: String) async throws {
        let receiver = try HTTPReceiver()
        receiver.always(.init(302, headers: ["Location": location]))
        var request = HTTPRequest(.get, receiver.url("/again"))
        request.followRedirects = true
        await #expect(throws: HTTPError.self) { try await loop.send(request) }
        #expect(receiver.requests.count <= 6)
    }

    @Test("a body above the limit fails, or is truncated where that is wanted")
    func bodyLimit() async throws {
        let receiver = try HTTPReceiver()
        receiver.always(.init(body: String(repeating: "y", count: 100_000)))
        var request = HTTPRequest(.get, receiver.url())
        request.bodyLimit = 99_999
        await #expect(throws: HTTPError.tooLarge(at: request.place, limit: 99_999)) { try await loop.send(request) }
        request.truncatesBody = true
        let truncated = try await loop.send(request)
        #expect(truncated.body.count == 99_999)
        #expect(truncated.isTruncated)
        request.bodyLimit = 100_000
        let whole = try await loop.send(request)
        #expect(whole.body.count == 100_000)
        #expect(!whole.isTruncated)
    }

    @Test("a head without end is refused")
    func headLimit() async throws {
        let receiver = try HTTPReceiver(
            .init(
                headers: Dictionary(
                    uniqueKeysWithValues: (0..<80).map { ("X-\($0)", String(repeating: "z", count: 1000)) }
                )
            )
        )
        let request = HTTPRequest(.get, receiver.url())
        await #expect(throws: HTTPError.tooLarge(at: request.place, limit: 64 << 10)) { try await loop.send(request) }
    }

    @Test("a connection that ends early is told as cut")
    func cut() async throws {
        let receiver = try HTTPReceiver(
            .init(.cut(after: 3), body: "hello"),
            .init(.nothing),
            .init(.reset)
        )
        let request = HTTPRequest(.post, receiver.url())
        for _ in 0..<3 {
            await #expect(throws: HTTPError.cut(at: request.place)) { try await loop.send(request) }
        }
    }

    @Test("an answer in small pieces is put together")
    func slow() async throws {
        let receiver = try HTTPReceiver(
            .init(.slow(piece: 7, every: .milliseconds(1)), body: "a slow but whole answer")
        )
        #expect(try await loop.send(HTTPRequest(.get, receiver.url())).text == "a slow but whole answer")
    }

    @Test("a server that does not answer in time is told so, also in the middle of a body")
    func timeouts() async throws {
        let receiver = try HTTPReceiver(
            .init(.hang),
            .init(.slow(piece: 60, every: .seconds(20)), body: String(repeating: "b", count: 100))
        )
        var request = HTTPRequest(.get, receiver.url())
        request.timeout = .seconds(2)
        await #expect(throws: HTTPError.timedOut(at: request.place, while: .waiting)) { try await loop.send(request) }
        await #expect(throws: HTTPError.timedOut(at: request.place, while: .reading)) { try await loop.send(request) }
        receiver.stop()
    }

    @Test("a cancelled task ends its request at once and lets others go on")
    func cancellation() async throws {
        let receiver = try HTTPReceiver(.init(.hang))
        let task = Task { try await loop.send(HTTPRequest(.get, receiver.url("/hangs"))) }
        _ = try await receiver.requests(1)
        let before = SystemTime().uptime
        task.cancel()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
        #expect(SystemTime().uptime - before < .seconds(5))
        #expect(try await loop.send(HTTPRequest(.get, receiver.url("/next"))).status == 200)
    }

    @Test("a task cancelled beforehand sends nothing")
    func cancelledBefore() async throws {
        let receiver = try HTTPReceiver()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await loop.send(HTTPRequest(.get, receiver.url()))
        }
        await #expect(throws: HTTPError.cancelled) { try await task.value }
        #expect(receiver.requests.isEmpty)
    }

    @Test("nobody listening, no socket and a forbidden socket are told apart by errno")
    func unreachable() async throws {
        let receiver = try HTTPReceiver()
        receiver.stop()
        var request = HTTPRequest(.get, receiver.url())
        // The listener closes on its own thread.
        _ = try await eventually("closed port") {
            do {
                _ = try await loop.send(request)
            } catch HTTPError.unreachable(_, ECONNREFUSED) {
                return true
            } catch {}
            return nil
        }
        request = HTTPRequest(.get, "http://engine/_ping")
        request.unixSocketPath = "/nowhere/at/all.sock"
        await #expect(throws: HTTPError.unreachable(at: "/nowhere/at/all.sock", errno: ENOENT)) {
            try await loop.send(request)
        }
    }

    @Test("what is no HTTP is told so")
    func notHTTP() async throws {
        let stub = try RawServer(answer: "SSH-2.0-OpenSSH_9.2\r\n")
        let request = HTTPRequest(.get, "http://127.0.0.1:\(stub.port)/")
        await #expect(throws: HTTPError.notHTTP(at: request.place)) { try await loop.send(request) }
    }

    @Test(
        "a request that cannot be sent is refused with its reason",
        arguments: [
            "ftp://127.0.0.1/x", "file:///etc/passwd", "gopher://127.0.0.1/", "http://", "http://a b/", "http://a/\nb",
        ]
    )
    func invalidURL(_ url: String) async {
        await #expect {
            try await loop.send(HTTPRequest(.get, url))
        } throws: { error in
            if case HTTPError.invalidRequest = error { true } else { false }
        }
    }

    @Test("no value can write a header line of its own")
    func injection() async throws {
        let receiver = try HTTPReceiver()
        var evil: [HTTPRequest] = []
        for field in [
            HTTPRequest.Field("X-A", "b\r\nX-C: d"), .init("X-A\r\nX-C", "d"), .init("X A", "b"), .init("", "b"),
        ] {
            var request = HTTPRequest(.get, receiver.url())
            request.headers = [field]
            evil.append(request)
        }
        var request = HTTPRequest(.get, receiver.url())
        request.authorization = .bearer(Secret("a\r\nX-C: d"))
        evil.append(request)
        request.authorization = nil
        request.userAgent = "a\nX-C: d"
        evil.append(request)
        for request in evil {
            await #expect(throws: HTTPError.self) { try await loop.send(request) }
        }
        #expect(receiver.requests.isEmpty)
    }

    @Test("a proxy from the settings is asked, and an exception is not")
    func proxy() async throws {
        let proxy = try HTTPReceiver()
        let server = try HTTPReceiver()
        var request = HTTPRequest(.get, server.url("/x"))
        request.proxy = .at(Secret("http://user:word@127.0.0.1:\(proxy.port)"))
        _ = try await loop.send(request)
        #expect(proxy.requests.map(\.target) == [server.url("/x")])
        #expect(proxy.requests.first?.header("proxy-authorization") == "Basic dXNlcjp3b3Jk")
        request.proxy = .at(Secret("http://127.0.0.1:\(proxy.port)"), except: "127.0.0.1")
        _ = try await loop.send(request)
        #expect(proxy.requests.count == 1)
        #expect(server.requests.count == 1)
    }

    @Test("a proxy that refuses a tunnel is told with its status")
    func refusedTunnel() async throws {
        let proxy = try HTTPReceiver(.init(407))
        var request = HTTPRequest(.get, "https://127.0.0.1:1/")
        request.proxy = .at(Secret(proxy.url()))
        await #expect(throws: HTTPError.proxyRefused(at: "https://127.0.0.1:1", status: 407)) {
            try await loop.send(request)
        }
    }

    @Test("a loop that is let go closes its kept connections")
    func endOfLoop() async throws {
        let receiver = try HTTPReceiver()
        _ = try await CurlLoop().send(HTTPRequest(.get, receiver.url()))
        #expect(receiver.connectionCount == 1)
        _ = try await eventually("end of the connection") { receiver.openConnectionCount == 0 ? true : nil }
    }

    @Test("a stream keeps its loop alive")
    func streamWithoutLoop() async throws {
        let receiver = try HTTPReceiver(.init(.slow(piece: 60, every: .milliseconds(1)), body: "a long sentence"))
        let stream = try await CurlLoop().stream(HTTPRequest(.get, receiver.url()))
        var body: [UInt8] = []
        while let piece = try await stream.next() { body += piece }
        #expect(String(decoding: body, as: UTF8.self) == "a long sentence")
    }
}

/// Answers a connection with bytes that need be no HTTP.
private final class RawServer {
    let port: UInt16
    private let receiver: HTTPReceiver

    init(answer: String) throws {
        receiver = try HTTPReceiver()
        receiver.always { _ in .init(.raw(Array(answer.utf8))) }
        port = receiver.port
    }
}
