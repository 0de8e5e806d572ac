import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerBoardWorldTests {
    static let other = String(repeating: "b2", count: 32)

    @Test(
        "S24 targets outlive the container",
        arguments: [
            ("shop-web-1", BoardScene.shop, "shop/web/1"),
            ("shop-web-run-abc", BoardScene.shop.merging(["com.docker.compose.oneoff": "True"]) { $1 }, "shop/web/run"),
            (
                "web.2.k3jd9",
                ["com.docker.swarm.service.name": "web", "com.docker.swarm.task.name": "web.2.k3jd9"], "web.2"
            ),
            ("grafana", [:], "grafana"), ("0123456789ab_grafana", [:], "grafana"),
            ("0123456789aX_grafana", [:], "0123456789aX_grafana"),
            ("jolly_hopper", [:], "jolly_hopper"),
        ]
    )
    func targets(name: String, labels: [String: String], target: String) {
        #expect(Target(container: BoardScene.identity(name, labels)).name == target)
    }

    @Test(
        "only the engine's own made-up names are generated",
        arguments: [
            ("jolly_hopper", true), ("zen_curie3", true), ("node_exporter", false), ("jolly-hopper", false),
            ("my_jolly_app", false),
            ("jolly_", false),
        ]
    )
    func generatedNames(name: String, isGenerated: Bool) {
        #expect(ContainerName.isGenerated(name) == isGenerated)
    }

    @Test("S24 re-creation by compose ends no alert and starts no target")
    func recreation() {
        var scene = BoardScene()
        scene.list(BoardScene.running("grafana", labels: [:]))
        scene.die(1, at: 10)
        scene.event(.create, "0123456789ab_grafana", id: Self.other, labels: [:], at: 20)
        scene.event(.destroy, "grafana", labels: [:], at: 21)
        scene.event(.rename, "grafana", id: Self.other, labels: [:], at: 22)
        scene.event(.start, "grafana", id: Self.other, labels: [:], at: 23)
        #expect(scene.gone.isEmpty)
        #expect(Set(scene.told.map(\.target)) == [.engine, Target("grafana")])
        #expect(scene.running(Target("grafana"), at: 24) == "running")
        #expect(scene.value(.containerRestarts, Target("grafana"), at: 24) == .number(1))
    }

    @Test("S24 destroy resolves as gone at once")
    func destroy() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.kill(signal: 9), at: 10)
        scene.die(137, at: 10.1)
        scene.event(.destroy, at: 10.2)
        #expect(scene.gone == [BoardScene.target])
        #expect(scene.deaths.isEmpty)
        #expect(scene.board.observations(at: BoardScene.at(11)).map(\.target) == [.engine])
    }

    @Test("S24 a real rename is another target")
    func rename() {
        var scene = BoardScene()
        scene.list(BoardScene.running("a", labels: [:]))
        scene.event(.rename, "b", labels: [:], at: 10)
        #expect(scene.gone == [Target("a")])
        #expect(scene.running(Target("b"), at: 11) == "running")
    }

    @Test("two containers with one target: the one that runs speaks")
    func sharedTarget() {
        var scene = BoardScene()
        let old = BoardScene.ended(BoardScene.running(policy: .always, startedAt: -50), 1, at: -5)
        scene.list(old, BoardScene.running(id: Self.other, startedAt: -1))
        let observations = scene.board.observations(at: BoardScene.at(1))
        #expect(observations.count { $0.measure == .containerRunning } == 1)
        #expect(scene.running(at: 1) == "running")
    }

    @Test("S25 a list without news asks for no inspect, whatever its size")
    func idleAsksNothing() {
        let details = (0..<500).map { index in
            BoardScene.running(
                "c\(index)",
                id: String(index + 1_000_000, radix: 16) + String(repeating: "0", count: 50),
                labels: [:]
            )
        }
        var scene = BoardScene()
        scene.list(details)
        let rows = details.map { BoardScene.row($0, status: "Up 15 minutes") }
        #expect(scene.board.toInspect(rows, at: BoardScene.at(300)).isEmpty)
    }

    @Test("S25 a list asks for an inspect of what is new, changed or had an event")
    func whatIsInspected() {
        let detail = BoardScene.running()
        var scene = BoardScene()
        func asks(_ row: ContainerSighting, at seconds: Double) -> Bool {
            !scene.board.toInspect([row], at: BoardScene.at(seconds)).isEmpty
        }
        #expect(asks(BoardScene.row(detail, status: "Up 10 minutes"), at: 0))
        #expect(asks(BoardScene.row(BoardScene.ended(detail, 1, at: -10), status: "Exited (1) 10 seconds ago"), at: 0))
        #expect(!asks(BoardScene.row(BoardScene.ended(detail, 1, at: -10), status: "Exited (1) 3 weeks ago"), at: 0))
        scene.list(detail)
        #expect(!asks(BoardScene.row(detail, status: "Up 15 minutes"), at: 300))
        #expect(asks(BoardScene.row(detail, status: "Up 12 seconds"), at: 300))
        #expect(asks(BoardScene.row(detail, status: "Up 15 minutes (unhealthy)"), at: 300))
        #expect(asks(BoardScene.row(BoardScene.ended(detail, 1, at: 299), status: "Exited (1) 1 second ago"), at: 300))
        scene.event(.update, at: 301)
        #expect(asks(BoardScene.row(detail, status: "Up 15 minutes"), at: 302))
    }

    @Test("S26 deaths while the stream was down are told as one event")
    func engineRestart() throws {
        let details = (0..<5).map {
            BoardScene.running("c\($0)", id: "\($0)" + String(repeating: "e", count: 63), labels: [:])
        }
        var scene = BoardScene()
        scene.list(details)
        scene.forgetWhatWasTold()
        scene.take(scene.board.engineLost(.unreachable(because: "refused")))
        #expect(scene.told.map(\.value) == [.state("unreachable")])
        scene.list(details.map { BoardScene.ended($0, 255, at: 20) }, at: 30)
        #expect(scene.deaths.map(\.target) == [.engine])
        #expect(scene.deaths.first?.value == .occurrences(1, .warning))
        #expect(try #require(scene.deaths.first?.summary).contains("5 containers"))
        // Four are started again, one is not.
        for index in 0..<4 { scene.event(.start, "c\(index)", id: details[index].identity.id, labels: [:], at: 40) }
        #expect(scene.running(Target("c4"), at: 89) == "restarting")
        #expect(scene.running(Target("c4"), at: 91) == "crashed")
        #expect(scene.running(Target("c0"), at: 91) == "running")
        #expect(scene.value(.containerRestarts, Target("c0"), at: 91) == .number(0))
        #expect(scene.deaths.count == 1)
    }

    @Test("S26 containers that lived through the engine's restart raise nothing")
    func liveRestore() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.take(scene.board.engineLost(.unreachable(because: "refused")))
        scene.forgetWhatWasTold()
        scene.list(BoardScene.running(), at: 60)
        #expect(scene.deaths.isEmpty)
        #expect(scene.told.contains { $0.value == .state("reachable") })
    }

    @Test("while the engine is away every alert keeps its state")
    func awayIsUnknown() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.die(1, at: 1)
        scene.take(scene.board.engineLost(.unreachable(because: "refused")))
        let observations = scene.board.observations(at: BoardScene.at(2))
        #expect(observations.first?.value == .state("unreachable"))
        #expect(observations.dropFirst().allSatisfy { if case .unknown = $0.value { true } else { false } })
        #expect(observations.contains { $0.measure == .containerRunning && $0.target == BoardScene.target })
    }

    @Test("S27 what the kernel counts is read of containers that run, and of their own networks")
    func running() {
        var host = BoardScene.running("host", id: String(repeating: "1", count: 64), labels: [:])
        host.ownsNetwork = false
        let ended = BoardScene.ended(
            BoardScene.running("ended", id: String(repeating: "2", count: 64), labels: [:]),
            1,
            at: -1
        )
        var scene = BoardScene()
        scene.list(BoardScene.running(), host, ended)
        #expect(scene.board.running.map(\.target) == [Target("host"), BoardScene.target])
        #expect(scene.board.running.map(\.ownsNetwork) == [false, true])
        #expect(scene.board.running.last?.startedAt == BoardScene.at(-600))
        scene.event(.update, at: 1)
        #expect(scene.board.running.last?.updatedAt == BoardScene.at(1))
        scene.event(.pause, at: 2)
        #expect(scene.board.running.count == 2)
        scene.die(1, at: 3)
        #expect(scene.board.running.map(\.target) == [Target("host")])
    }

    @Test(
        "S28 custos.ignore leaves a container alone, unless labels are switched off",
        arguments: [
            ("true", true, false), ("", true, false), ("false", true, true), ("true", false, true),
        ]
    )
    func ignore(value: String, labelsCount: Bool, isWatched: Bool) {
        var options = ContainerOptions()
        options.labelsCount = labelsCount
        var scene = BoardScene(options)
        var labels = BoardScene.shop
        labels["custos.ignore"] = value
        scene.list(BoardScene.running(labels: labels))
        scene.event(.die(exitCode: 1, ranFor: nil), labels: labels, at: 1)
        #expect((scene.running(at: 2) != nil) == isWatched)
        #expect(scene.deaths.isEmpty != isWatched)
    }

    @Test("include and exclude choose by name, project and image")
    func selection() throws {
        let web = BoardScene.identity("shop-web-1", image: "nginx:1", BoardScene.shop)
        let job = BoardScene.identity("job", image: "busybox:latest")
        var selection = ContainerSelection()
        #expect(selection.contains(web) && selection.contains(job))
        selection.includeProjects = [try #require(Glob("sh*"))]
        #expect(selection.contains(web) && !selection.contains(job))
        selection.includeImages = [try #require(Glob("busybox*"))]
        #expect(selection.contains(job))
        selection.exclude = [try #require(Glob("*-web-?"))]
        #expect(!selection.contains(web))
    }

    @Test("what is excluded at a reload is gone")
    func exclusionAtReload() throws {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        var options = ContainerOptions()
        options.selection.exclude = [try #require(Glob("web"))]
        scene.take(scene.board.use(options))
        #expect(scene.gone == [BoardScene.target])
        #expect(scene.running(at: 1) == nil)
    }

    @Test("health: unhealthy waits for the probe's output, starting has its limit")
    func health() throws {
        var detail = BoardScene.running(startedAt: 0)
        detail.health = ContainerHealth(.starting)
        var scene = BoardScene()
        scene.list(detail)
        #expect(scene.value(.containerHealth, at: 299) == .state("starting"))
        #expect(scene.value(.containerHealth, at: 301) == .state("starting_too_long"))
        scene.forgetWhatWasTold()
        scene.event(.health(.unhealthy), at: 302)
        #expect(scene.told.isEmpty)
        detail.health = ContainerHealth(.unhealthy, streak: 3, output: "no")
        scene.inspect(detail, at: 302.1)
        let told = try #require(scene.told.first { $0.measure == .containerHealth })
        #expect(told.value == .state("unhealthy"))
        #expect(told.annotations["last_probe_output"] == "no")
        #expect(told.annotations["failing_streak"] == "3")
        #expect(told.summary == "Container web is unhealthy: 3 failed probes in a row")
        scene.event(.health(.healthy), at: 310)
        #expect(scene.told.last?.value == .state("healthy"))
        scene.die(1, at: 311)
        #expect(scene.value(.containerHealth, at: 312) == .state("not_running"))
    }

    @Test("an unhealthy state is told even if the inspect does not come")
    func healthWithoutInspect() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.health(.unhealthy), at: 5)
        scene.settle(BoardScene.web, at: 5.25)
        #expect(scene.told.contains { $0.measure == .containerHealth && $0.value == .state("unhealthy") })
    }

    @Test("while an unhealthy state waits for the probe's output, its alert waits and is not gone")
    func healthIsHeld() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.health(.unhealthy), at: 5)
        let because = "the engine is being asked what the health check printed"
        #expect(scene.value(.containerHealth, at: 5.1) == .unknown(because: because))
        scene.settle(BoardScene.web, at: 5.25)
        #expect(scene.value(.containerHealth, at: 5.3) == .state("unhealthy"))
    }

    @Test("a pause is a warning, and over with unpause")
    func pause() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.pause, at: 1)
        #expect(scene.running(at: 2) == "paused")
        scene.event(.unpause, at: 3)
        #expect(scene.running(at: 4) == "running")
    }

    @Test("thousands of dead jobs do not grow the memory")
    func deadJobs() {
        var scene = BoardScene()
        scene.list(at: 0)
        var rows: [ContainerDetail] = []
        for index in 0..<3000 {
            let id = String(index + 0x1000_0000, radix: 16) + String(repeating: "0", count: 56)
            let at = 1 + Double(index) / 10
            scene.event(.start, "job\(index)", id: id, labels: [:], at: at)
            let detail = BoardScene.running("job\(index)", id: id, labels: [:], startedAt: at)
            scene.inspect(detail, at: at)
            scene.event(.die(exitCode: 1, ranFor: nil), "job\(index)", id: id, labels: [:], at: at + 0.05)
            rows.append(BoardScene.ended(detail, 1, at: at + 0.05))
        }
        #expect(scene.deaths.count == 3000)
        scene.forgetWhatWasTold()
        let list = rows.map { BoardScene.row($0, status: "Exited (1) 20 minutes ago") }
        scene.take(scene.board.apply(list: list, details: [:], mark: scene.board.serial, at: BoardScene.at(1500)))
        #expect(scene.board.recordCount <= 128)
        #expect(scene.board.observations(at: BoardScene.at(1500)).count < 600)
        let later = rows.map { BoardScene.row($0, status: "Exited (1) 29 minutes ago") }
        #expect(scene.board.toInspect(later, at: BoardScene.at(1800)).isEmpty)
        #expect(scene.told.isEmpty && scene.gone.isEmpty)
    }

    @Test("names and labels cannot harm: quotes, newlines, escapes, 4 KiB")
    func hostileText() throws {
        let evil = "a\"b\n\u{1b}[31m" + String(repeating: "x", count: 4096)
        var scene = BoardScene()
        let labels = ["com.docker.compose.project": evil, "com.docker.compose.service": evil, "custos.docker.x": evil]
        scene.list(BoardScene.running(evil, labels: labels))
        scene.event(.die(exitCode: 1, ranFor: nil), evil, labels: labels, at: 1)
        let death = try #require(scene.deaths.first)
        let texts = [death.target.name, death.summary ?? ""] + death.labels.values + death.annotations.values
        for text in texts {
            #expect(text.utf8.count <= 600)
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
        }
    }
}
