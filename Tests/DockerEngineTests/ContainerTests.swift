import Basics
import Curl
import DockerEngine
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ContainerTests {
    let stub: EngineStub
    let client: EngineClient

    init() async throws {
        stub = try EngineStub()
        client = try await EngineClient.connect(to: stub.address, over: CurlLoop())
    }

    private func recorded(_ name: String) async throws -> ContainerInspect {
        let all = try await client.containers()
        return try await client.inspect(try #require(all.first { $0.name == name }).id)
    }

    @Test("S23 a container killed for memory reads as it was recorded")
    func oom() async throws {
        let hog = try await recorded("hog")
        #expect(hog.oomKilled)
        #expect(hog.state == .exited)
        #expect(!hog.running)
        #expect(hog.exitCode == 137)
        #expect(hog.pid == 0)
        #expect(hog.memoryLimit == 8 << 20)
        #expect(hog.restartPolicy == .no)
        let started = try #require(hog.startedAt)
        let finished = try #require(hog.finishedAt)
        #expect(finished > started)
    }

    @Test("a running container with a health check reads as it was recorded")
    func healthy() async throws {
        let web = try await recorded("shop-web-1")
        #expect(web.state == .running)
        #expect(web.running)
        #expect(web.pid > 0)
        #expect(web.finishedAt != nil)
        #expect(web.hasHealthcheck)
        #expect(web.health?.status == .healthy)
        #expect(web.health?.failingStreak == 0)
        #expect(web.health?.exitCode == 0)
        #expect(web.health?.endedAt != nil)
        #expect(web.restartPolicy == .unlessStopped)
        #expect(web.stopTimeout == .seconds(3))
        #expect(web.labels["com.docker.compose.service"] == "web")
        #expect(web.networkMode == "none")
        #expect(web.image == "busybox")
        #expect(web.imageID.hasPrefix("sha256:"))
    }

    @Test("S22 a worker restarted on failure, and one never started, read as they were recorded")
    func others() async throws {
        let worker = try await recorded("worker")
        #expect(worker.restartPolicy == .onFailure(atMost: 2))
        #expect(worker.restartCount == 2)
        #expect(worker.exitCode == 3)
        #expect(worker.labels["note"] == "a \"quoted\" value")
        #expect(!worker.hasHealthcheck)
        #expect(worker.health == nil)
        let fresh = try await recorded("fresh")
        #expect(fresh.state == .created)
        #expect(fresh.startedAt == nil)
        #expect(fresh.finishedAt == nil)
        #expect(fresh.stopTimeout == nil)
    }

    @Test("no part of a value shows the container's environment")
    func environment() async throws {
        let web = try await recorded("shop-web-1")
        var shown = ""
        dump(web, to: &shown)
        #expect(shown.contains("shop-web-1"))
        #expect(!shown.contains("hunter2"))
    }

    @Test("an inspect with nothing but an identifier and a state is enough")
    func bare() async throws {
        stub.reply(to: "/containers/x/json", with: .body("{\"Id\":\"x\",\"State\":{},\"New\":1}"))
        let container = try await client.inspect("x")
        #expect(container.id == "x")
        #expect(container.state == .exited)
        #expect(container.labels.isEmpty)
        #expect(container.restartPolicy == .no)
        #expect(container.memoryLimit == nil)
    }

    @Test("null where a value may be, and extremes where numbers are, do no harm")
    func extremes() async throws {
        stub.reply(
            to: "/containers/x/json",
            with: .body(
                """
                {"Id":"x","Name":null,"Created":"never","State":{"Status":"new word","Pid":-1,
                "StartedAt":"","Health":null},
                "Config":{"Labels":null,"StopTimeout":-1,"Healthcheck":{"Test":["NONE"]}},
                "HostConfig":{"Memory":-1,"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":0}}}
                """
            )
        )
        let container = try await client.inspect("x")
        #expect(container.state == .unknown)
        #expect(container.pid == 0)
        #expect(container.created == nil)
        #expect(container.startedAt == nil)
        #expect(!container.hasHealthcheck)
        #expect(container.stopTimeout == .seconds(31_536_000))
        #expect(container.restartPolicy == .onFailure(atMost: nil))
        #expect(container.memoryLimit == nil)
    }

    @Test("a name's control characters are not passed on, and a link's name is not the container's")
    func names() async throws {
        stub.reply(
            to: "/containers/json",
            with: .body(
                #"[{"Id":"x","Names":["/other/alias","/we\u001b[31m\n\"b\""]},{"Id":"0123456789abcdef","Names":null}]"#
            )
        )
        let containers = try await client.containers()
        #expect(containers[0].name == "we�[31m�\"b\"")
        #expect(containers[0].names.last == "other/alias")
        #expect(containers[1].name == "0123456789ab")
        #expect(containers[1].state == .unknown)
    }

    @Test(
        "before API 1.52 health comes from the engine's sentence",
        arguments: [
            ("Up 2 hours (healthy)", .healthy), ("Up 2 hours (unhealthy)", .unhealthy),
            ("Up 1 second (health: starting)", .starting), ("Up 2 hours", nil), ("Exited (0) 1 hour ago", nil),
        ] as [(String, HealthStatus?)]
    )
    func health(status: String, health: HealthStatus?) async throws {
        stub.reply(
            to: "/containers/json",
            with: .body("[{\"Id\":\"x\",\"State\":\"running\",\"Status\":\"\(status)\"}]")
        )
        #expect(try await client.containers()[0].health == health)
    }

    @Test(
        "Podman's words are understood",
        arguments: [
            ("configured", .created), ("initialized", .created), ("stopped", .exited), ("stopping", .running),
            ("Exited", .exited),
        ]
            as [(String, ContainerState)]
    )
    func podman(word: String, state: ContainerState) {
        #expect(ContainerState(word) == state)
    }
}
