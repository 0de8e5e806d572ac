import Alerting
import Basics
import Checks
import Curl
import Logging
import TestSupport
import Testing

@testable import Daemon

/// A supervisor beside the telling bench, both on one engine stub and one journal.
private struct SupervisedBench {
    let bench: TellingBench
    let engines: EngineFleet
    let resyncs = Resyncs()
    private let stub: EngineStub
    private let sink: RecordingSink

    init(_ time: ManualTime, _ stub: EngineStub, _ sink: RecordingSink, journal path: String) async {
        let bench = await TellingBench(time, journal: path)
        self.bench = bench
        self.stub = stub
        self.sink = sink
        let keeper = bench.keeper
        engines = EngineFleet { [resyncs] check in
            EngineSupervisor(
                check,
                curl: CurlLoop(),
                time: time,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                resyncs: resyncs,
                memory: {
                    let alerts = await keeper.alerts().map(\.alert).filter { $0.id.check == check }
                    return (await keeper.previousSweep(of: check), alerts)
                },
                submit: { await keeper.absorb($0) }
            )
        }
    }

    /// Takes a configuration, as a start or a reload does; returns when a list is in.
    func use(_ settings: String...) async throws {
        let source = ConfigurationSource(
            path: nil,
            environment: [:],
            commandLine: ["docker.host=\(stub.address)"] + settings
        )
        let configuration = source.load().configuration
        let lists = await keeper?.lists ?? 0
        let excluded = await engines.apply(configuration)
        let plans = configuration.checks.map(\.plan).filter { $0.check.kind == DockerCheck.kind }
        await bench.keeper.configure(plans, dispatchers: await bench.pool.apply([sink.instance()]), excluded: excluded)
        await engines.begin()
        _ = try await eventually("a list") { await keeper?.lists ?? 0 > lists ? true : nil }
    }

    var keeper: ContainerKeeper? {
        get async { await engines.watch(for: CheckID(DockerCheck.kind)) as? ContainerKeeper }
    }

    /// One complete sweep.
    func sweep() async throws {
        let world = World(host: try HostFixture("debian-12").host, time: bench.time, containers: await keeper)
        let observations = try await DockerCheck(.init()).observe(world)
        await bench.keeper.absorb(
            Sweep(
                check: CheckID(DockerCheck.kind),
                at: bench.time.now,
                uptime: bench.time.uptime,
                outcome: .success(observations)
            )
        )
    }

    /// Which alerts fire: measure and target.
    func firing() async -> [String] {
        await bench.keeper.alerts().map(\.alert).filter { $0.firing != nil }.map {
            "\($0.id.measure) \($0.id.target.name)"
        }
    }

    func kill() async {
        await engines.stop()
        await bench.kill()
    }
}

@Suite(.serialized) struct EngineSupervisorTests {
    private let folder: TemporaryFolder
    private let stub: EngineStub
    private let time = ManualTime(now: SystemTime().now)
    private let sink = RecordingSink()

    init() throws {
        folder = try TemporaryFolder()
        stub = try EngineStub()
        stub.containers = []
    }

    private func bench() async -> SupervisedBench {
        await SupervisedBench(time, stub, sink, journal: folder.file("journal.db"))
    }

    private func web(_ name: String = "web", project: String = "shop") -> StubContainer {
        var container = StubContainer(name)
        container.startedAt = time.now - .seconds(7200)
        container.labels = [
            "com.docker.compose.project": project, "com.docker.compose.service": name,
            "com.docker.compose.container-number": "1",
        ]
        return container
    }

    /// Lets a container crash, by event and in the list.
    private func crash(_ container: StubContainer) {
        var dead = container
        dead.state = "exited"
        dead.exitCode = 1
        dead.finishedAt = time.now
        stub.set(dead)
        stub.emit("die", container, ["exitCode": "1"], at: time.now)
    }

    private static let crashed = ["container_death shop/web/1", "container_running shop/web/1"]

    enum Meanwhile: CaseIterable { case stayedDown, startedAgain, removed }

    @Test(
        "S21 over a restart: what stayed down is not told again, what runs again resolves, what was removed is gone",
        arguments: Meanwhile.allCases,
        [true, false]
    )
    func restart(meanwhile: Meanwhile, sweptAfterDeath: Bool) async throws {
        let web = web()
        stub.set(web)
        let before = await bench()
        try await before.use()
        try await before.sweep()
        time.advance(by: .seconds(10))
        crash(web)
        #expect(try await sink.accepted(2).map(\.event.reason) == [.fired, .fired])
        if sweptAfterDeath {
            time.advance(by: .seconds(30))
            try await before.sweep()
        }
        try await before.bench.settled()
        await before.kill()

        time.advance(by: .seconds(60))
        switch meanwhile {
        case .stayedDown: break
        case .startedAgain:
            var again = web
            again.startedAt = time.now - .seconds(30)
            stub.set(again)
        case .removed: stub.containers = []
        }
        let after = await bench()
        try await after.use()
        try await after.sweep()
        switch meanwhile {
        case .stayedDown:
            #expect(await after.firing() == Self.crashed)
            try await after.bench.settled()
            #expect(sink.accepted.count == 2)
        case .startedAgain:
            let told = try await sink.accepted(3)
            #expect(told[2].event.reason == .resolved)
            #expect(told[2].event.measure == "container_running")
            #expect(await after.firing() == ["container_death shop/web/1"])
        case .removed:
            #expect(try await sink.accepted(4).dropFirst(2).map(\.event.reason) == [.gone, .gone])
            #expect(await after.firing() == [])
        }
        await after.kill()
    }

