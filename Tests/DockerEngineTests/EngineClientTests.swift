import Basics
import Curl
import DockerEngine
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EngineClientTests {
    let loop = CurlLoop()

    private func connect(_ stub: EngineStub, timeout: Duration = .seconds(10)) async throws -> EngineClient {
        try await EngineClient.connect(to: stub.address, over: loop, timeout: timeout)
    }

    @Test(
        "each recorded engine is spoken to in the newest version it knows",
        arguments: ["1.24", "1.41", "1.44", "1.52"]
    )
    func versions(_ version: String) async throws {
        let stub = try EngineStub(version)
        let client = try await connect(stub)
        #expect("\(client.api)" == version)
        try await client.ping()
        #expect(try await client.info().name == "engine-host")
        #expect(try await client.info().dataFolder == (version == "1.24" ? nil : "/var/lib/docker"))
        let containers = try await client.containers()
        #expect(Set(containers.map(\.name)) == ["shop-web-1", "worker", "job", "victim", "fresh", "hog"])
        for container in containers {
            let inspect = try await client.inspect(container.id)
            #expect(inspect.name == container.name)
            #expect(inspect.state == container.state)
            #expect(inspect.exitCode == container.exitCode ?? 0)
        }
        #expect(containers.first { $0.name == "shop-web-1" }?.health == .healthy)
        #expect(stub.requests.dropFirst().allSatisfy { $0.path.hasPrefix("/v\(version)/") })
    }

    @Test(
        "the version is the newest both know",
        arguments: [
            ("1.24", "1.12", "1.24"), ("1.56", "1.40", "1.56"), ("1.60", "1.44", "1.56"), ("1.99", "1.56", "1.56"),
            ("1.30", nil, "1.30"), ("1.41", "nonsense", "1.41"),
        ] as [(String, String?, String)]
    )
    func agreement(newest: String, oldest: String?, agreed: String) async throws {
        let stub = try EngineStub()
        let floor = oldest.map { ",\"MinAPIVersion\":\"\($0)\"" } ?? ""
        stub.reply(to: "/version", with: .body("{\"ApiVersion\":\"\(newest)\"\(floor),\"Unknown\":[{}]}"))
        #expect("\(try await connect(stub).api)" == agreed)
    }

    @Test("an engine that is too old, too new or says nonsense is refused clearly")
    func refusedVersions() async throws {
        let stub = try EngineStub()
        stub.reply(to: "/version", with: .body("{\"ApiVersion\":\"1.23\"}"))
        await #expect(throws: EngineError.tooOld(APIVersion(1, 23))) { try await connect(stub) }
        stub.reply(to: "/version", with: .body("{\"ApiVersion\":\"2.5\",\"MinAPIVersion\":\"2.0\"}"))
        await #expect(throws: EngineError.tooNew(APIVersion(2, 0))) { try await connect(stub) }
        stub.reply(to: "/version", with: .body("{\"ApiVersion\":\"new\"}"))
        await #expect(throws: EngineError.malformed(path: "/version", because: "ApiVersion is no version")) {
            try await connect(stub)
        }
        stub.reply(to: "/version", with: .body("{}"))
        await #expect(throws: EngineError.malformed(path: "/version", because: "ApiVersion is missing")) {
            try await connect(stub)
        }
        #expect(EngineError.tooOld(APIVersion(1, 23)).hint != nil)
    }

    @Test("only the six allowed endpoints are ever asked for, with GET, and all of the list")
    func allowList() async throws {
        let stub = try EngineStub()
        let client = try await connect(stub)
        try await client.ping()
        _ = try await client.info()
        _ = try await client.containers()
        stub.containers = [StubContainer("x")]
        _ = try await client.inspect("x")
        _ = try await client.events()
        #expect(stub.paths == ["/version", "/_ping", "/info", "/containers/json", "/containers/x/json", "/events"])
        #expect(stub.requests.allSatisfy { $0.method == "GET" && $0.body.isEmpty })
        #expect(stub.requests[3].query == ["all": "1"])
    }

    @Test("a text that could lead to another endpoint is never sent")
    func identifiers() async throws {
        let stub = try EngineStub()
        let client = try await connect(stub)
        for id in [
            "", ".", "..", "../info", "a/archive?path=", "a?b", "a#", "a%2Fexport", "a b", "a\n", "-x", "é",
            String(repeating: "a", count: 256),
        ] {
            await #expect(throws: EngineError.noSuchContainer(id.safe(limit: 100))) { try await client.inspect(id) }
        }
        #expect(stub.paths == ["/version"])
    }

    @Test("S22 a container that is gone is told as such, with its identifier")
    func gone() async throws {
        let stub = try EngineStub()
        let client = try await connect(stub)
        let id = StubContainer.id(of: "gone")
        await #expect(throws: EngineError.noSuchContainer(id)) { try await client.inspect(id) }
    }

    @Test("requests share one connection")
    func keepAlive() async throws {
        let stub = try EngineStub()
        let client = try await connect(stub)
        for _ in 0..<5 { try await client.ping() }
        _ = try await client.containers()
        #expect(stub.connectionCount == 1)
    }

    @Test("an engine that was away is reached again by the same client")
    func restart() async throws {
        let stub = try EngineStub()
        let client = try await connect(stub)
        stub.stop()
        await #expect(throws: EngineError.absent(at: "unix://\(stub.socketPath)")) { try await client.ping() }
        try stub.start()
        try await client.ping()
    }

    @Test("500 containers with 4 KiB labels, quotes, line breaks and terminal escapes are listed")
    func manyContainers() async throws {
        let stub = try EngineStub("1.52")
        let value = "\"quoted\" line\nbreak \u{1B}[31m" + String(repeating: "v", count: 4070)
        stub.containers = (0..<500).map { index in
            var container = StubContainer("service-\(index)", labels: ["a": value, "com.docker.compose.project": "p"])
            container.state = index.isMultiple(of: 2) ? "running" : "exited"
            container.exitCode = 3
            return container
        }
        let containers = try await connect(stub).containers()
        #expect(containers.count == 500)
        #expect(containers.allSatisfy { $0.labels["com.docker.compose.project"] == "p" && $0.labels["a"] == value })
        #expect(containers.count { $0.state == .running } == 250)
        #expect(containers[1].exitCode == 3)
    }
}
