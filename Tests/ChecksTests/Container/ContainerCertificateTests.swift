import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerCertificateTests {
    static let second = String(repeating: "c3", count: 32)

    /// A container that took the place of `shop/web/1`, of another image.
    private static func successor(startedAt: Double) -> ContainerDetail {
        var detail = BoardScene.running(id: second, startedAt: startedAt)
        detail.imageID = "sha256:2222222222222222"
        return detail
    }

    private static func replaced() -> BoardScene {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.kill(signal: 15), at: 1)
        scene.die(143, at: 2)
        scene.event(.create, id: second, at: 2.5)
        scene.event(.destroy, at: 3)
        scene.event(.start, id: second, at: 4)
        scene.forgetWhatWasTold()
        return scene
    }

    @Test(
        "the certificate names the signal, and only a signal",
        arguments: [(137, "SIGKILL"), (139, "SIGSEGV"), (143, "SIGTERM"), (1, nil), (0, nil), (127, nil), (255, nil)]
            as [(Int, String?)]
    )
    func signal(code: Int, name: String?) {
        #expect(ExitMeaning.signal(of: code) == name)
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        scene.die(code, at: 10)
        scene.settle(BoardScene.web, at: 11)
        #expect(scene.deaths.map { $0.annotations["signal"] } == [name])
    }

    @Test("S22 a re-created container that dies before any inspect says that its image is another one")
    func diesAtOnce() {
        var scene = Self.replaced()
        scene.event(.die(exitCode: 1, ranFor: nil), id: Self.second, at: 4.2)
        #expect(scene.deaths.isEmpty)
        scene.inspect(BoardScene.ended(Self.successor(startedAt: 4), 1, at: 4.2), at: 4.3)
        #expect(scene.deaths.map { $0.annotations["image_changed"] } == ["true"])
        #expect(scene.deaths.first?.annotations["image_id"] == "222222222222")
        #expect(scene.deaths.first?.annotations["former_image"] == "nginx:1 (1)")
    }

    @Test("the image changed once: the next run of the same container is of the same image")
    func changedOnce() {
        var scene = Self.replaced()
        scene.inspect(Self.successor(startedAt: 4), at: 4.1)
        scene.event(.die(exitCode: 1, ranFor: nil), id: Self.second, at: 10)
        scene.event(.start, id: Self.second, at: 11)
        scene.event(.die(exitCode: 1, ranFor: nil), id: Self.second, at: 12)
        #expect(scene.deaths.map { $0.annotations["image_changed"] } == ["true", "false"])
        #expect(scene.deaths.map { $0.annotations["former_image"] } == ["nginx:1 (1)", nil])
    }

    @Test("the last health check's output is asked for at a death, masked, with the failures in a row")
    func healthOutput() throws {
        var detail = BoardScene.running()
        detail.health = ContainerHealth(.healthy)
        var scene = BoardScene()
        scene.list(detail)
        scene.die(1, at: 10)
        #expect(scene.deaths.isEmpty)
        #expect(scene.wishes.last == ContainerBoard.Wish(BoardScene.web, urgent: true))
        var ended = BoardScene.ended(detail, 1, at: 10)
        ended.health = ContainerHealth(.unhealthy, streak: 2, output: "no db\npassword=geheim\n")
        scene.inspect(ended, at: 10.1)
        let death = try #require(scene.deaths.first)
        #expect(death.annotations["last_health_output"] == "no db\npassword=<redacted>")
        #expect(death.annotations["failing_streak"] == "2")
    }

    @Test(
        "a death whose health output is known, or without a health check, waits for nothing",
        arguments: [true, false]
    )
    func nothingToAskFor(hasCheck: Bool) {
        var detail = BoardScene.running()
        detail.health = hasCheck ? ContainerHealth(.unhealthy, streak: 3, output: "refused") : nil
        var scene = BoardScene()
        scene.list(detail)
        scene.die(1, at: 10)
        #expect(scene.deathSeverities == [.critical])
    }

    @Test("what a health check printed and why a start failed are masked where they enter")
    func masked() {
        let health = ContainerHealth(.unhealthy, output: "GET http://u:geheim@h/\u{1B}[0m \n")
        #expect(health.output == "GET http://u:<redacted>@h/\u{FFFD}[0m")
    }

    @Test(
        "S20 S23 each way to end under each restart policy",
        arguments: [
            (RestartPolicy.no, 0, Severity.critical), (.always, 0, .warning), (.unlessStopped, 4, .warning),
            (.onFailure(atMost: nil), 40, .warning), (.onFailure(atMost: 2), 1, .warning),
            (.onFailure(atMost: 2), 2, .critical),
        ]
    )
    func policies(policy: RestartPolicy, count: Int, severity: Severity) {
        func played(_ play: (inout BoardScene) -> Void) -> [Severity?] {
            var detail = BoardScene.running(policy: policy)
            detail.restartCount = count
            var scene = BoardScene()
            scene.list(detail)
            play(&scene)
            scene.settle(BoardScene.web, at: 30)
            return scene.deathSeverities
        }
        #expect(played { $0.die(1, at: 10) } == [severity], "a crash")
        #expect(played { $0.die(137, at: 10) } == [severity], "somebody's kill -9 on the host")
        let restart = played { scene in
            scene.event(.kill(signal: 15), at: 10)
            scene.die(143, at: 11)
            scene.event(.stop, at: 11.1)
            scene.event(.start, at: 11.3)
        }
        #expect(restart == [], "docker restart")
        let kill = played { scene in
            scene.event(.kill(signal: 9), at: 10)
            scene.die(137, at: 10.1)
        }
        #expect(kill == [], "docker kill")
        let recreated = played { scene in
            scene.event(.kill(signal: 15), at: 10)
            scene.die(0, at: 10.2)
            scene.event(.stop, at: 10.2)
            scene.event(.rename, "0123456789ab_web", at: 10.3)
            scene.event(.create, id: Self.second, at: 10.4)
            scene.event(.start, id: Self.second, at: 10.6)
            scene.event(.destroy, at: 10.8)
        }
        #expect(recreated == [], "docker compose up --force-recreate")
    }

    @Test("S26 an engine that stops its containers before it stops itself is no crowd of deaths")
    func engineStopsAll() {
        let detail = BoardScene.running(policy: .always)
        var scene = BoardScene()
        scene.list(detail)
        scene.event(.kill(signal: 15), at: 10)
        scene.die(143, at: 10.5)
        scene.take(scene.board.engineLost(.unreachable(because: "gone")))
        var again = detail
        again.startedAt = BoardScene.at(20)
        scene.list(again, at: 21)
        #expect(scene.deaths.isEmpty)
        #expect(scene.running(at: 22) == "running")
        #expect(scene.value(.containerRestarts, at: 22) == .number(0))
    }

    @Test(
        "S21 after a reboot what ended with the machine is baseline",
        arguments: [
            (RestartPolicy.no, 137, -80.0), (.no, 1, -80), (.no, 255, -40), (.onFailure(atMost: nil), 143, -80),
        ]
    )
    func reboot(policy: RestartPolicy, exitCode: Int, endedAt: Double) {
        var memory = ContainerMemory()
        memory.previousSweep = BoardScene.at(-100)
        var scene = BoardScene(memory: memory, bootedAt: -60)
        let ended = BoardScene.ended(BoardScene.running(policy: policy, startedAt: -5000), exitCode, at: endedAt)
        scene.list(ended)
        #expect(scene.deaths.isEmpty)
        #expect(scene.running(at: 1) == "baseline")
    }

    @Test("S21 what crashed after the reboot, or was told before it, is no baseline")
    func crashAfterReboot() {
        var memory = ContainerMemory()
        memory.previousSweep = BoardScene.at(-30)
        var scene = BoardScene(memory: memory, bootedAt: -60)
        scene.list(BoardScene.ended(BoardScene.running(startedAt: -50), 1, at: -20))
        #expect(scene.deathSeverities == [.critical])
        memory.previousSweep = BoardScene.at(-100)
        memory.running = [BoardScene.target: "crashed"]
        scene = BoardScene(memory: memory, bootedAt: -60)
        scene.list(BoardScene.ended(BoardScene.running(startedAt: -5000), 1, at: -500))
        #expect(scene.deaths.isEmpty)
        #expect(scene.running(at: 1) == "crashed")
    }
}
