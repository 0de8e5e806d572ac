import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerBoardHealingTests {
    /// `shop/web/1`, unhealthy, where healing is on or off.
    private static func scene(heals: Bool = true, label: String? = nil, own: String? = nil) -> BoardScene {
        var options = ContainerOptions()
        options.tuning.heals = heals
        options.ownContainer = own
        options.reading = { _, labels in
            var tuning = ContainerTuning()
            tuning.heals = labels["custos.docker.heal"].map { $0 == "true" } ?? heals
            return LabelReading(tuning: tuning)
        }
        var labels = BoardScene.shop
        labels["custos.docker.heal"] = label
        var detail = BoardScene.running(labels: labels)
        detail.health = ContainerHealth(.unhealthy, streak: 3, output: "refused")
        var scene = BoardScene(options)
        scene.list(detail)
        return scene
    }

    private static func acts(_ scene: inout BoardScene, at seconds: Double) -> [Healing.Act] {
        let (acts, _, news) = scene.board.heal(at: BoardScene.at(seconds))
        scene.take(news)
        return acts
    }

    @Test(
        "an unhealthy container is restarted only where a setting or its own label says so",
        arguments: [(false, nil, false), (true, nil, true), (false, "true", true), (true, "false", false)]
            as [(Bool, String?, Bool)]
    )
    func switchedOn(heals: Bool, label: String?, acts: Bool) {
        var scene = Self.scene(heals: heals, label: label)
        let found = Self.acts(&scene, at: 1)
        #expect(found.isEmpty != acts)
        let measures = scene.board.observations(at: BoardScene.at(1)).map(\.measure)
        #expect(measures.contains(.containerHealing) == acts)
        #expect(measures.contains(.dockerHealing) == acts)
    }

    @Test("the container in which the watchdog runs is never restarted", arguments: [12, 64])
    func ownContainer(digits: Int) {
        var scene = Self.scene(own: String(BoardScene.web.prefix(digits)))
        let none = Self.acts(&scene, at: 1)
        #expect(none.isEmpty)
        scene = Self.scene(own: String(ContainerCertificateTests.second.prefix(digits)))
        let others = Self.acts(&scene, at: 1)
        #expect(others.count == 1)
    }

    @Test("every act is an occurrence with its number, and the ill health stays told until it is over")
    func anAct() throws {
        var scene = Self.scene()
        let acts = Self.acts(&scene, at: 1)
        let act = try #require(acts.first)
        #expect(scene.board.stillNeeds(act, at: BoardScene.at(1)))
        scene.event(.kill(signal: 15), at: 2)
        scene.die(143, at: 3)
        scene.event(.stop, at: 3)
        scene.event(.start, at: 3.2)
        scene.take(scene.board.healed(act, .done, at: BoardScene.at(3.3)))
        let told = try #require(scene.told.last { $0.measure == .containerHealRestart })
        #expect(told.value == .occurrences(1, .info))
        #expect(told.summary == "Container web was restarted, for it was unhealthy (1 of 3 within 1h)")
        #expect(scene.deaths.isEmpty)
        #expect(scene.value(.containerHealing, at: 4) == .state("under_way"))
        #expect(scene.value(.containerHealth, at: 4).map { if case .unknown = $0 { true } else { false } } == true)
        #expect(scene.value(.containerRestarts, at: 4) == .number(0), "no loop of its own")
        scene.event(.health(.healthy), at: 10)
        let more = Self.acts(&scene, at: 10)
        #expect(more.isEmpty)
        #expect(scene.value(.containerHealth, at: 11) == .state("healthy"))
        #expect(scene.value(.containerHealing, at: 11) == .state("ready"))
        #expect(scene.value(.containerHealRestart, at: 11) == .occurrences(0))
    }

    @Test("giving up is one critical state")
    func givingUp() throws {
        var scene = Self.scene()
        scene.board.healing.limits.budget = 1
        let acts = Self.acts(&scene, at: 1)
        let act = try #require(acts.first)
        scene.take(scene.board.healed(act, .failed(because: "no such\u{1B} device"), at: BoardScene.at(2)))
        let failure = try #require(scene.told.last { $0.measure == .containerHealRestart })
        #expect(failure.value == .occurrences(1, .warning))
        #expect(failure.summary == "Container web could not be restarted: no such\u{FFFD} device (1 of 1 within 1h)")
        scene.forgetWhatWasTold()
        let more = Self.acts(&scene, at: 100)
        #expect(more.isEmpty)
        let told = scene.told.filter { $0.measure == .containerHealing }
        #expect(told.map(\.value) == [.state("gave_up")])
        #expect(
            told.first?.summary
                == "Container web is not well after 1 restarts within 1h: it is not restarted any more"
        )
        #expect(scene.value(.containerHealth, at: 101) == .state("unhealthy"))
        scene.forgetWhatWasTold()
        let late = Self.acts(&scene, at: 8000)
        #expect(late.isEmpty)
        #expect(scene.told.isEmpty)
    }

    @Test("a refusal is one state of the engine, whatever the number of unwell containers")
    func refused() throws {
        var scene = Self.scene()
        let acts = Self.acts(&scene, at: 1)
        let act = try #require(acts.first)
        for _ in 0..<2 { scene.take(scene.board.healed(act, .refused(because: "403"), at: BoardScene.at(2))) }
        let told = scene.told.filter { $0.measure == .dockerHealing }
        #expect(told.map(\.value) == [.state("refused")])
        #expect(told.first?.target == .engine)
        #expect(scene.told.allSatisfy { $0.measure != .containerHealRestart })
        #expect(scene.value(.dockerHealing, .engine, at: 3) == .state("refused"))
    }

    @Test("what somebody stopped meanwhile is not started by a restart")
    func stoppedMeanwhile() throws {
        var scene = Self.scene()
        let acts = Self.acts(&scene, at: 1)
        let act = try #require(acts.first)
        scene.event(.kill(signal: 15), at: 1.1)
        scene.die(143, at: 1.2)
        #expect(!scene.board.stillNeeds(act, at: BoardScene.at(1)))
        scene.take(scene.board.healed(act, .needless, at: BoardScene.at(1.3)))
        #expect(scene.told.allSatisfy { $0.measure != .containerHealRestart })
    }

    @Test("who is being stopped is not restarted in the middle of it, and is when it does not end")
    func beingStopped() {
        var scene = Self.scene()
        scene.event(.kill(signal: 15), at: 0.5)
        let meanwhile = scene.board.heal(at: BoardScene.at(1))
        #expect(meanwhile.acts.isEmpty)
        #expect(meanwhile.next == .seconds(14.5))
        let afterwards = Self.acts(&scene, at: 15.5)
        #expect(afterwards.count == 1)
    }

    @Test("S20 who was stopped for a restart and cannot be started again is down, and that is no request")
    func leftDown() throws {
        var scene = Self.scene()
        let acts = Self.acts(&scene, at: 1)
        let act = try #require(acts.first)
        scene.event(.kill(signal: 15), at: 2)
        scene.die(143, at: 3)
        #expect(scene.value(.containerRunning, at: 3) == .state("stopped"))
        scene.take(scene.board.healed(act, .failed(because: "no such network"), at: BoardScene.at(3.5)))
        #expect(scene.value(.containerRunning, at: 4) == .state("crashed"))
        #expect(scene.told.contains { $0.measure == .containerRunning && $0.value == .state("crashed") })
    }

    @Test("a parent whose start is only guessed orphans nobody")
    func guessedStart() {
        var options = ContainerOptions()
        options.tuning.heals = true
        var scene = BoardScene(options)
        var app = BoardScene.running("app", id: ContainerCertificateTests.second, labels: [:], startedAt: -3000)
        app.networkParent = "vpn"
        let vpn = BoardScene.row(BoardScene.running("vpn", labels: [:]), status: "Up 10 minutes")
        let rows = [vpn, BoardScene.row(app)]
        scene.take(scene.board.apply(list: rows, details: [app.identity.id: app], mark: 0, at: BoardScene.at(0)))
        let none = Self.acts(&scene, at: 1)
        #expect(none.isEmpty)
    }

    @Test(
        "a dependant is found by the id or the name of the container whose network it uses",
        arguments: ["vpn", BoardScene.web, String(BoardScene.web.prefix(12))]
    )
    func dependant(reference: String) throws {
        var options = ContainerOptions()
        options.tuning.heals = true
        var scene = BoardScene(options)
        let vpn = BoardScene.running("vpn", labels: [:], startedAt: -10)
        var app = BoardScene.running("app", id: ContainerCertificateTests.second, labels: [:], startedAt: -300)
        app.networkParent = reference
        scene.list(vpn, app)
        let acts = Self.acts(&scene, at: 1)
        let act = try #require(acts.first)
        #expect(act.id == app.identity.id)
        #expect(act.need == .orphaned(parent: "vpn"))
    }

    @Test("while the engine is away nothing is restarted, and who is healed keeps its state")
    func engineAway() {
        var scene = Self.scene()
        let before = Self.acts(&scene, at: 1)
        #expect(before.count == 1)
        scene.take(scene.board.engineLost(.unreachable(because: "gone")))
        let away = Self.acts(&scene, at: 200)
        #expect(away.isEmpty)
        let observations = scene.board.observations(at: BoardScene.at(200)).filter { $0.measure == .containerHealing }
        #expect(observations.count == 1)
        #expect(observations.allSatisfy { if case .unknown = $0.value { true } else { false } })
    }
}
