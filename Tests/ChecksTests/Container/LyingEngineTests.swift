import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct LyingEngineTests {
    /// What a sweep says of each target's containers: of those that are down only that they are.
    private static func states(_ scene: BoardScene, at seconds: Double) -> [String: String] {
        var states: [String: String] = [:]
        for observation in scene.board.observations(at: BoardScene.at(seconds))
        where observation.measure == .containerRunning {
            guard case .state(let state) = observation.value else { continue }
            states[observation.target.name] = ["running", "paused", "created"].contains(state) ? state : "down"
        }
        return states
    }

    private static func truth(_ engine: LyingEngine) -> [String: String] {
        Dictionary(
            engine.list.map { ($0.identity.name, $0.phase == .exited ? "down" : $0.phase.rawValue) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private static func health(_ scene: BoardScene, at seconds: Double) -> [String: String] {
        var states: [String: String] = [:]
        for observation in scene.board.observations(at: BoardScene.at(seconds))
        where observation.measure == .containerHealth {
            guard case .state(let state) = observation.value, state != "not_running" else { continue }
            states[observation.target.name] = state == "starting_too_long" ? "starting" : state
        }
        return states
    }

    @Test(
        "S25 an engine that loses, repeats and reorders its events: after a list, what is said is what it lists",
        arguments: 0..<400
    )
    func endsAsTheList(seed: Int) {
        var engine = LyingEngine(seed: seed)
        var scene = BoardScene()
        scene.list(engine.list)
        var old: [ContainerEvent] = []
        for _ in 0..<60 {
            engine.step()
            let clock = engine.now + 0.1
            let events = engine.delivery(after: old)
            for event in events { scene.take(scene.board.apply(event, at: BoardScene.at(clock))) }
            old += events
            let roll: UInt64 = engine.random.next()
            if roll.isMultiple(of: 8) { scene.list(engine.list, at: clock) }
        }
        scene.list(engine.list, at: engine.now + 2)
        #expect(Self.states(scene, at: engine.now + 4) == Self.truth(engine))
        let alive = engine.list.filter { $0.phase == .running || $0.phase == .paused }
        let health = alive.compactMap { detail in detail.health.map { (detail.identity.name, $0.status.rawValue) } }
        #expect(Self.health(scene, at: engine.now + 4) == Dictionary(health) { first, _ in first })
        #expect(scene.board.recordCount == engine.list.count)
    }

    @Test("S25 whatever it says of them, no run of a container dies twice", arguments: 0..<120)
    func diesAtMostOnce(seed: Int) {
        var engine = LyingEngine(seed: seed)
        var scene = BoardScene()
        scene.list(engine.list)
        var old: [ContainerEvent] = []
        for _ in 0..<60 {
            engine.step()
            let events = engine.delivery(after: old)
            for event in events { scene.take(scene.board.apply(event, at: BoardScene.at(engine.now + 0.1))) }
            scene.list(engine.list, at: engine.now + 0.2)
            old += events
        }
        var deaths: [String: Int] = [:]
        for death in scene.deaths {
            guard case .occurrences(let count, _) = death.value else { continue }
            deaths[death.target.name, default: 0] += count
        }
        for (name, count) in deaths { #expect(count <= engine.ends[name, default: 0], "\(name)") }
    }

    @Test("S25 whatever it says, no container loses its health check in a sweep", arguments: 0..<120)
    func healthIsNeverLeftOut(seed: Int) {
        var engine = LyingEngine(seed: seed)
        var scene = BoardScene()
        scene.list(engine.list)
        var old: [ContainerEvent] = []
        var former: Set<Target> = []
        for _ in 0..<60 {
            engine.step()
            for event in engine.delivery(after: old) {
                scene.take(scene.board.apply(event, at: BoardScene.at(engine.now + 0.1)))
                old.append(event)
            }
            let sweep = scene.board.observations(at: BoardScene.at(engine.now + 0.2))
            let there = Set(sweep.filter { $0.measure == .containerRunning }.map(\.target))
            let examined = Set(sweep.filter { $0.measure == .containerHealth }.map(\.target))
            #expect(examined.isSuperset(of: former.intersection(there)))
            former = examined
        }
    }
}
