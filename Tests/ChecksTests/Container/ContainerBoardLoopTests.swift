import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerBoardLoopTests {
    private static func id(_ number: Int) -> String { String(repeating: String(60 + number), count: 32) }

    @Test("the engine's pause doubles up to a minute, and begins anew after a run of ten seconds")
    func pauses() {
        var backOff = BackOff()
        let pauses = (0..<12).map { _ in
            backOff.grow(after: .seconds(1))
            return backOff.pause?.wholeMilliseconds
        }
        #expect(pauses == [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000])
        backOff.grow(after: .seconds(10))
        #expect(backOff.pause == .milliseconds(100))
    }

    @Test("of a loop that began unseen no pause is claimed until a long run begins it anew")
    func unseenLoop() {
        var backOff = BackOff(afterRestarts: 7)
        backOff.grow(after: .seconds(1))
        #expect(backOff.pause == nil)
        backOff.grow(after: .seconds(11))
        backOff.grow(after: .seconds(1))
        #expect(backOff.pause == .milliseconds(200))
    }

    @Test("S23 a container that crashes at its start backs off, and says until when")
    func backsOff() throws {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        var now = 10.0
        for _ in 0..<8 {
            scene.die(1, at: now)
            now += 13
            scene.event(.start, at: now)
            now += 0.5
        }
        scene.die(1, at: now)
        let state = try #require(scene.observation(.containerRunning, at: now + 1))
        #expect(state.value == .state("backing_off"))
        let end = "exit code 1 (the program reported an error) after 500ms"
        #expect(state.summary == "Container web backs off, next start in about 24s: \(end)")
        #expect(Measure.badRunning["backing_off"] == nil)
        #expect(scene.running(at: now + 30) == "restarting")
        #expect(scene.running(at: now + 130) == "crashed")
        let restarts = try #require(scene.observation(.containerRestarts, at: now + 1))
        #expect(restarts.value == .number(8))
        #expect(restarts.annotations["back_off"] == "25s")
        #expect(restarts.annotations["last_end"] == end)
        scene.event(.kill(signal: 15), at: now + 131)
        scene.event(.stop, at: now + 131.1)
        #expect(scene.running(at: now + 132) == "stopped")
        scene.event(.start, at: now + 140)
        scene.die(1, at: now + 141)
        #expect(scene.running(at: now + 141.01) == "restarting", "who starts it by hand begins anew")
    }

    @Test("S24 restarts are counted across re-creation by compose: project and service are the identity")
    func acrossRecreation() {
        var scene = BoardScene()
        scene.list(BoardScene.running(id: Self.id(0)))
        for number in 0..<5 {
            let now = Double(number * 10 + 10)
            scene.event(.die(exitCode: 1, ranFor: nil), id: Self.id(number), at: now)
            scene.settle(Self.id(number), at: now + 0.3)
            scene.event(.destroy, id: Self.id(number), at: now + 1)
            scene.event(.create, id: Self.id(number + 1), at: now + 2)
            scene.event(.start, id: Self.id(number + 1), at: now + 3)
        }
        #expect(scene.deaths.map(\.target) == Array(repeating: BoardScene.target, count: 5))
        #expect(scene.value(.containerRestarts, at: 60) == .number(5))
        #expect(scene.board.recordCount == 1)
    }

    @Test("S24 a swarm service's slot is one target, whatever its task is called")
    func swarmTasks() {
        func labels(_ task: Int) -> [String: String] {
            ["com.docker.swarm.service.name": "web", "com.docker.swarm.task.name": "web.2.task\(task)"]
        }
        let target = Target("web.2")
        var scene = BoardScene()
        scene.list(BoardScene.running("web.2.task0", id: Self.id(0), labels: labels(0)))
        for number in 0..<3 {
            let now = Double(number * 10 + 10)
            scene.event(
                .die(exitCode: 1, ranFor: nil),
                "web.2.task\(number)",
                id: Self.id(number),
                labels: labels(number),
                at: now
            )
            scene.settle(Self.id(number), at: now + 0.3)
            #expect(scene.running(target, at: now + 1) == "restarting")
            let next = number + 1
            scene.event(.create, "web.2.task\(next)", id: Self.id(next), labels: labels(next), at: now + 4)
            scene.event(.start, "web.2.task\(next)", id: Self.id(next), labels: labels(next), at: now + 5)
        }
        #expect(scene.deathSeverities == [.warning, .warning, .warning])
        #expect(Set(scene.deaths.map(\.target)) == [target])
        #expect(scene.value(.containerRestarts, target, at: 40) == .number(3))
        #expect(scene.running(target, at: 40) == "running")
        let restarts = scene.observation(.containerRestarts, target, at: 40)
        #expect(restarts?.annotations["back_off"] == nil, "swarm's own pause")
    }

    @Test("S22 a job that fails twice and then ends well is well")
    func jobThatEndsWell() {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .onFailure(atMost: 5), startedAt: 0), at: 1)
        for turn in 0..<2 {
            scene.die(1, at: Double(turn * 10 + 10))
            scene.event(.start, at: Double(turn * 10 + 11))
        }
        scene.die(0, at: 40)
        #expect(scene.deathSeverities == [.warning, .warning])
        #expect(scene.running(at: 41) == "exited_ok")
        #expect(Measure.badRunning["exited_ok"] == nil)
        #expect(scene.value(.containerRestarts, at: 41) == nil, "its alert, if any, is over")
    }

    @Test("S22 one-shot jobs that end well, one after the other, are no loop", arguments: [true, false])
    func jobs(isOneOff: Bool) {
        var labels = BoardScene.shop
        if isOneOff { labels["com.docker.compose.oneoff"] = "True" }
        var scene = BoardScene()
        scene.list()
        for number in 0..<10 {
            let now = Double(number * 10)
            scene.event(.create, id: Self.id(number), labels: labels, at: now)
            scene.event(.start, id: Self.id(number), labels: labels, at: now + 1)
            scene.inspect(BoardScene.running(id: Self.id(number), labels: labels, startedAt: now + 1), at: now + 2)
            scene.event(.die(exitCode: 0, ranFor: nil), id: Self.id(number), labels: labels, at: now + 3)
            scene.event(.destroy, id: Self.id(number), labels: labels, at: now + 4)
        }
        #expect(scene.deaths.isEmpty)
        #expect(scene.told.allSatisfy { $0.measure != .containerRestarts })
    }
}
