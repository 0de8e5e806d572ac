import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

/// What Podman tells otherwise than Docker: `Tests/Fixtures/engine/podman-4.3.1` has its own words.
@Suite struct ContainerBoardPodmanTests {
    private static func scene(_ detail: ContainerDetail) -> BoardScene {
        var scene = BoardScene()
        scene.board.product = .podman
        scene.list(detail)
        scene.forgetWhatWasTold()
        return scene
    }

    @Test("S20 a stop or a restart by people, told before the end, is a request", arguments: [true, false])
    func requested(isRestart: Bool) {
        var scene = Self.scene(BoardScene.running(policy: .always))
        scene.event(isRestart ? .restart : .stop, at: 10)
        #expect(scene.running(at: 10) == "running")
        scene.die(137, at: 13)
        #expect(scene.deaths.isEmpty)
        #expect(scene.running(at: 14) == "stopped")
        #expect(scene.wishes.isEmpty)
    }

    @Test("S20 a restart by its policy, told after the end, is no request")
    func restartByPolicy() {
        let web = BoardScene.running(policy: .always)
        var scene = Self.scene(web)
        scene.die(4, at: 10)
        scene.event(.restart, at: 10.1)
        scene.inspect(BoardScene.ended(web, 4, at: 10), at: 10.15)
        #expect(scene.deathSeverities == [.warning])
        scene.event(.start, at: 10.2)
        #expect(scene.value(.containerRestarts, at: 11) == .number(1))
        scene.die(4, at: 12)
        #expect(scene.wishes.last?.isUrgent == true)
    }

    @Test("S22 who is gone right after the end was removed while it ran: nobody's death", arguments: 0..<3)
    func removedByForce(how: Int) {
        let web = BoardScene.running()
        var scene = Self.scene(web)
        scene.die(137, at: 10)
        #expect(scene.deaths.isEmpty)
        switch how {
        case 0: scene.event(.destroy, at: 10.05)
        case 1:
            scene.take(scene.board.settle(BoardScene.web, isGone: true, at: BoardScene.at(10.05)))
            scene.event(.destroy, at: 10.06)
        default:
            var removing = BoardScene.ended(web, 137, at: 10)
            removing.phase = .removing
            scene.inspect(removing, at: 10.02)
            scene.event(.destroy, at: 10.05)
        }
        #expect(scene.deaths.isEmpty)
        #expect(scene.gone == [BoardScene.target])
    }

    @Test("S22 a job that removes itself has died, though it is gone right after")
    func removedItself() {
        var job = BoardScene.running(labels: [:], startedAt: -60)
        job.autoRemove = true
        var scene = Self.scene(job)
        scene.event(.die(exitCode: 5, ranFor: nil), labels: [:], at: 10)
        scene.event(.destroy, labels: [:], at: 10.05)
        #expect(scene.deaths.count == 1)
    }

    @Test("a crash is told when its inspect has answered, or has not")
    func crash() {
        let web = BoardScene.running()
        var scene = Self.scene(web)
        scene.die(1, at: 10)
        #expect(scene.wishes == [ContainerBoard.Wish(BoardScene.web, urgent: true)])
        scene.inspect(BoardScene.ended(web, 1, at: 10), at: 10.1)
        #expect(scene.deathSeverities == [.critical])
        scene = Self.scene(web)
        scene.die(1, at: 10)
        scene.settle(BoardScene.web, at: 12)
        #expect(scene.deathSeverities == [.critical])
    }

    @Test("S23 that it was out of memory comes from the inspect alone")
    func oom() {
        let web = BoardScene.running()
        var scene = Self.scene(web)
        scene.die(137, at: 10)
        var dead = BoardScene.ended(web, 137, at: 10)
        dead.oomKilled = true
        scene.inspect(dead, at: 10.1)
        #expect(scene.deaths.first?.annotations["oom"] == "true")
    }

    @Test("S25 a probe is asked about only where the status seems to be another; the answer counts, not the event")
    func probes() {
        var web = BoardScene.running()
        web.health = ContainerHealth(.healthy)
        var scene = Self.scene(web)
        for second in 1...10 { scene.event(.probed(.healthy), at: Double(second)) }
        #expect(scene.wishes.isEmpty)
        scene.event(.probed(.unhealthy), at: 11)
        #expect(scene.wishes == [ContainerBoard.Wish(BoardScene.web)])
        #expect(scene.value(.containerHealth, at: 11) == .state("healthy"))
        web.health = ContainerHealth(.unhealthy, streak: 3, output: "no")
        scene.inspect(web, at: 11.1)
        #expect(scene.value(.containerHealth, at: 12) == .state("unhealthy"))
    }

    @Test("Docker's restart event comes after the start and asks for nothing")
    func dockersRestart() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.restart, at: 10)
        scene.die(1, at: 12)
        #expect(scene.deathSeverities == [.critical])
    }

    @Test("an event that changes nothing leaves the answer good that was asked for before it")
    func answerOnItsWay() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.die(0, at: 9)
        scene.event(.start, at: 10)
        let mark = scene.board.serial
        scene.event(.restart, at: 10.1)
        var detail = BoardScene.running(startedAt: 10)
        detail.pid = 77
        scene.take(scene.board.apply(detail, mark: mark, at: BoardScene.at(10.3)))
        scene.board.sortSpeakers()
        #expect(scene.board.running.map(\.pid) == [77])
    }
}
