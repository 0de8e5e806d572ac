import Basics
import Curl
import DockerEngine
import TestSupport
import Testing

/// Replies that were recorded from a real Podman: `Tests/Fixtures/engine/podman-4.3.1`.
@Suite(.timeLimit(.minutes(1)))
struct PodmanTests {
    private let stub: EngineStub
    private let client: EngineClient

    init() async throws {
        stub = try EngineStub("1.41", replies: "podman-4.3.1")
        client = try await EngineClient.connect(to: stub.address, over: CurlLoop())
    }

    @Test("it says who it is, and Docker says that it is not")
    func product() async throws {
        #expect(client.engine.product == .podman)
        #expect(client.engine.version == "4.3.1")
        #expect(client.api == APIVersion(1, 41))
        for version in ["1.24", "1.41", "1.44", "1.52"] {
            let docker = try EngineStub(version)
            #expect(try await EngineClient.connect(to: docker.address, over: CurlLoop()).engine.product == .docker)
        }
    }

    @Test("its list and its inspections tell the same of each container")
    func containers() async throws {
        let list = try await client.containers()
        #expect(Set(list.map(\.name)) == ["shop-web-1", "shop-sick-1", "worker", "job", "victim", "fresh"])
        for row in list {
            let container = try await client.inspect(row.id)
            #expect(container.name == row.name)
            #expect(container.state == row.state)
            #expect(container.exitCode == row.exitCode ?? 0)
            #expect(container.labels == row.labels)
        }
        #expect(list.first { $0.name == "shop-web-1" }?.labels["com.docker.compose.service"] == "web")
        // Its list has no word of health.
        #expect(list.allSatisfy { $0.health == nil })
    }

    @Test("states, exit codes, policies and health are read from its inspections")
    func inspections() async throws {
        func inspect(_ name: String) async throws -> ContainerInspect { try await client.inspect(name) }
        let list = try await client.containers()
        var all: [String: ContainerInspect] = [:]
        for row in list { all[row.name] = try await inspect(row.id) }
        #expect(all["shop-web-1"]?.state == .running)
        #expect(all["shop-web-1"]?.health == nil)
        #expect(all["shop-web-1"]?.restartPolicy == .always)
        #expect(all["shop-sick-1"]?.health?.status == .unhealthy)
        #expect(all["shop-sick-1"]?.health?.failingStreak == 2)
        #expect(all["shop-sick-1"]?.health?.exitCode == 1)
        #expect(all["worker"]?.exitCode == 3)
        #expect(all["worker"]?.restartCount == 2)
        #expect(all["worker"]?.restartPolicy == .onFailure(atMost: 2))
        #expect(all["job"]?.exitCode == 0)
        #expect(all["victim"]?.exitCode == 137)
        #expect(all["fresh"]?.state == .created)
        #expect(all["fresh"]?.startedAt == nil)
    }

    @Test("its events read like Docker's, but for what a probe says")
    func events() async throws {
        var events = try await client.events().makeAsyncIterator()
        try await stub.streams()
        stub.replayEvents()
        var all: [EngineEvent] = []
        let count = try EngineStub.fixtures(in: "podman-4.3.1")["events.ndjson"]?.count { $0 == 0x0A } ?? 0
        #expect(count > 20)
        while all.count < count, let notice = try await events.next(isolation: nil) {
            if case .event(let event) = notice { all.append(event) } else { Issue.record("\(notice)") }
        }
        let actions = Dictionary(grouping: all) { $0.name ?? "" }.mapValues { $0.map(\.action) }
        #expect(actions["victim"] == [.create, .start, .kill, .die])
        #expect(actions["job"] == [.create, .start, .die])
        // Of the first stop it says nothing; the second is part of a restart.
        #expect(actions["shop-web-1"] == [.create, .start, .die, .start, .restart, .stop, .die, .start])
        #expect(actions["worker"] == [.create, .start, .die, .restart, .start, .die, .restart, .start, .die])
        #expect(actions["removed"] == [.create, .start, .die, .destroy])
        #expect(actions["shop-sick-1"]?.prefix(2) == [.create, .start])
        let probes = actions["shop-sick-1"]?.dropFirst(2) ?? []
        #expect(Set(probes).isSubset(of: [.probed(.starting), .probed(.healthy), .probed(.unhealthy)]))
        #expect(probes.count >= 2)
        #expect(all.first { $0.name == "worker" && $0.action == .die }?.exitCode == 3)
        #expect(all.first { $0.name == "shop-web-1" }?.attributes["com.docker.compose.service"] == "web")
    }
}
