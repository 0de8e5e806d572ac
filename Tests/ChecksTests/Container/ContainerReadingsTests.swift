import Alerting
import Basics
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct ContainerReadingsTests {
    /// Whether each look at these seconds read anything anew.
    private func fresh(_ scene: inout GroupScene, _ measure: Measure, at seconds: [Double]) -> [Bool] {
        seconds.map { second in scene.look(at: second).all(measure).contains { !$0.isRepeated } }
    }

    @Test("what is far from its level is read every two minutes, and repeated between")
    func far() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        try scene.memory(100, of: 512)
        let seconds = [0.0, 30, 60, 90, 120, 150, 180]
        #expect(fresh(&scene, .containerMemory, at: seconds) == [true, false, false, false, true, false, false])
    }

    @Test("what is near its level is read in every sweep, until it is far again")
    func near() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        try scene.memory(400, of: 512)
        #expect(fresh(&scene, .containerMemory, at: [0, 30, 60]) == [true, true, true])
        try scene.memory(100, of: 512)
        #expect(fresh(&scene, .containerMemory, at: [90, 120, 150]) == [true, false, false])
    }

    @Test("near is what a label on the container says")
    func ownLevels() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        try scene.memory(100, of: 512)
        var settings = DockerCheck.Settings()
        settings.memory.warning = 20
        scene.run.levels = ContainerLevels(settings)
        #expect(fresh(&scene, .containerMemory, at: [0, 30]) == [true, true])
        let levels = scene.look(at: 60).all(.containerMemory).first?.levels
        #expect(levels == Observation.OwnLevels(warning: 0.2, critical: 0.9))
    }

    @Test("a limit that somebody changes counts at once where the engine tells of it, else within ten minutes")
    func changedLimits() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        try scene.memory(100, of: 512)
        _ = scene.look(at: 0)
        try scene.memory(100, of: 400)
        #expect(scene.number(.containerMemory, at: 120) == 100.0 / 512)
        scene.run.updatedAt = BoardScene.at(125)
        #expect(scene.number(.containerMemory, at: 150) == 0.25)
        try scene.memory(100, of: 800)
        #expect(scene.number(.containerMemory, at: 700) == 0.25)
        #expect(scene.number(.containerMemory, at: 830) == 0.125)
    }

    @Test("S27 of an engine at a port only what a control group of this machine names is looked at")
    func anotherMachine() throws {
        func measures(_ lines: String, onSocket: Bool) throws -> (Set<Measure>, Bool) {
            let scene = try GroupScene(lines)
            try scene.memory(100, of: 512)
            try scene.network(inUse: 3, overflows: 7)
            var run = scene.run
            run.ownsNetwork = true
            var readings = ContainerReadings()
            let look = readings.look(
                at: [run],
                scene.host,
                levels: ContainerLevels(),
                every: .zero,
                onSocket: onSocket,
                at: BoardScene.at(0),
                uptime: .seconds(1000)
            )
            return (Set(look.observations.map(\.measure)), readings.foundGroup)
        }
        let own = "0::/system.slice/docker-\(GroupScene.id).scope\n"
        let foreign = "0::/system.slice/nginx.service\n"
        #expect(try measures(own, onSocket: false).0.contains(.containerListenOverflows))
        #expect(try measures(own, onSocket: false).1)
        // Rootless without delegation: the socket is enough.
        #expect(try measures(foreign, onSocket: true).0.contains(.containerListenOverflows))
        let (elsewhere, found) = try measures(foreign, onSocket: false)
        #expect(elsewhere == [.containerMemory] && !found, "one line says that all of it is out of sight")
    }

    @Test("what cannot be read any more is unknown, and not over")
    func unreadable() throws {
        var scene = try GroupScene()
        try scene.memory(500, of: 512)
        try scene.tasks(95, of: "100")
        scene.run.ownsNetwork = true
        try scene.network(inUse: 300, closeWait: 290)
        let before = Set(scene.look(at: 0).observations.map(\.measure))
        #expect(before.isSuperset(of: [.containerMemory, .containerTasks, .containerCloseWait]))
        try scene.write(["memory.stat": "nonsense"])
        try scene.fixture.write("proc/\(GroupScene.pid)/net/sockstat", "nonsense\n")
        let look = scene.look(at: 30)
        #expect(Set(look.observations.map(\.measure)) == before)
        for measure in [Measure.containerMemory, .containerTasks, .containerCloseWait] {
            #expect(look.all(measure).allSatisfy { if case .unknown = $0.value { true } else { false } }, "\(measure)")
        }
    }

    @Test("S27 beside hundreds of containers a sweep renews the fifty oldest readings, and leaves none out")
    func hundreds() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        let runs = try (1...120).map { number in
            var run = scene.run
            run.pid = Int32(5000 + number)
            run.target = Target("c\(number)")
            run.id = String(repeating: "a", count: 61) + "\(100 + number)"
            run.ownsNetwork = true
            try scene.network(of: run.pid, inUse: 1, overflows: 1)
            return run
        }
        let renewed = [0.0, 30, 90, 120, 150, 180, 210, 240].map { second in
            scene.look(at: second, runs).all(.containerListenOverflows).filter { !$0.isRepeated }.map(\.target)
        }
        #expect(renewed.map(\.count) == [120, 0, 0, 50, 50, 20, 0, 50])
        #expect(Set(renewed[3...5].joined()) == Set(runs.map(\.target)))
    }

    @Test("while the engine is away what was read is unknown, and every alert keeps its state")
    func away() throws {
        var scene = try GroupScene()
        scene.run.ownsNetwork = true
        try scene.memory(100, of: 200)
        try scene.network(inUse: 3)
        let seen = scene.look(at: 0).observations.map(\.measure)
        let unknown = scene.readings.unknown(because: "refused")
        #expect(unknown.map(\.measure) == seen)
        #expect(unknown.allSatisfy { $0.value == .unknown(because: "refused") && $0.target == GroupScene.target })
    }

    @Test("S11 what is read every two minutes fires when it was too high for two, and resolves at the next look")
    func alerts() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        var book = AlertBook(bootID: "b")
        let check = CheckID(DockerCheck.kind)
        _ = book.reconfigure([CheckPlan(check: check, rules: DockerCheck(.init()).rules)], at: BoardScene.at(0))
        func firing(at seconds: Double) -> [String] {
            let sweep = Sweep(
                check: check,
                at: BoardScene.at(seconds),
                uptime: .seconds(Int64(seconds)),
                outcome: .success(scene.look(at: seconds).observations)
            )
            _ = book.absorb(sweep)
            return book.firing.map(\.id.measure)
        }
        try scene.memory(100, of: 512)
        #expect(firing(at: 0).isEmpty)
        try scene.memory(480, of: 512)
        #expect(firing(at: 30).isEmpty)
        // Seen at the second look, in each sweep from then on.
        let told = [120.0, 150, 180, 210, 240].map { firing(at: $0) }
        #expect(told == [[], [], [], [], [Measure.containerMemory.name]])
        try scene.memory(100, of: 512)
        #expect(firing(at: 270).isEmpty)
    }

    // MARK: - Networks

    @Test("S27 a namespace without sockets has dropped nothing since: its counters are added up once")
    func noSockets() async throws {
        var scene = try GroupScene()
        scene.run.ownsNetwork = true
        try scene.network(inUse: 0, overflows: 7, used: 0)
        let first = scene.look(at: 0)
        #expect(first.observations.map(\.measure) == [.containerListenOverflows])
        #expect(first.number(.containerListenOverflows) == 7)
        var second = scene
        let opened = try await OpenedFiles.of(scene.fixture) { _ = second.look(at: 120) }
        #expect(opened.contains("<proc>/4242/net/sockstat"))
        #expect(!opened.contains("<proc>/4242/net/netstat") && !opened.contains("<proc>/4242/net/sockstat6"))
        try scene.network(inUse: 2, overflows: 9)
        let third = scene.look(at: 240)
        #expect(third.number(.containerListenOverflows) == 9)
        #expect(third.number(.containerSockets) == 2)
    }

    @Test("S27 the table of connections is walked only where there may be too many")
    func walks() async throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        scene.run.ownsNetwork = true
        try scene.network(inUse: 100, timeWait: 40, closeWait: 90)
        let few = scene.look(at: 0)
        #expect(few.number(.containerSockets) == 100)
        #expect(few.number(.containerTimeWait) == 40)
        #expect(few.all(.containerCloseWait).isEmpty)
        try scene.network(inUse: 300, closeWait: 250)
        let many = scene.look(at: 120)
        #expect(many.number(.containerCloseWait) == 250)
        #expect(many.number(.containerEstablished) == 50)
        let told = try #require(many.all(.containerCloseWait).first)
        #expect(told.summary == "250 connections of container web were closed by their peers and are not by it")
        #expect(told.annotations["ports"]?.contains("8080") == true)
        // Near its level about every minute, so that a sweep has time for others.
        #expect(scene.look(at: 150).all(.containerCloseWait).first?.isRepeated == true)
        try scene.network(inUse: 10, closeWait: 10)
        let after = scene.look(at: 180)
        #expect(after.number(.containerCloseWait) == 10)
        #expect(scene.look(at: 300).all(.containerCloseWait).isEmpty)
    }

    @Test("S27 a table that cannot be read is unknown, from the first look on, and never what it was before")
    func unreadableTable() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        scene.run.ownsNetwork = true
        func said(at seconds: Double) -> [Observation.Value] {
            let look = scene.look(at: seconds)
            return [Measure.containerCloseWait, .containerEstablished].flatMap { look.all($0).map(\.value) }
        }
        let table = "proc/\(GroupScene.pid)/net/tcp"
        let unknown = Observation.Value.unknown(because: "\(scene.fixture.path(table)) does not exist")
        try scene.network(inUse: 300, closeWait: 250)
        try scene.fixture.remove(table)
        #expect(said(at: 0) == [unknown, unknown])
        try scene.network(inUse: 300, closeWait: 250)
        #expect(said(at: 120) == [.number(250), .number(50)])
        try scene.fixture.remove(table)
        #expect(said(at: 180) == [unknown, unknown])
        #expect(said(at: 210) == [unknown, unknown])
        // What was too many is looked at until it is known to be few.
        try scene.network(inUse: 10, closeWait: 10)
        #expect(said(at: 300) == [.number(10), .number(0)])
    }

    @Test("S27 one table is walked in each sweep, and every container gets its turn")
    func turns() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        let runs = try (1...3).map { number in
            var run = scene.run
            run.pid = Int32(6000 + number)
            run.target = Target("c\(number)")
            run.ownsNetwork = true
            try scene.network(of: run.pid, inUse: 150)
            return run
        }
        let walked = [0.0, 30, 60, 90].map { second in
            scene.look(at: second, runs).all(.containerEstablished).filter { !$0.isRepeated }.map(\.target.name)
        }
        #expect(walked == [["c1"], ["c2"], ["c3"], []])
    }

    @Test("S27 containers that share a namespace are counted once, and the host's is nobody's")
    func shared() throws {
        var scene = try GroupScene()
        try scene.network(inUse: 3, overflows: 5)
        var other = scene.run
        (other.pid, other.target) = (4343, Target("shop/zidecar/1"))
        try scene.fixture.link("proc/4343/net", to: "../4242/net")
        var onHost = scene.run
        (onHost.pid, onHost.target) = (4444, Target("agent"))
        try scene.fixture.link("proc/4444/net", to: "../1/net")
        let runs = [onHost, scene.run, other].map { run in
            var run = run
            run.ownsNetwork = true
            return run
        }
        for second in [0.0, 30] {
            #expect(scene.look(at: second, runs).all(.containerSockets).map(\.target) == [GroupScene.target])
        }
        // The next one speaks for it when the first has ended.
        let left = scene.look(at: 60, [runs[0], runs[2]]).all(.containerSockets)
        #expect(left.map(\.target) == [Target("shop/zidecar/1")])
    }
}
