import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerBoardLogTests {
    private static func scene(
        lines: Int = 5,
        policy: RestartPolicy = .no,
        startedAt: Double = -600,
        label: String? = nil
    ) -> BoardScene {
        var options = ContainerOptions()
        options.tuning.logLines = lines
        options.reading = { _, labels in
            var tuning = ContainerTuning()
            tuning.logLines = labels["custos.docker.logs"].flatMap { Int($0) } ?? lines
            return LabelReading(tuning: tuning)
        }
        var labels = BoardScene.shop
        labels["custos.docker.logs"] = label
        var detail = BoardScene.running(policy: policy, labels: labels, startedAt: startedAt)
        detail.hasTTY = false
        var scene = BoardScene(options)
        scene.list(detail)
        return scene
    }

    @Test("a death waits for its last lines, which are asked for once, of its own run")
    func deathWaits() throws {
        var scene = Self.scene()
        scene.die(1, at: 10)
        #expect(scene.deaths.isEmpty)
        let query = try #require(scene.wishes.last?.log)
        #expect(query == LogQuery(lines: 5, since: BoardScene.at(-601), until: BoardScene.at(10.001), isTTY: false))
        scene.board.take(.lines("one\ntwo"), of: BoardScene.web)
        scene.settle(BoardScene.web, at: 10.1)
        #expect(scene.deaths.map { $0.annotations["last_log_lines"] } == ["one\ntwo"])
        #expect(scene.deathSeverities == [.critical])
        #expect(scene.observation(.containerRunning, at: 11)?.annotations["last_log_lines"] == nil, "told once")
    }

    @Test("of a container that starts again and again only the lines of the run that ended are asked for")
    func ownRun() {
        var scene = Self.scene(policy: .always)
        scene.die(1, at: 10)
        scene.settle(BoardScene.web, at: 10.1)
        scene.event(.start, at: 10.2)
        scene.die(1, at: 10.4)
        #expect(scene.wishes.last?.log?.since == BoardScene.at(10))
    }

    @Test("a death is told without its lines when they do not come, and says why")
    func missing() {
        var scene = Self.scene()
        scene.die(1, at: 10)
        scene.board.take(.missing(because: "no answer\u{1B} within 1s500ms"), of: BoardScene.web)
        scene.settle(BoardScene.web, at: 11.5)
        #expect(scene.deaths.map { $0.annotations["log_missing"] } == ["no answer\u{FFFD} within 1s500ms"])
        #expect(scene.deaths.first?.annotations["last_log_lines"] == nil)
    }

    @Test("the next start does not wait: the death is told before it, once")
    func startOvertakes() {
        var scene = Self.scene(policy: .always)
        scene.die(1, at: 10)
        scene.event(.start, at: 10.1)
        #expect(scene.deaths.count == 1)
        scene.board.take(.lines("late"), of: BoardScene.web)
        scene.settle(BoardScene.web, at: 10.2)
        #expect(scene.deaths.count == 1)
        scene.die(1, at: 20)
        scene.settle(BoardScene.web, at: 20.1)
        #expect(scene.deaths.last?.annotations["last_log_lines"] == nil, "another run's")
    }

    @Test(
        "no lines are asked for where they are off, lowered by a label, or where nothing will be told",
        arguments: [(0, nil, 1, false), (0, "50", 1, false), (5, "0", 1, false), (5, "2", 1, true), (5, nil, 0, false)]
            as [(Int, String?, Int, Bool)]
    )
    func notAskedFor(lines: Int, label: String?, exitCode: Int, asks: Bool) {
        var scene = Self.scene(lines: lines, startedAt: 0, label: label)
        scene.die(exitCode, at: 10)
        #expect(scene.wishes.contains { $0.log != nil } == asks)
        if asks { #expect(scene.wishes.last?.log?.lines == 2) }
    }

    @Test("S20 a requested end asks for no lines")
    func requested() {
        var scene = Self.scene()
        scene.event(.kill(signal: 15), at: 10)
        scene.die(143, at: 11)
        #expect(scene.wishes.allSatisfy { $0.log == nil })
    }
}