    @Test("S14 what a reload excludes is gone with the reason, what it includes is there at once")
    func reload() async throws {
        let web = web()
        stub.set(web)
        stub.set(self.web("db", project: "other"))
        let bench = await bench()
        try await bench.use("docker.include_projects=shop")
        try await bench.sweep()
        crash(web)
        _ = try await sink.accepted(2)
        try await bench.use("docker.include_projects=other")
        let told = try await sink.accepted(4).dropFirst(2)
        #expect(told.map(\.event.reason) == [.gone, .gone])
        #expect(told.allSatisfy { $0.event.annotations["configuration"] != nil })
        try await bench.sweep()
        let seen = await bench.bench.keeper.report().checks.flatMap(\.readings).map(\.observation.target.name)
        #expect(seen.contains("other/db/1"))
        #expect(!seen.contains("shop/web/1"))
        #expect(bench.resyncs.count(.connected) == 1)
        #expect(bench.resyncs.count(.configuration) == 1)
        await bench.kill()
    }

    @Test("S14 what was excluded while the watchdog was down is gone at the start, with the reason")
    func excludedWhileDown() async throws {
        let web = web()
        stub.set(web)
        let before = await bench()
        try await before.use()
        crash(web)
        _ = try await sink.accepted(2)
        try await before.sweep()
        try await before.bench.settled()
        await before.kill()

        let after = await bench()
        try await after.use("docker.exclude=web")
        let told = try await sink.accepted(4).dropFirst(2)
        #expect(told.map(\.event.reason) == [.gone, .gone])
        #expect(told.allSatisfy { $0.event.annotations["configuration"] != nil })
        #expect(await after.firing() == [])
        await after.kill()
    }

    @Test("S14 what a label leaves out is gone with the reason, at a reload and at a start", arguments: [false, true])
    func labelled(isStart: Bool) async throws {
        var web = web()
        web.labels["com.example.tier"] = "test"
        stub.set(web)
        stub.set(self.web("db", project: "other"))
        var bench = await bench()
        try await bench.use("docker.exclude_labels=com.example.tier=prod*")
        try await bench.sweep()
        crash(web)
        _ = try await sink.accepted(2)
        if isStart {
            try await bench.sweep()
            try await bench.bench.settled()
            await bench.kill()
            bench = await self.bench()
        }
        try await bench.use("docker.exclude_labels=x=*,com.example.tier=test")
        let told = try await sink.accepted(4).dropFirst(2)
        #expect(told.map(\.event.reason) == [.gone, .gone])
        #expect(told.allSatisfy { $0.event.annotations["configuration"] == "the target is excluded" })
        try await bench.sweep()
        let seen = await bench.bench.keeper.report().checks.flatMap(\.readings).map(\.observation.target.name)
        #expect(seen.contains("other/db/1"))
        #expect(!seen.contains("shop/web/1"))
        await bench.kill()
    }

    @Test("S28 a label on a container changes its thresholds through the configuration that runs")
    func labels() async throws {
        var web = web()
        web.labels["custos.docker.restarts.critical"] = "20"
        stub.set(web)
        let bench = await bench()
        try await bench.use("docker.restarts.warning=off")
        try await bench.sweep()
        let readings = await bench.bench.keeper.report().checks.flatMap(\.readings)
        let restarts = try #require(readings.first { $0.observation.measure.name == "container_restarts" })
        #expect(restarts.threshold == "> 19")
        await bench.kill()
    }

    @Test("an engine that accepts and never answers is unreachable, and its containers' alerts are muted, not resolved")
    func silentEngine() async throws {
        let web = web()
        stub.set(web)
        let bench = await TellingBench(time, journal: folder.file("journal.db"))
        let configuration = ConfigurationSource(path: nil, environment: [:], commandLine: []).load().configuration
        await bench.keeper.configure(
            configuration.checks.map(\.plan).filter { $0.check.kind == DockerCheck.kind },
            dispatchers: await bench.pool.apply([sink.instance()])
        )
        let keeper = ContainerKeeper(ContainerBoard(), time: time)
        let watcher = EngineWatcher(
            address: stub.address,
            isConfigured: true,
            patience: .seconds(3),
            loop: CurlLoop(),
            keeper: keeper,
            time: time,
            submit: { await bench.keeper.absorb($0) }
        )
        let host = try HostFixture("debian-12").host
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await watcher.run() }
            _ = try await eventually("a list") { await keeper.lists > 0 ? true : nil }
            crash(web)
            _ = try await sink.accepted(2)
            stub.replyToAll(with: .hang)
            _ = try await bench.passing("unreachable", by: .seconds(60)) {
                if case .unreachable = await keeper.engine { true } else { nil }
            }
            let told = try await sink.accepted(3)
            #expect(told[2].event.measure == "docker_engine_reachable")
            #expect(told[2].event.severity == .critical)
            let observations = try await keeper.observations(host: host)
            await bench.keeper.absorb(
                Sweep(
                    check: CheckID(DockerCheck.kind),
                    at: time.now,
                    uptime: time.uptime,
                    outcome: .success(observations)
                )
            )
            let alerts = await bench.keeper.alerts()
            let running = try #require(alerts.first { $0.alert.id.measure == "container_running" })
            #expect(running.alert.firing == .critical)
            #expect(running.mute != nil)
            try await bench.settled()
            #expect(sink.accepted.count == 3)
            group.cancelAll()
        }
        await bench.kill()
    }
}
