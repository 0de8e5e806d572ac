import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerBoardCrashTests {
    private static func limited(_ policy: RestartPolicy = .always) -> ContainerDetail {
        BoardScene.running(policy: policy)
    }

    @Test(
        "S23 a death is a warning, and critical when nothing restarts the container",
        arguments: [
            (RestartPolicy.always, 0, Severity.warning), (.unlessStopped, 0, .warning), (.no, 0, .critical),
            (.onFailure(atMost: 3), 2, .warning), (.onFailure(atMost: 3), 3, .critical),
            (.onFailure(atMost: nil), 9, .warning),
        ]
    )
    func severity(policy: RestartPolicy, count: Int, severity: Severity) {
        var detail = BoardScene.running(policy: policy)
        detail.restartCount = count
        var scene = BoardScene()
        scene.list(detail)
        scene.die(1, at: 10)
        #expect(scene.deathSeverities == [severity])
    }

    @Test("S23 oom told twice, then die: one death with its cause and no other alert")
    func oomThenDie() {
        var scene = BoardScene()
        scene.list(Self.limited())
        scene.event(.oom, at: 10)
        scene.event(.oom, at: 10.01)
        scene.die(137, at: 10.03)
        scene.settle(at: 13)
        #expect(scene.deathSeverities == [.critical])
        #expect(scene.deaths.first?.annotations["oom"] == "true")
        #expect(scene.deaths.first?.annotations["exit_meaning"] == "killed by the kernel: out of memory")
        #expect(scene.ooms.isEmpty)
        #expect(scene.wishes.allSatisfy { !$0.isUrgent })
    }

    @Test("S23 die then oom: the death waits for its cause and is told once")
    func dieThenOOM() {
        var scene = BoardScene()
        scene.list(Self.limited())
        scene.die(137, at: 10)
        #expect(scene.deaths.isEmpty)
        scene.event(.oom, at: 10.01)
        scene.settle(BoardScene.web, at: 10.25)
        scene.settle(at: 13)
        #expect(scene.deathSeverities == [.critical])
        #expect(scene.deaths.first?.annotations["oom"] == "true")
        #expect(scene.ooms.isEmpty)
    }

    @Test("S23 without an oom event the inspect tells the cause")
    func inspectTells() {
        var scene = BoardScene()
        scene.list(Self.limited())
        scene.die(137, at: 10)
        var detail = BoardScene.ended(Self.limited(), 137, at: 9.98)
        detail.phase = .restarting
        detail.oomKilled = true
        detail.restartCount = 1
        scene.inspect(detail, at: 10.01)
        #expect(scene.deathSeverities == [.critical])
        #expect(scene.deaths.first?.annotations["oom"] == "true")
        #expect(scene.deaths.first?.annotations["restart_policy"] == "always")
    }

    @Test("S23 a 137 waits for an inspect only where the container has a limit of its own", arguments: [true, false])
    func inspectedForItsLimit(hasLimit: Bool) {
        var detail = BoardScene.running()
        detail.hasMemoryLimit = hasLimit
        var scene = BoardScene()
        scene.list(detail)
        scene.die(137, at: 10)
        #expect(scene.deaths.isEmpty == hasLimit)
        #expect(scene.wishes.contains { $0.isUrgent } == hasLimit)
    }

    @Test("S23 an inspect of the next run says nothing of the last: OOMKilled was reset")
    func resetByRestart() {
        var scene = BoardScene()
        scene.list(Self.limited())
        scene.die(137, at: 10)
        var detail = BoardScene.running(policy: .always, startedAt: 10.1)
        detail.restartCount = 1
        scene.inspect(detail, at: 10.2)
        scene.event(.start, at: 10.11)
        #expect(scene.deathSeverities == [.warning])
        #expect(scene.deaths.first?.annotations["oom"] == "false")
        #expect(scene.value(.containerRestarts, at: 11) == .number(1))
        #expect(scene.running(at: 11) == "running")
    }

    @Test("S23 container_oom speaks only when the container survives, once for a kill told twice")
    func survivedOOM() {
        var scene = BoardScene()
        scene.list(Self.limited())
        scene.event(.oom, at: 10)
        scene.event(.oom, at: 10.01)
        #expect(scene.ooms.isEmpty)
        scene.settle(at: 11)
        #expect(scene.ooms.isEmpty)
        scene.settle(at: 12)
        scene.settle(at: 13)
        #expect(scene.ooms.map(\.value) == [.occurrences(1, .critical)])
        #expect(scene.deaths.isEmpty)
    }

    @Test("S23 a server whose children are killed one after the other is told every two seconds, not for each")
    func manyKills() {
        var scene = BoardScene()
        scene.list(Self.limited())
        for tenth in 0..<45 {
            let at = 10 + Double(tenth) / 10
            scene.event(.oom, at: at)
            scene.settle(at: at)
        }
        scene.settle(at: 20)
        #expect(scene.ooms.count == 3)
    }

    @Test("S23 OOMKilled of a run that goes on is told once, and not if it was so at first sight")
    func oomKilledFlag() {
        var detail = Self.limited()
        var scene = BoardScene()
        scene.list(detail)
        detail.oomKilled = true
        scene.list(detail, at: 300)
        scene.list(detail, at: 600)
        #expect(scene.ooms.count == 1)
        var late = BoardScene()
        late.list(detail)
        late.list(detail, at: 300)
        #expect(late.ooms.isEmpty)
    }

    @Test("S23 OOMKilled left over from the run before explains nothing of this one")
    func leftoverFlag() {
        var scene = BoardScene()
        scene.list(Self.limited())
        scene.event(.oom, at: 10)
        scene.die(137, at: 10.02)
        scene.event(.start, at: 10.2)
        var detail = BoardScene.running(policy: .always, startedAt: 10.19)
        detail.oomKilled = true
        detail.restartCount = 1
        scene.inspect(detail, at: 10.3)
        scene.list(detail, at: 300)
        #expect(scene.ooms.isEmpty)
        scene.die(137, at: 310)
        var ended = BoardScene.ended(detail, 137, at: 309.98)
        ended.restartCount = 2
        scene.inspect(ended, at: 310.01)
        #expect(scene.deaths.map { $0.annotations["oom"] } == ["true", "false"])
        #expect(scene.ooms.isEmpty)
    }

    @Test("S23 restarts count only starts after an unrequested death, within the window")
    func restartsInWindow() {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        for turn in 0..<4 {
            scene.die(1, at: Double(turn * 100 + 10))
            scene.event(.start, at: Double(turn * 100 + 11))
        }
        scene.event(.kill(signal: 15), at: 400)
        scene.die(143, at: 401)
        scene.event(.start, at: 402)
        #expect(scene.value(.containerRestarts, at: 403) == .number(4))
        #expect(scene.value(.containerRestarts, at: 615) == .number(3))
        #expect(scene.value(.containerRestarts, at: 2000) == .number(0))
        #expect(scene.deaths.count == 4)
    }

    @Test("restarts that nobody saw are read from RestartCount, and told as deaths")
    func unseenRestarts() {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        var detail = BoardScene.running(policy: .always, startedAt: 200)
        detail.restartCount = 3
        scene.list(detail, at: 300)
        #expect(scene.deaths.map(\.value) == [.occurrences(3, .warning)])
        #expect(scene.value(.containerRestarts, at: 301) == .number(3))
        scene.list(detail, at: 600)
        #expect(scene.deaths.count == 1)
    }

    @Test("an inspect that overtakes the events is not counted beside them")
    func answerAheadOfEvents() {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        scene.die(1, at: 10)
        scene.event(.start, at: 10.001)
        // Asked for now, answered when the next run has ended and another has begun.
        var ahead = BoardScene.running(policy: .always, startedAt: 10.003)
        ahead.restartCount = 2
        let news = scene.look(at: ahead, at: 10.004)
        #expect(news.observations.isEmpty)
        #expect(news.inspect == [ContainerBoard.Wish(BoardScene.web, after: ContainerBoard.streamPatience)])
        // Another answer, asked for at the same time, is no proof.
        let other = scene.look(at: ahead, at: 10.005)
        #expect(other.observations.isEmpty && other.inspect.isEmpty)
        scene.die(1, at: 10.002)
        scene.event(.start, at: 10.003)
        #expect(scene.deaths.count == 2)
        scene.look(at: ahead, at: 11.004)
        scene.list(ahead, at: 300)
        #expect(scene.deaths.map(\.value) == [.occurrences(1, .warning), .occurrences(1, .warning)])
        #expect(scene.value(.containerRestarts, at: 301) == .number(2))
    }

    @Test("the engine's whole history of restarts is no news, whatever is first known of a container")
    func firstCountIsNoNews() {
        var scene = BoardScene()
        scene.list([])
        scene.event(.start, at: 10)
        var ended = BoardScene.ended(BoardScene.running(policy: .always, startedAt: 9.99), 1, at: 10.5)
        ended.restartCount = 58
        scene.inspect(ended, at: 10.6)
        #expect(scene.deaths.map(\.value) == [.occurrences(1, .warning)])
        #expect(scene.value(.containerRestarts, at: 12) == .number(0))
    }

    @Test("an end that no event tells of is told a moment later")
    func answerWithoutEvents() {
        var scene = BoardScene()
        let detail = BoardScene.running()
        scene.list(detail)
        let ended = BoardScene.ended(detail, 1, at: 20)
        scene.look(at: ended, at: 20.1)
        #expect(scene.deaths.isEmpty)
        scene.look(at: ended, at: 21.1)
        #expect(scene.deathSeverities == [.critical])
    }

    @Test("a new run without a restart by the engine was somebody's wish")
    func unseenDockerRestart() {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        scene.list(BoardScene.running(policy: .always, startedAt: 200), at: 300)
        #expect(scene.deaths.isEmpty)
        #expect(scene.value(.containerRestarts, at: 301) == .number(0))
    }

    @Test("the certificate says how, why, how long and of what")
    func certificate() throws {
        var detail = BoardScene.running(policy: .onFailure(atMost: 3), startedAt: -3600)
        detail.health = ContainerHealth(.unhealthy, streak: 3, output: "connection\u{1b}[31m refused")
        var scene = BoardScene()
        scene.list(detail)
        scene.die(139, at: 62)
        let death = try #require(scene.deaths.first)
        #expect(death.annotations["exit_code"] == "139")
        #expect(death.annotations["exit_meaning"] == "killed by SIGSEGV")
        #expect(death.annotations["ran_for"] == "1h1m2s")
        #expect(death.annotations["restart_policy"] == "on-failure:3")
        #expect(death.annotations["restart_count"] == "1")
        #expect(death.annotations["image"] == "nginx:1")
        #expect(death.annotations["image_changed"] == "false")
        #expect(death.annotations["oom"] == "false")
        #expect(death.annotations["requested"] == "false")
        #expect(death.annotations["last_health_output"] == "connection\u{FFFD}[31m refused")
        #expect(death.annotations["container_id"] == "a1a1a1a1a1a1")
        #expect(death.summary == "Container web died: exit code 139 (killed by SIGSEGV) after 1h1m2s")
    }

    @Test("the certificate tells an image that changed since the last start")
    func changedImage() {
        var detail = BoardScene.running()
        var scene = BoardScene()
        scene.list(detail)
        scene.event(.kill(signal: 15), at: 1)
        scene.die(143, at: 2)
        scene.event(.destroy, at: 3)
        detail.identity.id = String(repeating: "c3", count: 32)
        detail.imageID = "sha256:2"
        detail.startedAt = BoardScene.at(4)
        scene.event(.start, id: detail.identity.id, at: 4.01)
        scene.inspect(detail, at: 4.1)
        scene.event(.die(exitCode: 1, ranFor: nil), id: detail.identity.id, at: 10)
        #expect(scene.deaths.map { $0.annotations["image_changed"] } == ["true"])
    }

    @Test("S8 labels of a container are no identity, and no id is in its target")
    func labels() throws {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.die(1, at: 10)
        let death = try #require(scene.deaths.first)
        #expect(death.target == Target("shop/web/1"))
        #expect(death.target.identity.isEmpty)
        #expect(
            death.labels == [
                "container": "web", "image": "nginx:1", "compose_project": "shop", "compose_service": "web",
            ]
        )
    }

    @Test("a container whose next start does not come is down after two minutes")
    func restartThatNeverComes() {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        scene.die(1, at: 10)
        #expect(scene.running(at: 100) == "restarting")
        #expect(scene.running(at: 131) == "crashed")
    }

    @Test(
        "exit codes have a meaning",
        arguments: [
            (0, "ended without an error"), (125, "the engine could not run the container"),
            (126, "the command cannot be executed"), (127, "the command was not found"), (129, "killed by SIGHUP"),
            (134, "killed by SIGABRT"), (143, "killed by SIGTERM"), (166, "killed by SIGRTMIN+4"),
            (77, "the program reported an error of its own"),
        ]
    )
    func meanings(code: Int, meaning: String) {
        #expect(ExitMeaning.of(code, oom: false) == meaning)
    }
}
