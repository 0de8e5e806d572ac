import Alerting
import Basics
import Checks
import DockerEngine
import TestSupport
import Testing

@testable import Daemon

/// Restarts of unwell containers, asked of an engine's stub.
@Suite(.serialized) struct HealingWatcherTests {
    private static var web: StubContainer {
        var web = StubContainer("web")
        web.startedAt = SystemTime().now - .seconds(7200)
        web.health = "unhealthy"
        web.failingStreak = 3
        return web
    }

    private static func options(heals: Bool = true) -> ContainerOptions {
        var options = ContainerOptions()
        options.tuning.heals = heals
        options.healing.pause = .milliseconds(50)
        options.healing.grace = .zero
        return options
    }

    private static func restarts(_ stub: EngineStub) -> [RecordedRequest] {
        stub.requests.filter { $0.method != "GET" }
    }

    private static func told(_ watched: WatchedStub, _ measure: String) -> [Observation] {
        watched.observations.filter { $0.measure.name == measure }
    }

    @Test("a container that never gets well is restarted exactly its budget, then given up once")
    func budget() async throws {
        let stub = try EngineStub()
        let web = Self.web
        stub.containers = [web]
        stub.reply(to: "/containers/\(web.id)/restart", with: .body("", status: 204))
        try await WatchedStub(stub, Self.options()).watch { watched in
            _ = try await eventually("giving up") {
                Self.told(watched, "container_healing").contains { $0.value == .state("gave_up") } ? true : nil
            }
            stub.emit("health_status: unhealthy", web)
            stub.emit("oom", web)
            _ = try await eventually("what comes after") {
                Self.told(watched, "container_oom").isEmpty ? nil : true
            }
            #expect(Self.restarts(stub).map(\.method) == ["POST", "POST", "POST"])
            #expect(Set(Self.restarts(stub).map(\.path)) == ["/v1.41/containers/\(web.id)/restart"])
            #expect(Self.told(watched, "container_heal_restart").count == 3)
            #expect(Self.told(watched, "container_healing").count { $0.value == .state("gave_up") } == 1)
        }
    }

    @Test("a container that turns unhealthy is restarted in that moment")
    func atOnce() async throws {
        let stub = try EngineStub()
        var web = Self.web
        web.health = "healthy"
        stub.containers = [web]
        stub.reply(to: "/containers/\(web.id)/restart", with: .body("", status: 204))
        try await WatchedStub(stub, Self.options()).watch { [web] watched in
            #expect(Self.restarts(stub).isEmpty)
            var sick = web
            sick.health = "unhealthy"
            stub.set(sick)
            stub.emit("health_status: unhealthy", sick)
            _ = try await eventually("a restart") { Self.restarts(stub).isEmpty ? nil : true }
        }
    }

    @Test("what may not be done is one event with the line to add, and is not tried on and on")
    func refused() async throws {
        let stub = try EngineStub()
        var other = Self.web
        other.name = "other"
        other.id = StubContainer.id(of: "other")
        stub.containers = [Self.web, other]
        for container in [Self.web, other] { stub.reply(to: "/containers/\(container.id)/restart", with: .forbidden) }
        try await WatchedStub(stub, Self.options()).watch { [other] watched in
            let refused = try await eventually("the refusal") { Self.told(watched, "docker_healing").first }
            #expect(refused.value == .state("refused"))
            let because = refused.annotations["because"] ?? ""
            #expect(because.contains("is not allowed (status 403); let the socket proxy allow POST"), "\(because)")
            stub.emit("health_status: unhealthy", other)
            stub.emit("oom", other)
            _ = try await eventually("what comes after") { Self.told(watched, "container_oom").isEmpty ? nil : true }
            #expect(Self.restarts(stub).count <= 2)
            #expect(Self.told(watched, "docker_healing").count == 1)
            #expect(Self.told(watched, "container_heal_restart").isEmpty)
        }
    }

    @Test("a 404 for a container that is there is a failure, and none for ever")
    func falselyNotFound() async throws {
        let stub = try EngineStub()
        let web = Self.web
        stub.containers = [web]
        stub.reply(to: "/containers/\(web.id)/restart", with: .body("<h1>404</h1>", status: 404))
        try await WatchedStub(stub, Self.options()).watch { watched in
            _ = try await eventually("giving up") {
                Self.told(watched, "container_healing").contains { $0.value == .state("gave_up") } ? true : nil
            }
            #expect(Self.restarts(stub).count == 3)
            #expect(Self.told(watched, "container_heal_restart").count == 3)
        }
    }

    @Test("a proxy that knows no POST refuses it", arguments: [405, 501])
    func noSuchMethod(status: Int) async throws {
        let stub = try EngineStub()
        let web = Self.web
        stub.containers = [web]
        stub.reply(to: "/containers/\(web.id)/restart", with: .body("", status: status))
        try await WatchedStub(stub, Self.options()).watch { watched in
            let refused = try await eventually("the refusal") { Self.told(watched, "docker_healing").first }
            #expect(refused.value == .state("refused"))
            #expect(Self.told(watched, "container_heal_restart").isEmpty)
        }
    }

    @Test("without the setting nothing but GET is ever sent")
    func off() async throws {
        let stub = try EngineStub()
        let web = Self.web
        stub.containers = [web]
        try await WatchedStub(stub, Self.options(heals: false)).watch { watched in
            stub.emit("health_status: unhealthy", web)
            stub.emit("oom", web)
            _ = try await eventually("what comes after") { Self.told(watched, "container_oom").isEmpty ? nil : true }
            #expect(Self.restarts(stub).isEmpty)
        }
    }

    @Test("S10 the first event says what the engine must allow besides")
    func startReport() {
        var settings = DockerCheck.Settings()
        #expect(settings.furtherRequests(of: CheckID("docker")).isEmpty)
        settings.heal = true
        settings.logs = 10
        #expect(
            settings.furtherRequests(of: CheckID("docker", instance: "far")) == [
                "GET /containers/{id}/logs, for docker.far.logs", "POST /containers/{id}/restart, for docker.far.heal",
            ]
        )
    }
}
