import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerBoardEndTests {
    @Test("S20 docker stop raises nothing, whatever the exit code", arguments: [137, 143, 0, 1])
    func stopIsNoDeath(exitCode: Int) {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        scene.event(.kill(signal: 15), at: 10)
        if exitCode == 137 { scene.event(.kill(signal: 9), at: 20) }
        scene.die(exitCode, at: 20.03)
        scene.event(.stop, at: 20.05)
        #expect(scene.deaths.isEmpty)
        #expect(scene.running(at: 30) == "stopped")
        #expect(scene.wishes.allSatisfy { !$0.isUrgent })
    }

    @Test("S20 a container still down after requested_stop_grace is a warning")
    func stillDownIsTold() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.kill(signal: 15), at: 10)
        scene.die(143, at: 11)
        #expect(scene.running(at: 11 + 899) == "stopped")
        #expect(scene.running(at: 11 + 900) == "stopped_on_request")
        #expect(Measure.badRunning["stopped_on_request"] == .warning)
        #expect(Measure.badRunning["stopped"] == nil)
    }

    @Test(
        "S20 a request counts for StopTimeout, at least ten seconds, and five more",
        arguments: [
            (nil, 14.9, true), (nil, 15.1, false), (60, 64.9, true), (60, 65.1, false), (2, 14.9, true),
        ] as [(Int?, Double, Bool)]
    )
    func requestExpires(timeout: Int?, after: Double, isRequested: Bool) {
        var detail = BoardScene.running()
        detail.stopTimeout = timeout.map { .seconds($0) }
        var scene = BoardScene()
        scene.list(detail)
        scene.event(.kill(signal: 15), at: 10)
        scene.die(1, at: 10 + after)
        #expect(scene.deaths.isEmpty == isRequested)
    }

    @Test("S20 a request of an earlier run does not excuse this one")
    func requestBelongsToItsRun() {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        scene.event(.kill(signal: 15), at: 10)
        scene.die(143, at: 11)
        scene.event(.start, at: 11.5)
        scene.die(1, at: 12)
        #expect(scene.deathSeverities == [.warning])
    }

    @Test("S20 docker kill is a request unless kill_counts", arguments: [(false, 9, 0), (true, 9, 1), (true, 15, 0)])
    func killCounts(counts: Bool, signal: Int, deaths: Int) {
        var options = ContainerOptions()
        options.tuning.killCounts = counts
        var scene = BoardScene(options)
        scene.list(BoardScene.running())
        scene.event(.kill(signal: signal), at: 10)
        scene.die(signal == 9 ? 1 : 143, at: 10.1)
        #expect(scene.deaths.count == deaths)
    }

    @Test("S20 with kill_counts a stop that had to kill in the end is still a stop")
    func stopWithKillIsRequested() {
        var options = ContainerOptions()
        options.tuning.killCounts = true
        var scene = BoardScene(options)
        scene.list(BoardScene.running())
        scene.event(.kill(signal: 15), at: 10)
        scene.event(.kill(signal: 9), at: 20)
        scene.die(137, at: 20.1)
        #expect(scene.deaths.isEmpty)
    }

    @Test(
        "S20 a signal that only sends a message excuses no crash",
        arguments: [(1, 1), (12, 1), (23, 1), (2, 0), (15, 0)]
    )
    func reloadIsNoRequest(signal: Int, deaths: Int) {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.event(.kill(signal: signal), at: 10)
        scene.die(1, at: 11)
        #expect(scene.deathSeverities == Array(repeating: .critical, count: deaths))
    }

    @Test("S20 stop is the only event of a container between two tries: it ends the crash")
    func stopWhileRestarting() {
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        scene.die(3, at: 10)
        #expect(scene.deathSeverities == [.warning])
        scene.event(.stop, at: 11)
        #expect(scene.running(at: 200) == "stopped")
    }

    @Test(
        "S20 on list-only knowledge 137, 143 and 0 of a restarted container mean stopped",
        arguments: [
            (RestartPolicy.always, 137, "stopped"), (.unlessStopped, 143, "stopped"), (.always, 0, "stopped"),
            (.no, 137, "crashed"), (.onFailure(atMost: nil), 143, "stopped"), (.always, 3, "crashed"),
        ]
    )
    func listOnly(policy: RestartPolicy, exitCode: Int, state: String) {
        let detail = BoardScene.running(policy: policy)
        var scene = BoardScene()
        scene.list(detail)
        scene.list(BoardScene.ended(detail, exitCode, at: 100), at: 300)
        #expect(scene.running(at: 430) == state)
        #expect(scene.deaths.isEmpty == (state == "stopped"))
    }

    @Test(
        "S21 what had ended before it was first seen is in the report and no alert",
        arguments: [
            (RestartPolicy.no, 1, -60.0), (.always, 0, -60), (.always, 1, -700), (.always, 137, -60), (.no, 137, -60),
        ]
    )
    func baseline(policy: RestartPolicy, exitCode: Int, endedAt: Double) {
        var scene = BoardScene()
        scene.list(BoardScene.ended(BoardScene.running(policy: policy, startedAt: -900), exitCode, at: endedAt))
        #expect(scene.running(at: 1) == "baseline")
        #expect(scene.deaths.isEmpty)
        #expect(Measure.badRunning["baseline"] == nil)
    }

    @Test(
        "S21 a container that the engine should have started again and that failed lately is told",
        arguments: [
            (-100.0, "crashed"), (-3000.0, "crashed"), (-10.0, "baseline"),
        ]
    )
    func freshFailureIsTold(bootedAt: Double, state: String) {
        var scene = BoardScene(bootedAt: bootedAt)
        scene.list(BoardScene.ended(BoardScene.running(policy: .unlessStopped, startedAt: -90), 1, at: -60))
        #expect(scene.running(at: 120) == state)
        #expect(scene.deaths.isEmpty)
    }

    @Test("S21 created is no alert unless a start was seen to fail")
    func createdIsNoAlert() {
        var detail = ContainerDetail(BoardScene.identity("web", BoardScene.shop), phase: .created)
        var scene = BoardScene()
        scene.list(detail)
        #expect(scene.running(at: 1) == "created")
        detail.startError = "exec: \"/nonexistent\": no such file"
        scene.list(detail, at: 20)
        #expect(scene.running(at: 21) == "start_failed")
        #expect(Measure.badRunning["start_failed"] == .critical)
    }

    @Test("S21 a start that had failed before the first look is no news")
    func oldFailedStartIsNoAlert() {
        var detail = ContainerDetail(BoardScene.identity("web", BoardScene.shop), phase: .created)
        detail.startError = "port is already allocated"
        var scene = BoardScene()
        scene.list(detail)
        scene.list(detail, at: 300)
        #expect(scene.running(at: 301) == "created")
    }

    @Test(
        "S22 what counts as a job, and what its exit code means",
        arguments: [
            ([:], false, 60.0, 1, Severity.warning, "job_failed"),
            ([:], false, 60, 130, .info, "job_failed"),
            ([:], false, 60, 143, .info, "job_failed"),
            ([:], false, 60, 0, nil, "exited_ok"),
            ([:], false, 700, 1, .critical, "crashed"),
            ([:], true, 700, 1, .warning, "job_failed"),
            (BoardScene.shop, false, 60, 1, .critical, "crashed"),
            (BoardScene.shop, false, 60, 0, nil, "exited_ok"),
            (
                BoardScene.shop.merging(["com.docker.compose.oneoff": "True"]) { $1 }, false, 700, 1, .warning,
                "job_failed"
            ),
        ] as [([String: String], Bool, Double, Int, Severity?, String)]
    )
    func jobsAndServices(
        labels: [String: String],
        autoRemove: Bool,
        ranFor: Double,
        exitCode: Int,
        severity: Severity?,
        state: String
    ) {
        var detail = BoardScene.running(labels: labels, startedAt: 0)
        detail.autoRemove = autoRemove
        var scene = BoardScene()
        scene.list(detail, at: 1)
        scene.event(.die(exitCode: exitCode, ranFor: nil), labels: labels, at: ranFor)
        #expect(scene.deathSeverities == (severity.map { [$0] } ?? []))
        #expect(scene.running(Target(container: detail.identity), at: ranFor + 1) == state)
    }

    @Test(
        "S22 a service that ends well though nothing restarts it warns if it was up for long",
        arguments: [(599, 0), (600, 1)]
    )
    func serviceThatEndsWell(ranFor: Double, deaths: Int) {
        var scene = BoardScene()
        scene.list(BoardScene.running(startedAt: 0), at: 1)
        scene.die(0, at: ranFor)
        #expect(scene.deathSeverities == Array(repeating: .warning, count: deaths))
        let state = scene.running(at: ranFor + 500) ?? ""
        #expect(Measure.badRunning[state] == nil, "\(state)")
    }

    @Test("S22 a crashed service stays critical until it runs again or is removed")
    func crashStays() {
        var scene = BoardScene()
        scene.list(BoardScene.running())
        scene.die(1, at: 10)
        #expect(scene.running(at: 10_000) == "crashed")
        #expect(Measure.badRunning["crashed"] == .critical)
        var removed = scene
        removed.event(.destroy, at: 10_001)
        #expect(removed.gone == [BoardScene.target])
        #expect(removed.running(at: 10_002) == nil)
        scene.event(.start, at: 10_001)
        #expect(scene.running(at: 10_002) == "running")
    }

    @Test("S22 a job with a generated name is its image, and removing itself does not end what was told")
    func generatedName() {
        var scene = BoardScene()
        scene.list(at: 0)
        scene.event(.create, "jolly_hopper", labels: [:], at: 1)
        scene.event(.start, "jolly_hopper", labels: [:], at: 1.1)
        var detail = BoardScene.running("jolly_hopper", labels: [:], startedAt: 1.09)
        detail.autoRemove = true
        scene.inspect(detail, at: 1.2)
        scene.event(.die(exitCode: 7, ranFor: nil), "jolly_hopper", labels: [:], at: 2)
        scene.event(.destroy, "jolly_hopper", labels: [:], at: 2.01)
        #expect(scene.deaths.map(\.target) == [Target("nginx:1")])
        #expect(!scene.gone.contains(Target("nginx:1")))
        #expect(scene.value(.containerDeath, Target("nginx:1"), at: 60) == .occurrences(0))
        #expect(scene.value(.containerDeath, Target("nginx:1"), at: 2 + 700) == nil)
    }

    private static let swarm = [
        "com.docker.swarm.task.name": "shop_web.1.x", "com.docker.swarm.service.name": "shop_web",
    ]

    @Test(
        "S24 what is removed before its inspect is answered is gone, but for the death of a job",
        arguments: [
            (BoardScene.shop, 1.0, false), (swarm, 1, false), ([:], 600, false), ([:], 599, true),
            (BoardScene.shop.merging(["com.docker.compose.oneoff": "True"]) { $1 }, 1, true),
        ],
        [false, true]
    )
    func removedBeforeInspect(_ container: (labels: [String: String], ranFor: Double, isJob: Bool), isSettled: Bool) {
        let (labels, target) = (container.labels, Target(container: BoardScene.identity("web", container.labels)))
        var scene = BoardScene()
        scene.list(at: 0)
        scene.event(.start, labels: labels, at: 1)
        scene.event(.die(exitCode: 3, ranFor: .seconds(container.ranFor)), labels: labels, at: 1 + container.ranFor)
        // The inspect may also fail, or take too long.
        if isSettled { scene.settle(BoardScene.web, at: 1.25 + container.ranFor) }
        #expect(scene.deaths.count == (isSettled ? 1 : 0))
        let told = scene.told.count
        scene.event(.destroy, labels: labels, at: 1.3 + container.ranFor)
        #expect(scene.deaths.count == 1)
        #expect(scene.gone == (container.isJob ? [] : [target]))
        let death = scene.value(.containerDeath, scene.deaths.first?.target ?? target, at: 60 + container.ranFor)
        #expect(death == (container.isJob ? .occurrences(0) : nil))
        if !container.isJob {
            #expect(
                scene.told.dropFirst(told).allSatisfy { $0.measure == .containerDeath },
                "it is not down, it is gone"
            )
        }
    }

    @Test("S24 what is removed while another takes its place tells its death, and no state")
    func replacedBeforeInspect() {
        var scene = BoardScene()
        scene.list(at: 0)
        scene.event(.start, at: 1)
        scene.event(.create, id: String(repeating: "b2", count: 32), at: 2)
        scene.die(3, at: 3)
        scene.forgetWhatWasTold()
        scene.event(.destroy, at: 3.1)
        #expect(scene.told.map(\.measure) == [.containerDeath])
        #expect(scene.gone.isEmpty)
    }

    @Test("S22 a death whose inspect is not answered is told by the list that misses the container", arguments: [1, 2])
    func missingInList(destroys: Int) {
        var scene = BoardScene()
        scene.list(at: 0)
        scene.event(.start, "job", labels: [:], at: 1)
        scene.event(.die(exitCode: 3, ranFor: .seconds(1)), "job", labels: [:], at: 2)
        scene.list(at: 2.1)
        for _ in 0..<destroys { scene.event(.destroy, "job", labels: [:], at: 2.2) }
        #expect(scene.deaths.map(\.target) == [Target("job")])
        #expect(scene.gone.isEmpty, "the death of a job stays told")
    }

    @Test("S24 a list from before its end does not bring a container back, one from after it does")
    func olderList() {
        let broken = BoardScene.ended(BoardScene.running(policy: .always), 1, at: 10)
        func list(_ scene: inout BoardScene, mark: Int, at seconds: Double) {
            let details = [broken.identity.id: broken]
            scene.take(
                scene.board.apply(
                    list: [BoardScene.row(broken)],
                    details: details,
                    mark: mark,
                    at: BoardScene.at(seconds)
                )
            )
        }
        var scene = BoardScene()
        scene.list(BoardScene.running(policy: .always))
        scene.die(1, at: 10)
        let mark = scene.board.serial
        scene.event(.destroy, at: 11)
        list(&scene, mark: mark, at: 12)
        #expect(scene.running(at: 13) == nil)
        list(&scene, mark: scene.board.serial, at: 14)
        #expect(scene.running(at: 15) != nil)
        scene.event(.start, at: 16)
        #expect(scene.running(at: 17) == "running", "its events are heard again")
    }

    @Test("S22 a death that is told with the next start tells no state that is over")
    func startedBeforeInspect() {
        var scene = BoardScene()
        scene.list(at: 0)
        scene.event(.start, at: 1)
        scene.die(3, at: 2)
        scene.forgetWhatWasTold()
        scene.event(.start, at: 3)
        #expect(scene.deaths.count == 1)
        #expect(scene.told.filter { $0.measure == .containerRunning }.map(\.value) == [.state("running")])
    }

    @Test("S22 an inspect that answers 404 is normal: what is known makes the certificate")
    func vanishedBeforeInspect() throws {
        var scene = BoardScene()
        scene.list(at: 0)
        scene.event(.start, "job", labels: [:], at: 1)
        scene.event(.die(exitCode: 3, ranFor: .seconds(1)), "job", labels: [:], at: 2)
        #expect(scene.deaths.isEmpty)
        #expect(scene.wishes.contains(ContainerBoard.Wish(BoardScene.web, urgent: true)))
        scene.event(.destroy, "job", labels: [:], at: 2.01)
        scene.settle(BoardScene.web, at: 2.02)
        let death = try #require(scene.deaths.first)
        #expect(scene.deaths.count == 1)
        #expect(death.annotations["exit_code"] == "3")
        #expect(death.annotations["ran_for"] == "1s")
        #expect(death.value == .occurrences(1, .warning))
    }
}
