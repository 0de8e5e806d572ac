import Alerting
import Basics
import Testing

@testable import Checks

/// Kills that a control group counts beside those that the engine tells of (S23).
@Suite struct ContainerKillTests {
    private func kill(since seconds: Double, startedAt: Double = -600) -> ContainerBoard.Kills {
        ContainerBoard.Kills(id: BoardScene.web, startedAt: BoardScene.at(startedAt), since: BoardScene.at(seconds))
    }

    @Test("S23 a kill that the engine says nothing of is told when the container outlives it")
    func untold() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        let waits = scene.board.note([kill(since: -60)], at: BoardScene.at(60))
        #expect(waits)
        scene.settle(at: 61)
        #expect(scene.ooms.isEmpty)
        scene.settle(at: 62)
        #expect(scene.ooms.map(\.value) == [.occurrences(1, .critical)])
        scene.settle(at: 70)
        #expect(scene.ooms.count == 1)
    }

    @Test("S23 what the engine told since the look before is not told again", arguments: [0.0, 59.5])
    func told(at seconds: Double) {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.oom, at: seconds)
        if seconds < 50 { scene.settle(at: seconds + 3) }
        let waits = scene.board.note([kill(since: -1)], at: BoardScene.at(60))
        #expect(!waits)
        scene.settle(at: 65)
        #expect(scene.ooms.count == 1)
    }

    @Test("S23 the engine's word that comes a moment later is the same kill")
    func toldLater() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        let waits = scene.board.note([kill(since: -60)], at: BoardScene.at(60))
        #expect(waits)
        scene.event(.oom, at: 60.4)
        scene.settle(at: 65)
        #expect(scene.ooms.count == 1)
    }

    @Test("S23 a kill that ends the container is its death's cause alone")
    func deadly() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        let waits = scene.board.note([kill(since: -60)], at: BoardScene.at(60))
        #expect(waits)
        scene.die(137, at: 60.2)
        scene.settle(at: 65)
        #expect(scene.ooms.isEmpty)
        #expect(scene.deaths.first?.annotations["oom"] == "true")
    }

    @Test("what was counted in a run that has ended is no news of the next")
    func otherRun() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        let earlier = scene.board.note([kill(since: -60, startedAt: -700)], at: BoardScene.at(60))
        scene.die(1, at: 61)
        let ended = scene.board.note([kill(since: -60)], at: BoardScene.at(62))
        let unknown = scene.board.note([.init(id: "nobody", since: BoardScene.at(0))], at: BoardScene.at(62))
        #expect(!earlier && !ended && !unknown)
    }
}
