import Alerting
import Basics
import FoundationEssentials
import Procfs
import TestSupport
import Testing

@testable import Checks

/// A host without an engine: what control groups and processes tell alone.
@Suite struct UnmanagedContainersTests {
    private static let id = String(repeating: "0f3a", count: 16)
    private static let scope =
        "kubepods.slice/kubepods-pod\(String(repeating: "c0", count: 16)).slice/cri-containerd-\(id).scope"
    private static let target = Target("cri-containerd-0f3a0f3a0f3a")

    private let time = ManualTime()
    private let absence = CheckError.notApplicable(because: "no Docker engine at unix:///s", remedy: "mount it")

    private func fixture(kills: Int = 0) throws -> HostFixture {
        let fixture = try HostFixture()
        try fixture.write("proc/7100/stat", "7100 (app) S 1 0 0 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 900 0 0\n")
        try fixture.write("proc/7100/cgroup", "0::/\(Self.scope)\n")
        try fixture.write("proc/7100/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 7\n")
        try fixture.write("proc/7100/net/sockstat", "sockets: used 2\nTCP: inuse 2 orphan 0 tw 5 alloc 2 mem 0\n")
        for (name, text) in [
            ("memory.max", "1000"), ("memory.current", "950"), ("memory.stat", "inactive_file 50"), ("pids.max", "10"),
            ("pids.current", "5"), ("memory.events", "oom_kill \(kills)"),
        ] {
            try fixture.write("sys/fs/cgroup/\(Self.scope)/\(name)", text + "\n")
        }
        try fixture.write("sys/fs/cgroup/cgroup.controllers", "memory pids\n")
        return fixture
    }

    private func world(_ fixture: HostFixture, _ options: ContainerOptions = ContainerOptions()) async -> World {
        var options = options
        options.readEvery = .zero
        let keeper = ContainerKeeper(ContainerBoard(options), time: time)
        await keeper.engineLost(.blind(absence))
        return World(host: fixture.host, time: time, containers: keeper)
    }

    private func look(_ world: World) async throws -> [Observation] {
        time.advance(by: .seconds(30))
        return try await DockerCheck(.init()).observe(world)
    }

    @Test("without an engine the kernel tells of each container's memory, tasks and network, by its group's name")
    func figures() async throws {
        let observations = try await look(world(try fixture()))
        func value(_ measure: Measure) -> Observation.Value? {
            observations.first { $0.measure == measure && $0.target == Self.target }?.value
        }
        #expect(value(.containerMemory) == .number(0.9))
        #expect(value(.containerTasks) == .number(0.5))
        #expect(value(.containerListenOverflows) == .number(7))
        #expect(value(.containerTimeWait) == .number(5))
        #expect(value(.containerOOM) == .occurrences(0))
        let labels = observations.first { $0.measure == .containerMemory }?.labels
        #expect(labels?["container"] == Self.target.name && labels?["runtime"] == "cri-containerd")
        #expect(labels?["pod_uid"] == String(repeating: "c0", count: 16))
    }

    @Test("the engine's absence is one line, and no fault")
    func absenceIsOneLine() async throws {
        let engine = try await look(world(try fixture())).filter { $0.target == .engine }
        #expect(engine.map(\.measure) == [.engineReachable])
        #expect(engine.allSatisfy { $0.isOutOfSight })
        guard case .unknown(let because)? = engine.first?.value else { return }
        #expect(because.hasPrefix("no Docker engine at unix:///s"))
    }

    @Test("S23 a kill that a container outlives is told once, and is not the machine's story")
    func kills() async throws {
        let fixture = try fixture()
        let world = await world(fixture)
        func kills() async throws -> [Observation.Value] {
            try await look(world).filter { $0.measure == .containerOOM }.map(\.value)
        }
        #expect(try await kills() == [.occurrences(0)])
        try fixture.write("sys/fs/cgroup/\(Self.scope)/memory.events", "oom_kill 2\n")
        #expect(try await kills() == [.occurrences(2, .critical)])
        #expect(try await kills() == [.occurrences(0)])
        let containers = try #require(world.containers)
        #expect(await containers.known(of: [Self.id]) == [Self.id])
        try fixture.remove("proc/7100")
        // It ended: who is left to tell of it is the machine's check.
        #expect(await containers.known(of: [Self.id]).isEmpty)
    }

    @Test("without a container there is nothing to check, as before; one that comes is seen")
    func none() async throws {
        let fixture = try fixture()
        try fixture.remove("proc/7100")
        let world = await world(fixture)
        await #expect(throws: absence) { try await look(world) }
        let other = try self.fixture()
        for file in ["stat", "cgroup"] {
            try fixture.write(
                "proc/7100/\(file)",
                try String(contentsOfFile: other.path("proc/7100/\(file)"), encoding: .utf8)
            )
        }
        #expect(try await look(world).contains { $0.target == Self.target })
    }

    @Test(
        "processes that cannot be read are no absence of containers: every alert keeps its state",
        arguments: ["proc/1", "proc/1/stat"]
    )
    func unreadable(path: String) async throws {
        let fixture = try fixture()
        let world = await world(fixture)
        #expect(try await look(world).contains { $0.target == Self.target })
        let stat = try String(contentsOfFile: fixture.path("proc/1/stat"), encoding: .utf8)
        try fixture.remove(path)
        let error = await #expect(throws: CheckError.self) { try await look(world) }
        guard case .degraded(let because, let remedy)? = error else {
            Issue.record("a failed look is an absence: \(String(describing: error))")
            return
        }
        #expect(because.contains("/1/stat"))
        #expect((remedy != nil) == (path == "proc/1"), "a procfs that hides processes has a remedy")
        try fixture.write("proc/1/stat", stat)
        #expect(try await look(world).contains { $0.target == Self.target })
    }

    @Test("a host that hides its processes from the start has no container for us: no alert")
    func hidden() async throws {
        let fixture = try fixture()
        try fixture.remove("proc/1")
        let world = await world(fixture)
        let error = await #expect(throws: CheckError.self) { try await look(world) }
        guard case .notApplicable? = error else {
            Issue.record("hidden processes are told by the checks of processes: \(String(describing: error))")
            return
        }
    }

    @Test("a container whose process cannot be asked for its group is no absence either")
    func unreadableGroup() async throws {
        let fixture = try fixture()
        try fixture.remove("proc/7100/cgroup")
        try fixture.write("proc/7100/cgroup/x", "")
        let world = await world(fixture)
        let error = await #expect(throws: CheckError.self) { try await look(world) }
        guard case .degraded? = error else {
            Issue.record("a failed look is an absence: \(String(describing: error))")
            return
        }
        try fixture.write("proc/7100/cgroup", "0::/\(Self.scope)\n")
        #expect(try await look(world).contains { $0.target == Self.target })
    }

    @Test("of our own processes alone nothing is said")
    func ownContainer() async throws {
        let fixture = try HostFixture("debian-12", "container-view")
        try fixture.write("proc/1/cgroup", "0::/\(Self.scope)\n")
        await #expect(throws: absence) { try await look(world(fixture)) }
    }

    @Test("those that the settings leave out are left out")
    func selection() async throws {
        var options = ContainerOptions()
        options.selection.exclude = [try #require(Glob("cri-containerd-*"))]
        await #expect(throws: absence) { try await look(world(try fixture(), options)) }
    }
}
