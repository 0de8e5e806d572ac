import Alerting
import Basics
import Checks
import Curl
import Logging
import TestSupport
import Testing

@testable import Daemon

/// Two engines, with containers of the same names.
@Suite(.serialized) struct EngineFleetTests {
    private let near: EngineStub
    private let far: EngineStub
    private let time = ManualTime(now: SystemTime().now)
    private let sink = RecordingSink()
    private let folder: TemporaryFolder

    init() throws {
        near = try EngineStub()
        far = try EngineStub("1.52")
        folder = try TemporaryFolder()
        for stub in [near, far] {
            var web = StubContainer("web")
            web.startedAt = time.now - .seconds(7200)
            stub.containers = [web]
        }
    }

    private func configuration(_ settings: String...) -> Configuration {
        ConfigurationSource(path: nil, environment: [:], commandLine: settings).load().configuration
    }

    private func fleet(_ bench: TellingBench) -> EngineFleet {
        let keeper = bench.keeper
        return EngineFleet { [time] check in
            EngineSupervisor(
                check,
                curl: CurlLoop(),
                time: time,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                memory: { (nil, await keeper.alerts().map(\.alert).filter { $0.id.check == check }) },
                submit: { await keeper.absorb($0) }
            )
        }
    }

    private func use(_ configuration: Configuration, _ fleet: EngineFleet, _ bench: TellingBench) async throws {
        let excluded = await fleet.apply(configuration)
        let plans = configuration.checks.map(\.plan).filter { $0.check.kind == DockerCheck.kind }
        await bench.keeper.configure(plans, dispatchers: await bench.pool.apply([sink.instance()]), excluded: excluded)
        await fleet.begin()
        for engine in configuration.engines {
            _ = try await eventually("a list of \(engine.check)") {
                await (fleet.watch(for: engine.check) as? ContainerKeeper)?.lists ?? 0 > 0 ? true : nil
            }
        }
    }

    @Test(
        "whose boot an engine's containers share: a name and a port mean another machine",
        arguments: [
            (["docker.host=unix:///run/docker.sock"], true), (["docker.host=tcp://10.0.0.1:2375"], true),
            (["docker.far.host=unix:///run/far.sock"], true), (["docker.far.host=tcp://10.0.0.1:2375"], false),
        ]
    )
    func boot(settings: [String], isHere: Bool) throws {
        let configuration = ConfigurationSource(path: nil, environment: [:], commandLine: settings).load().configuration
        #expect(configuration.engines.last?.isHere == isHere)
    }

    private func crash(_ stub: EngineStub, _ exitCode: Int) {
        var web = StubContainer("web")
        web.state = "exited"
        web.exitCode = exitCode
        web.finishedAt = time.now
        stub.set(web)
        stub.emit("die", web, ["exitCode": "\(exitCode)"], at: time.now)
    }

    @Test(
        "an instance is an engine; alone it has no label, beside another its name, and the one without a name the kind's"
    )
    func instances() {
        let one = configuration("docker.host=unix:///a.sock").engines
        #expect(one.map(\.check.description) == ["docker"])
        #expect(one.map(\.label) == [nil])
        let two = configuration("docker.far.host=tcp://far:2375", "docker.far.restarts.critical=9").engines
        #expect(two.map(\.check.description) == ["docker", "docker.far"])
        #expect(two.map(\.label) == ["docker", "far"])
        #expect(two.map(\.settings.restarts.critical) == [5, 9])
        let all = configuration("docker.defaults.restarts.critical=8", "docker.far.host=tcp://far:2375").engines
        #expect(all.map(\.settings.restarts.critical) == [8, 8])
        #expect(configuration("docker=off", "docker.far.host=tcp://far:2375").engines.isEmpty)
    }

    @Test("a named instance that says not where its engine is, is a mistake and does not run")
    func aimless() {
        let loaded = ConfigurationSource(path: nil, environment: [:], commandLine: ["docker.far.kill_counts=on"]).load()
        #expect(loaded.configuration.engines.map(\.check.description) == ["docker"])
        #expect(loaded.configuration.checks.map(\.id.description).contains("docker") == true)
        #expect(loaded.configuration.checks.map(\.id.description).contains("docker.far") == false)
    }

