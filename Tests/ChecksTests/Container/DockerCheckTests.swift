import Alerting
import Basics
import DockerEngine
import Procfs
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct DockerCheckTests {
    private static func host(overflows: [Int32: Int] = [:]) throws -> HostFixture {
        let fixture = try HostFixture("debian-12")
        for (pid, count) in overflows {
            let text = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 \(count) \(count)\n"
            try fixture.write("proc/\(pid)/net/netstat", text)
        }
        return fixture
    }

    @Test("S36 docker is a singleton with stable measures")
    func stableNames() {
        #expect(DockerCheck.kind == "docker")
        #expect(
            DockerCheck.measures.map(\.name) == [
                "docker_engine_reachable", "container_death", "container_running", "container_health",
                "container_restarts", "container_oom", "container_listen_overflows_total",
            ]
        )
        #expect(Set(DockerCheck(.init()).rules.map(\.measure)).isSubset(of: DockerCheck.measures))
    }

    @Test("three restarts warn and five alarm")
    func restartThresholds() throws {
        let rule = try #require(DockerCheck(.init()).rules.first { $0.measure == .containerRestarts })
        #expect(rule.shape == .above(warning: 2, critical: 4))
    }

    @Test("without an engine there is nothing to check")
    func notApplicable() async throws {
        let fixture = try Self.host()
        let world = World(host: fixture.host, time: ManualTime())
        await #expect(throws: CheckError.notApplicable(because: "no Docker engine is watched", remedy: nil)) {
            try await DockerCheck(.init()).observe(world)
        }
    }

    @Test("S27 listen overflows are read in each container's own namespace")
    func overflows() async throws {
        let fixture = try Self.host(overflows: [4242: 7])
        let time = ManualTime()
        let keeper = ContainerKeeper(ContainerBoard(), time: time)
        let web = BoardScene.running()
        var gone = BoardScene.running("gone", id: String(repeating: "c", count: 64), labels: [:])
        gone.pid = 4243
        await keeper.apply(
            list: [BoardScene.row(web), BoardScene.row(gone)],
            details: [web.identity.id: web, gone.identity.id: gone],
            mark: 0
        )
        let world = World(host: fixture.host, time: time, containers: keeper)
        let observations = try await DockerCheck(.init()).observe(world)
        let overflows = observations.filter { $0.measure == .containerListenOverflows }
        #expect(overflows.first { $0.target == BoardScene.target }?.value == .number(7))
        let unread = try #require(overflows.first { $0.target == Target("gone") })
        #expect({ if case .unknown = unread.value { true } else { false } }())
    }

    @Test("S34 a socket that may not be opened says which line to add")
    func denied() async throws {
        let fixture = try Self.host()
        let time = ManualTime()
        let keeper = ContainerKeeper(ContainerBoard(), time: time)
        let error = EngineError.denied(at: "unix:///var/run/docker.sock")
        await keeper.engineLost(.blind(.degraded(because: "\(error)", remedy: error.hint)))
        let world = World(host: fixture.host, time: time, containers: keeper)
        await #expect(
            throws: CheckError.degraded(
                because: "unix:///var/run/docker.sock: permission denied",
                remedy: #"group_add: ["${DOCKER_GID:?stat -c %g /var/run/docker.sock}"]"#
            )
        ) {
            try await DockerCheck(.init()).observe(world)
        }
    }

    @Test("the engine's address comes from docker.host, and TLS from cert_path")
    func address() throws {
        var settings = DockerCheck.Settings()
        #expect(try settings.address() == .standard)
        #expect(!settings.isHostConfigured)
        settings.host = "tcp://proxy:2375"
        #expect(try settings.address() == .tcp(host: "proxy", port: 2375))
        settings.certPath = "/certs"
        #expect(try settings.address() == .tcp(host: "proxy", port: 2375, tls: .init(folder: "/certs")))
        settings.host = "ftp://x"
        #expect(throws: EngineError.self) { try settings.address() }
    }
}
