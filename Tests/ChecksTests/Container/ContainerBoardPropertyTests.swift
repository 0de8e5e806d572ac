import Alerting
import Basics
import DockerEngine
import TestSupport
import Testing

@testable import Checks

/// An engine with one container that lives at random, and what really happened to it.
private struct ModelEngine {
    var random: SeededGenerator
    var now = 0.0
    var detail: ContainerDetail
    var events: [(ContainerEvent.Action, Double)] = []
    var ends = 0

    init(seed: UInt64, policy: RestartPolicy) {
        random = SeededGenerator(state: seed)
        detail = BoardScene.running(policy: policy)
    }

    var isUp: Bool { detail.phase == .running }

    mutating func pass(_ most: Double) { now += 0.05 + Double(random.next() % 1000) / 1000 * most }

    mutating func step() {
        pass(20)
        switch random.next() % 4 {
        case 0 where isUp: crash(Int(random.next() % 3) + 1)
        case 1 where isUp: stop()
        case 2 where isUp:
            stop()
            start(resetsCount: true)
        case 3 where !isUp: start(resetsCount: true)
        default: break
        }
    }

    private mutating func end(_ exitCode: Int) {
        ends += 1
        detail = BoardScene.ended(detail, exitCode, at: now)
        events.append((.die(exitCode: exitCode, ranFor: nil), now + 0.02))
    }

    private mutating func crash(_ exitCode: Int) {
        end(exitCode)
        guard detail.policy == .always else { return }
        detail.restartCount += 1
        start(resetsCount: false)
    }

    private mutating func stop() {
        events.append((.kill(signal: 15), now))
        pass(1)
        end(143)
        events.append((.stop, now + 0.03))
    }

    private mutating func start(resetsCount: Bool) {
        pass(1)
        detail.phase = .running
        detail.pid = 7
        detail.exitCode = 0
        detail.startedAt = BoardScene.at(now)
        if resetsCount { detail.restartCount = 0 }
        events.append((.start, now + 0.01))
    }

    /// The events since the last call, some lost, some twice, some out of order.
    mutating func delivery(faults: Bool) -> [(ContainerEvent.Action, Double)] {
        defer { events = [] }
        guard faults else { return events }
        var out: [(ContainerEvent.Action, Double)] = []
        for event in events {
            switch random.next() % 6 {
            case 0: continue
            case 1: out += [event, event]
            default: out.append(event)
            }
        }
        if out.count > 1 {
            for index in 1..<out.count where random.next() % 4 == 0 { out.swapAt(index, index - 1) }
        }
        return out
    }
}

@Suite struct ContainerBoardPropertyTests {
    private static func deaths(_ scene: BoardScene) -> Int {
        scene.deaths.reduce(0) { sum, death in
            if case .occurrences(let count, _) = death.value { sum + count } else { sum }
        }
    }

    @Test(
        "whatever is lost, repeated or out of order: the board ends as the list, and no run dies twice",
        arguments: 0..<300
    )
    func boardEqualsList(seed: Int) {
        let policy: RestartPolicy = seed.isMultiple(of: 2) ? .always : .no
        var engine = ModelEngine(seed: UInt64(seed), policy: policy)
        var scene = BoardScene()
        scene.list(engine.detail)
        for _ in 0..<30 {
            engine.step()
            let clock = engine.now + 0.1
            for (action, at) in engine.delivery(faults: true) {
                let event = ContainerEvent(BoardScene.identity("web", BoardScene.shop), action, at: BoardScene.at(at))
                scene.take(scene.board.apply(event, at: BoardScene.at(clock)))
            }
            if engine.random.next() % 3 == 0 { scene.inspect(engine.detail, at: clock) }
            if engine.random.next() % 5 == 0 { scene.list(engine.detail, at: clock) }
        }
        scene.list(engine.detail, at: engine.now + 1)
        #expect((scene.running(at: engine.now + 2) == "running") == engine.isUp)
        #expect(Self.deaths(scene) <= engine.ends)
        #expect(scene.board.recordCount == 1)
    }

    @Test("with every event in order, exactly the unrequested ends are told", arguments: 0..<50)
    func exactWithoutFaults(seed: Int) {
        var engine = ModelEngine(seed: UInt64(seed), policy: .always)
        var scene = BoardScene()
        scene.list(engine.detail)
        var expected = 0
        for _ in 0..<40 {
            engine.step()
            for (action, at) in engine.delivery(faults: false) {
                if case .die(let exitCode, _) = action, exitCode != 143 { expected += 1 }
                scene.event(action, at: at)
            }
            scene.inspect(engine.detail, at: engine.now + 0.1)
        }
        #expect(Self.deaths(scene) == expected)
    }
}