    @Test("S3 containers of the same name on two engines are two stories, each with the label of its engine")
    func sameNames() async throws {
        let bench = await TellingBench(time, journal: folder.file("journal.db"))
        let fleet = fleet(bench)
        try await use(configuration("docker.host=\(near.address)", "docker.far.host=\(far.address)"), fleet, bench)
        crash(near, 1)
        _ = try await sink.accepted(2)
        crash(far, 2)
        let told = try await sink.accepted(4).map(\.event)
        #expect(Set(told.map(\.fingerprint)).count == 4)
        #expect(told.map(\.target) == Array(repeating: "web", count: 4))
        #expect(told.map { $0.labels["engine"] } == ["docker", "docker", "far", "far"])
        #expect(told.filter { $0.measure == "container_death" }.map { $0.annotations["exit_code"] } == ["1", "2"])
        await fleet.stop()
        await bench.kill()
    }

    @Test("S14 an engine that a reload leaves out takes its alerts with it, and the other goes on")
    func leftOut() async throws {
        let bench = await TellingBench(time, journal: folder.file("journal.db"))
        let fleet = fleet(bench)
        let both = configuration("docker.host=\(near.address)", "docker.far.host=\(far.address)")
        try await use(both, fleet, bench)
        crash(far, 2)
        _ = try await sink.accepted(2)
        try await use(configuration("docker.host=\(near.address)"), fleet, bench)
        let gone = try await sink.accepted(4).dropFirst(2).map(\.event)
        #expect(gone.map(\.reason) == [.gone, .gone])
        #expect(await fleet.watch(for: CheckID(DockerCheck.kind, instance: "far")) == nil)
        _ = try await eventually("one stream") { far.streamCount == 0 && near.streamCount == 1 ? true : nil }
        crash(near, 1)
        let told = try await sink.accepted(6).dropFirst(4).map(\.event)
        #expect(told.map(\.reason) == [.fired, .fired])
        #expect(told.map { $0.labels["engine"] } == [nil, nil])
        await fleet.stop()
        await bench.kill()
    }

    @Test("an engine that is lost mutes its own containers, not those of another")
    func muted() async throws {
        let bench = await TellingBench(time, journal: folder.file("journal.db"))
        let fleet = fleet(bench)
        try await use(configuration("docker.host=\(near.address)", "docker.far.host=\(far.address)"), fleet, bench)
        far.stop()
        _ = try await bench.passing("unreachable", by: .milliseconds(200)) {
            let keeper = await fleet.watch(for: CheckID(DockerCheck.kind, instance: "far")) as? ContainerKeeper
            return if case .unreachable = await keeper?.engine { true } else { nil }
        }
        _ = try await sink.accepted(1)
        crash(near, 1)
        let told = try await sink.accepted(3).map(\.event)
        #expect(told.map(\.measure) == ["docker_engine_reachable", "container_death", "container_running"])
        await fleet.stop()
        await bench.kill()
    }

    @Test("a complete sweep says whose each container is, as the events do")
    func sweeps() async throws {
        let bench = await TellingBench(time, journal: folder.file("journal.db"))
        let fleet = fleet(bench)
        try await use(configuration("docker.host=\(near.address)", "docker.far.host=\(far.address)"), fleet, bench)
        for (name, label) in [(nil, "docker"), ("far", "far")] {
            let watch = await fleet.watch(for: CheckID(DockerCheck.kind, instance: name))
            let keeper = try #require(watch as? ContainerKeeper)
            let seen = try await keeper.observations(host: HostFixture().host)
            #expect(seen.contains { $0.target.name == "web" })
            #expect(seen.allSatisfy { $0.labels["engine"] == label })
        }
        await fleet.stop()
        await bench.kill()
    }

    @Test("S23 whose containers they are is asked of all engines")
    func allTogether() async throws {
        let bench = await TellingBench(time, journal: folder.file("journal.db"))
        let fleet = fleet(bench)
        try await use(configuration("docker.host=\(near.address)", "docker.far.host=\(far.address)"), fleet, bench)
        let other = StubContainer("other", id: String(repeating: "b", count: 64))
        far.set(other)
        far.emit("start", other, at: time.now)
        let id = other.id
        let all = try #require(await fleet.watch(for: CheckID("oom")))
        _ = try await eventually("it is known") { await all.known(of: [id, "no"]) == [id] ? true : nil }
        far.emit("oom", other, at: time.now)
        _ = try await eventually("it is counted") {
            await all.outOfMemory(since: time.now - .seconds(60)) == 1 ? true : nil
        }
        await fleet.stop()
        await bench.kill()
    }
}
