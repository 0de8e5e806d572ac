import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerMemoryTests {
    static let other = String(repeating: "b2", count: 32)

    private func memory(_ state: String, sweptAt seconds: Double = -100) -> ContainerMemory {
        var memory = ContainerMemory()
        memory.previousSweep = BoardScene.at(seconds)
        memory.running = [BoardScene.target: state]
        return memory
    }

    private func alert(_ measure: Measure, _ target: Target, state: String? = nil, value: Double? = nil) -> Alert {
        var alert = Alert(id: AlertID(check: CheckID(DockerCheck.kind), measure: measure.name, target: target))
        alert.state = .firing(.critical, since: BoardScene.at(-500))
        alert.stateName = state
        alert.value = value
        return alert
    }

    @Test("S21 what ended while the watchdog was down is told, what was told stays")
    func memory() {
        var memory = ContainerMemory()
        memory.previousSweep = BoardScene.at(-100)
        memory.running = [Target("told"): "crashed", Target("removed"): "crashed"]
        var scene = BoardScene(memory: memory)
        let told = BoardScene.ended(
            BoardScene.running("told", id: Self.other, policy: .no, labels: [:], startedAt: -90_000),
            1,
            at: -5000
        )
        scene.list(BoardScene.ended(BoardScene.running(), 1, at: -50), told)
        #expect(scene.deaths.map(\.target) == [BoardScene.target])
        #expect(scene.running(Target("told"), at: 1) == "crashed")
        #expect(scene.gone == [Target("removed")])
    }

    @Test("S21 the memory is what the journal kept of this check's alerts")
    func fromAlerts() {
        var quiet = alert(.containerRunning, Target("quiet"), state: "crashed")
        quiet.state = .inactive
        var foreign = Alert(id: AlertID(check: CheckID("disk"), measure: "disk_used_ratio", target: Target("/")))
        foreign.state = .firing(.warning, since: BoardScene.at(-500))
        let memory = ContainerMemory(
            previousSweep: BoardScene.at(-30),
            alerts: [
                alert(.containerRunning, Target("web"), state: "crashed"), alert(.containerDeath, Target("web")),
                alert(.containerRestarts, Target("web"), value: 4), alert(.engineReachable, .engine), quiet, foreign,
            ]
        )
        #expect(memory.previousSweep == BoardScene.at(-30))
        #expect(memory.running == [Target("web"): "crashed"])
        #expect(memory.others == [Target("web"): ["container_death", "container_restarts"]])
        #expect(memory.restarts == [Target("web"): 4])
    }

    @Test("S21 a crash that was told stays one, whatever the list makes of its exit code", arguments: [137, 143, 0])
    func crashStays(exitCode: Int) {
        var scene = BoardScene(memory: memory("crashed"))
        let running = BoardScene.running(policy: .onFailure(atMost: 3), startedAt: -9000)
        scene.list(BoardScene.ended(running, exitCode, at: -5000))
        #expect(scene.running(at: 1) == "crashed")
        #expect(scene.deaths.isEmpty)
    }

    @Test(
        "S21 a death that was told after the last sweep is not told again, a later one is",
        arguments: [(-50.0, -50.02, 0), (-50, -49.5, 0), (-50, -20, 1)]
    )
    func toldAfterTheLastSweep(told: Double, ended: Double, deaths: Int) {
        var memory = memory("crashed")
        memory.deaths = [BoardScene.target: BoardScene.at(told)]
        var scene = BoardScene(memory: memory)
        scene.list(BoardScene.ended(BoardScene.running(), 1, at: ended))
        #expect(scene.deaths.count == deaths)
        #expect(scene.running(at: 1) == "crashed")
    }

    @Test("S20 a container that was told to be down on request is no crash after a restart of the watchdog")
    func requestStays() {
        var scene = BoardScene(memory: memory("stopped_on_request"))
        scene.list(BoardScene.ended(BoardScene.running(startedAt: -9000), 1, at: -5000))
        #expect(scene.running(at: 1) == "stopped_on_request")
        #expect(scene.deaths.isEmpty)
    }

    @Test(
        "S21 a container stopped on request shortly before a restart of the watchdog is baseline",
        arguments: [137, 143, 0]
    )
    func forgottenRequest(exitCode: Int) {
        var memory = ContainerMemory()
        memory.previousSweep = BoardScene.at(-30)
        var scene = BoardScene(memory: memory)
        scene.list(BoardScene.ended(BoardScene.running(policy: .always, startedAt: -9000), exitCode, at: -60))
        #expect(scene.running(at: 2000) == "baseline")
        #expect(scene.deaths.isEmpty)
    }

    @Test("S21 a failed start that was told stays one")
    func failedStartStays() {
        var detail = ContainerDetail(BoardScene.identity("web", BoardScene.shop), phase: .created)
        detail.startError = "port is already allocated"
        var scene = BoardScene(memory: memory("start_failed"))
        #expect(scene.board.toInspect([BoardScene.row(detail)], at: BoardScene.at(0)) == [detail.identity.id])
        scene.list(detail)
        #expect(scene.running(at: 1) == "start_failed")
    }

    @Test("S24 a container that was removed meanwhile is gone at once, with its death")
    func removedMeanwhile() {
        var memory = memory("crashed")
        memory.others = [BoardScene.target: ["container_death"], Target("job"): ["container_death"]]
        var scene = BoardScene(memory: memory)
        scene.list()
        #expect(scene.gone == [BoardScene.target])
        #expect(scene.value(.containerDeath, Target("job"), at: 1) == .occurrences(0))
    }

    @Test("S23 the restarts counted before a restart of the watchdog leave the window with its last sweep")
    func restartsStay() {
        var memory = ContainerMemory()
        memory.previousSweep = BoardScene.at(-60)
        memory.restarts = [BoardScene.target: 4]
        memory.others = [BoardScene.target: ["container_restarts"]]
        var scene = BoardScene(memory: memory)
        scene.list(BoardScene.running(policy: .always))
        #expect(scene.value(.containerRestarts, at: 500) == .number(4))
        #expect(scene.value(.containerRestarts, at: 541) == .number(0))
        #expect(scene.deaths.isEmpty)
    }

    @Test("an engine that cannot be seen yet leaves every remembered target unknown")
    func unseen() {
        var scene = BoardScene(memory: memory("crashed"))
        scene.take(scene.board.engineLost(.unreachable(because: "refused")))
        guard case .unknown = scene.value(.containerRunning, at: 1) else {
            Issue.record("\(String(describing: scene.value(.containerRunning, at: 1)))")
            return
        }
    }

    @Test("S14 what is excluded is found by the labels of its alert")
    func excluded() throws {
        var selection = ContainerSelection()
        selection.excludeProjects = [try #require(Glob("shop"))]
        var web = alert(.containerRunning, BoardScene.target, state: "crashed")
        #expect(!selection.leavesOut(web))
        web.labels = ["container": "web", "compose_project": "shop", "image": "nginx:1"]
        #expect(selection.leavesOut(web))
        web.labels["compose_project"] = "other"
        #expect(!selection.leavesOut(web))
        selection.excludeImages = [try #require(Glob("nginx*"))]
        #expect(selection.leavesOut(web))
    }
}
