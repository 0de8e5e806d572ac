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
                "container_restarts", "container_oom", "container_listen_overflows_total", "container_labels",
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

    @Test("DOCKER_TLS_VERIFY without a folder is TLS by whom the system trusts, never plain text")
    func tlsVerify() throws {
        var settings = DockerCheck.Settings()
        settings.tlsVerify = true
        #expect(try settings.address() == .standard)
        settings.host = "tcp://engine"
        #expect(try settings.address() == .tcp(host: "engine", port: 2376, tls: .system))
        settings.certPath = "/certs"
        #expect(try settings.address() == .tcp(host: "engine", port: 2376, tls: .init(folder: "/certs")))
        settings.host = "http://engine"
        #expect(throws: EngineError.self) { try settings.address() }
    }

    @Test("S27 a namespace is read about every two minutes; between, its last reading is repeated")
    func overflowsAreReadEveryTwoMinutes() async throws {
        let fixture = try Self.host(overflows: [4242: 7])
        let time = ManualTime()
        let keeper = ContainerKeeper(ContainerBoard(), time: time)
        let web = BoardScene.running()
        await keeper.apply(list: [BoardScene.row(web)], details: [web.identity.id: web], mark: 0)
        let world = World(host: fixture.host, time: time, containers: keeper)
        func look() async throws -> Observation {
            let observations = try await DockerCheck(.init()).observe(world)
            return try #require(observations.first { $0.measure == .containerListenOverflows })
        }
        #expect(try await look().value == .number(7))
        try fixture.write("proc/4242/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 9\n")
        time.advance(by: .seconds(30))
        let repeated = try await look()
        #expect(repeated.value == .number(7))
        #expect(repeated.isRepeated)
        time.advance(by: .seconds(60))
        #expect(try await look().isRepeated)
        time.advance(by: .seconds(30))
        let fresh = try await look()
        #expect(fresh.value == .number(9))
        #expect(!fresh.isRepeated)
    }

    @Test("S27 a container that starts between two readings is read at once")
    func overflowsOfANewContainer() async throws {
        let fixture = try Self.host(overflows: [4242: 7, 4243: 1])
        let time = ManualTime()
        let keeper = ContainerKeeper(ContainerBoard(), time: time)
        let web = BoardScene.running()
        await keeper.apply(list: [BoardScene.row(web)], details: [web.identity.id: web], mark: 0)
        let world = World(host: fixture.host, time: time, containers: keeper)
        _ = try await DockerCheck(.init()).observe(world)
        var other = BoardScene.running("other", id: String(repeating: "c", count: 64), labels: [:])
        other.pid = 4243
        await keeper.apply(
            list: [BoardScene.row(web), BoardScene.row(other)],
            details: [other.identity.id: other],
            mark: 0
        )
        time.advance(by: .seconds(30))
        let observations = try await DockerCheck(.init()).observe(world)
            .filter { $0.measure == .containerListenOverflows }
        #expect(observations.first { $0.target == Target("other") }?.value == .number(1))
        #expect(observations.map(\.isRepeated).count { $0 } == 1)
    }

    @Test("S27 beside hundreds of containers a sweep renews the fifty oldest readings, and leaves none out")
    func overflowsOfHundreds() throws {
        let pids = (1...120).map { Int32($0 + 5000) }
        let fixture = try Self.host(overflows: Dictionary(uniqueKeysWithValues: pids.map { ($0, 1) }))
        let spaces = pids.map { ContainerBoard.Namespace(target: Target("c\($0)"), pid: $0, labels: [:]) }
        var readings = OverflowReadings(every: .seconds(115))
        func fresh(at seconds: Int) -> [Target] {
            readings.observe(spaces, fixture.host, uptime: .seconds(seconds)).filter { !$0.isRepeated }.map(\.target)
        }
        let renewed = [0, 30, 90, 120, 150, 180, 210, 240].map(fresh)
        #expect(renewed.map(\.count) == [120, 0, 0, 50, 50, 20, 0, 50])
        #expect(Set(renewed[3...5].joined()) == Set(spaces.map(\.target)))
        var once = OverflowReadings(every: .zero)
        for second in 0...1 {
            #expect(once.observe(spaces, fixture.host, uptime: .seconds(second)).allSatisfy { !$0.isRepeated })
        }
    }
}
