import Basics
import Curl
import DockerEngine
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EngineErrorTests {
    let loop = CurlLoop()

    private func failure(_ address: EngineAddress, timeout: Duration = .seconds(10)) async -> EngineError? {
        do {
            _ = try await EngineClient.connect(to: address, over: loop, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    /// What each request, in the order of `paths`, meets when the stub answers in this way.
    private func failures(_ reply: EngineStub.Reply, timeout: Duration = .seconds(10)) async throws -> [EngineError?] {
        let stub = try EngineStub()
        let client = try await EngineClient.connect(to: stub.address, over: loop, timeout: timeout)
        stub.replyToAll(with: reply)
        async let ping = failure(of: { () async throws(EngineError) in try await client.ping() })
        async let info = failure(of: { () async throws(EngineError) in _ = try await client.info() })
        async let list = failure(of: { () async throws(EngineError) in _ = try await client.containers() })
        async let inspect = failure(of: { () async throws(EngineError) in _ = try await client.inspect("x") })
        async let events = failure(of: { () async throws(EngineError) in _ = try await client.events() })
        return await [ping, info, list, inspect, events]
    }

    private func failure(of request: @Sendable () async throws(EngineError) -> Void) async -> EngineError? {
        do {
            try await request()
            return nil
        } catch {
            return error
        }
    }

    private let paths = ["/_ping", "/info", "/containers/json", "/containers/x/json", "/events"]

    @Test("no socket is told as absent")
    func absent() async {
        let error = await failure(.unix("/nowhere/docker.sock"))
        #expect(error == .absent(at: "unix:///nowhere/docker.sock"))
        #expect(error?.hint?.contains("/var/run/docker.sock") == true)
    }

    @Test("S34 a socket that must not be opened gives exactly the line that helps")
    func denied() {
        let error = EngineError.denied(at: "unix:///var/run/docker.sock")
        #expect(error.hint == #"group_add: ["${DOCKER_GID:?stat -c %g /var/run/docker.sock}"]"#)
        #expect("\(error)" == "unix:///var/run/docker.sock: permission denied")
    }

    @Test("a file that is no socket, and a socket without a listener, are told with the system's reason")
    func refusedConnection() async throws {
        let stub = try EngineStub()
        let path = stub.socketPath + ".stale"
        let socket = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        #expect(await failure(.unix(path)) == .unreachable(at: "unix://\(path)", errno: ECONNREFUSED))
        unlink(path)
    }

    @Test("an engine that hangs is told so, on every request")
    func hung() async throws {
        let errors = try await failures(.hang, timeout: .seconds(2))
        #expect(errors.count == paths.count)
        for (error, path) in zip(errors, paths) {
            guard case .hung(_, path)? = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
    }

    @Test("a web page instead of an engine is told as not an engine, on every request")
    func html() async throws {
        for error in try await failures(.html) {
            guard case .notAnEngine? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        let stub = try EngineStub()
        stub.replyToAll(with: .html)
        #expect(await failure(stub.address) == .notAnEngine(at: "\(stub.address)"))
    }

    @Test("a proxy's 403 names the endpoint that it must allow")
    func forbidden() async throws {
        let errors = try await failures(.forbidden)
        #expect(errors == paths.map { .refused(path: $0, status: 403) })
        #expect(errors.compactMap { $0?.hint } == paths.map { "let the socket proxy allow GET \($0)" })
    }

    @Test("an engine's own failure is told with its words, without control characters")
    func failed() async throws {
        let errors = try await failures(.body("{\"message\":\"no \\u001b[31m space\"}", status: 500))
        #expect(errors == paths.map { .failed(path: $0, status: 500, message: "no �[31m space") })
    }

    @Test("an answer that closes in the middle of its JSON is told as cut")
    func cut() async throws {
        let errors = try await failures(.cut("[{\"Id\": \"abc"))
        // A stream that begins is no error yet: its reader is told.
        #expect(errors == paths.dropLast().map { .cut(path: $0) } + [nil])
    }

    @Test(
        "JSON that does not fit is told with its place, without its content",
        arguments: [
            ("[{\"Id\":\"s3cret\"", "no valid JSON"),
            ("", "no valid JSON"),
            ("{}", "the whole has another type"),
            ("[{\"Id\":5}]", "0.Id has another type"),
            ("[{\"Names\":[]}]", "0.Id is missing"),
            ("[{\"Id\":\"a\",\"Labels\":[\"s3cret\"]}]", "0.Labels has another type"),
        ]
    )
    func malformed(body: String, because: String) async throws {
        let stub = try EngineStub()
        stub.reply(to: "/containers/json", with: .body(body))
        let client = try await EngineClient.connect(to: stub.address, over: loop)
        await #expect(throws: EngineError.malformed(path: "/containers/json", because: because)) {
            try await client.containers()
        }
    }

    @Test("an answer above its limit is refused, not held")
    func tooLarge() async throws {
        let stub = try EngineStub()
        stub.reply(to: "/version", with: .body(String(repeating: " ", count: 70_000)))
        #expect(await failure(stub.address) == .tooLarge(path: "/version", limit: 64 << 10))
    }

    @Test("a port where nobody listens, and one that speaks no HTTP, are told apart")
    func tcp() async throws {
        let receiver = try HTTPReceiver()
        receiver.always(.init(.raw(Array("SSH-2.0\r\n".utf8))))
        let address = EngineAddress.tcp(host: "127.0.0.1", port: receiver.port)
        #expect(await failure(address) == .notAnEngine(at: "tcp://127.0.0.1:\(receiver.port)"))
        receiver.stop()
        _ = try await eventually("a closed port") {
            await failure(address) == .unreachable(at: "\(address)", errno: ECONNREFUSED) ? true : nil
        }
    }

    @Test("a cancelled task is told as such")
    func cancelled() async throws {
        let stub = try EngineStub()
        stub.replyToAll(with: .hang)
        let task = Task { await failure(stub.address) }
        try await stub.requests(1, to: "/version")
        task.cancel()
        #expect(await task.value == .cancelled)
    }
}
