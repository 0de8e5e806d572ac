import Alerting
import Basics
import Checks
import Curl
import DockerEngine
import Procfs
import TestSupport
import Testing

@testable import Daemon

/// An engine on a real socket that loses, repeats and reorders its events, cuts its stream and talks nonsense.
private struct LyingStub {
    let stub: EngineStub
    var random: SeededGenerator
    private var containers: [StubContainer] = []
    private var held: (action: String, container: StubContainer, attributes: [String: String], at: Timestamp)?
    private var count = 0

    init(seed: Int) throws {
        stub = try EngineStub()
        random = SeededGenerator(state: UInt64(seed))
        for _ in 0..<5 { create() }
        for index in containers.indices { start(index) }
    }

    /// What the engine lists: the state of each container by its name.
    var truth: [String: String] {
        Dictionary(containers.map { ($0.name, $0.state == "exited" ? "down" : $0.state) }) { first, _ in first }
    }

    private mutating func pick(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    /// One event, as it happened or not.
    private mutating func tell(_ action: String, _ container: StubContainer, _ attributes: [String: String] = [:]) {
        stub.containers = containers
        let now = SystemTime().now
        let late = held
        held = nil
        switch pick(6) {
        case 0: break
        case 1:
            for _ in 0..<2 { stub.emit(action, container, attributes, at: now) }
        case 2: held = (action, container, attributes, now)
        default: stub.emit(action, container, attributes, at: now)
        }
        if let late { stub.emit(late.action, late.container, late.attributes, at: late.at) }
    }

    mutating func step() {
        switch pick(30) {
        case 0: stub.cutStreams(after: pick(2) == 0 ? "{\"Type\":\"conta" : "")
        case 1: stub.push("nonsense\n")
        default: live()
        }
    }

    private mutating func live() {
        guard !containers.isEmpty else { return create() }
        let index = pick(containers.count)
        switch (pick(6), containers[index].state) {
        case (0, _): create()
        case (1, "running"), (2, "running"): end(index, 1 + pick(3))
        case (3, "running"):
            tell("kill", containers[index], ["signal": "15"])
            end(index, 143)
        case (4, "running"):
            containers[index].state = "paused"
            tell("pause", containers[index])
        case (_, "paused"):
            containers[index].state = "running"
            tell("unpause", containers[index])
        case (5, "exited"):
            let container = containers.remove(at: index)
            tell("destroy", container)
        case (_, "exited"), (_, "created"): start(index)
        default: break
        }
    }

    private mutating func create() {
        guard containers.count < 8 else { return }
        count += 1
        var container = StubContainer("c\(count)", state: "created")
        container.startedAt = nil
        containers.append(container)
        tell("create", container)
    }

    private mutating func start(_ index: Int) {
        containers[index].state = "running"
        containers[index].startedAt = SystemTime().now
        tell("start", containers[index])
    }

    private mutating func end(_ index: Int, _ exitCode: Int) {
        containers[index].state = "exited"
        containers[index].exitCode = exitCode
        containers[index].finishedAt = SystemTime().now
        tell("die", containers[index], ["exitCode": "\(exitCode)"])
    }
}

@Suite(.serialized, .timeLimit(.minutes(3))) struct LyingEngineWatchTests {
    @Test("S25 whatever an engine tells, in the end it is believed what it lists", arguments: 0..<12)
    func endsAsTheList(seed: Int) async throws {
        var engine = try LyingStub(seed: seed)
        let host = try HostFixture("debian-12").host
        let watched = WatchedStub(engine.stub)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await watched.watcher.run() }
            try await watched.connected(1)
            for _ in 0..<80 {
                engine.step()
                let roll: UInt64 = engine.random.next()
                try await SystemTime().sleep(for: .milliseconds(Int64(roll % 8)))
            }
            try await engine.stub.streams()
            let truth = engine.truth
            // What it told may come after a list: then the next one is the truth.
            _ = try await eventually("the list's truth: \(truth)") {
                await watched.watcher.refresh()
                return await Self.states(watched.keeper, host) == truth ? true : nil
            }
            group.cancelAll()
        }
    }

    private static func states(_ keeper: ContainerKeeper, _ host: Host) async -> [String: String] {
        let observations = (try? await keeper.observations(host: host)) ?? []
        var states: [String: String] = [:]
        for observation in observations where observation.measure.name == "container_running" {
            guard case .state(let state) = observation.value else { continue }
            states[observation.target.name] = ["running", "paused", "created"].contains(state) ? state : "down"
        }
        return states
    }
}
