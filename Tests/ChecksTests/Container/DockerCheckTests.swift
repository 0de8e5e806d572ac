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

    @Test(
        "S36 the check is called docker and its measures have stable names; a further engine is an instance with a host"
    )
    func stableNames() {
        #expect(DockerCheck.kind == "docker")
        #expect(
            DockerCheck.measures.map(\.name) == [
                "docker_engine_reachable", "container_death", "container_running", "container_health",
                "container_restarts", "container_oom", "container_heal_restart", "container_healing", "docker_healing",
                "container_labels", "container_listen_overflows_total",
                "container_memory_used_ratio", "container_cpu_quota_used_ratio", "container_cpu_throttled_ratio",
                "container_pids_used_ratio", "container_cpu_pressure_ratio", "container_memory_pressure_ratio",
                "container_io_pressure_ratio", "container_tcp_in_use", "container_tcp_time_wait",
                "container_tcp_close_wait", "container_tcp_established",
            ]
        )
        #expect(Set(DockerCheck(.init()).rules.map(\.measure)).isSubset(of: DockerCheck.measures))
        var settings = DockerCheck.Settings()
        #expect(DockerCheck.missingChoice(settings) == "host")
        settings.host = "tcp://far:2375"
        #expect(DockerCheck.missingChoice(settings) == nil)
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

    @Test("limits are judged as the settings say, each for its time")
    func limitRules() throws {
        func rule(_ measure: Measure, _ settings: DockerCheck.Settings = .init()) throws -> Rule {
            try #require(DockerCheck(settings).rules.first { $0.measure == measure })
        }
        #expect(
            try rule(.containerMemory)
                == Rule(.containerMemory, .above(warning: 0.8, critical: 0.9), holdFor: .seconds(120))
        )
        #expect(
            try rule(.containerQuota)
                == Rule(.containerQuota, .above(warning: 0.9, critical: nil), holdFor: .seconds(300))
        )
        #expect(
            try rule(.containerThrottling)
                == Rule(.containerThrottling, .above(warning: 0.25, critical: nil), holdFor: .seconds(300))
        )
        #expect(try rule(.containerTasks) == Rule(.containerTasks, .above(warning: 0.8, critical: 0.9), holdFor: .zero))
        #expect(try rule(.containerCPUPressure).shape == .above(warning: nil, critical: nil))
        #expect(try rule(.containerCloseWait).shape == .above(warning: 100, critical: 1000))
        #expect(try rule(.containerTimeWait).shape == .above(warning: 5000, critical: 20000))
        var settings = DockerCheck.Settings()
        settings.memory.warning = nil
        settings.memory.span = .seconds(5)
        #expect(
            try rule(.containerMemory, settings)
                == Rule(.containerMemory, .above(warning: nil, critical: 0.9), holdFor: .seconds(5))
        )
    }

    @Test("S23 a kill that only the control group counted is told with the sweep after the next")
    func countedKill() async throws {
        let fixture = try Self.host()
        let folder = "sys/fs/cgroup/system.slice/docker-\(BoardScene.web).scope"
        try fixture.write("sys/fs/cgroup/cgroup.controllers", "memory\n")
        try fixture.write("proc/4242/cgroup", "0::/system.slice/docker-\(BoardScene.web).scope\n")
        func kills(_ count: Int) throws { try fixture.write("\(folder)/memory.events", "oom_kill \(count)\n") }
        try kills(0)
        let time = ManualTime()
        var options = ContainerOptions()
        options.readEvery = .zero
        let keeper = ContainerKeeper(ContainerBoard(options), time: time)
        let told = Kept<[Observation]>([])
        await keeper.attach { news in told.withLock { $0 += news.observations } }
        let web = BoardScene.running()
        await keeper.apply(list: [BoardScene.row(web)], details: [web.identity.id: web], mark: 0)
        let world = World(host: fixture.host, time: time, containers: keeper)
        func ooms() -> Int { told.withLock { all in all.count { $0.measure == .containerOOM } } }
        for (count, expected) in [(0, 0), (2, 0), (2, 1), (2, 1)] {
            try kills(count)
            time.advance(by: .seconds(30))
            _ = try await DockerCheck(.init()).observe(world)
            #expect(ooms() == expected)
        }
    }
}
