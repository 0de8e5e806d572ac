import Alerting
import Basics
import DockerEngine
import Settings
import Testing

@testable import Checks

@Suite struct ContainerBoardLabelTests {
    private static let section = Section(
        DockerCheck.kind,
        DockerCheck.Settings.self,
        common: NoSettings.self,
        summary: DockerCheck.summary
    )

    /// The options that a configuration makes, labels included.
    private func options(_ environment: [String: String] = [:], set: [String] = []) -> ContainerOptions {
        let sources = Sources(documents: [], environment: environment, commandLine: set)
        let (resolution, problems) = Catalogue([Self.section]).resolve(sources, files: .none)
        #expect(problems.isEmpty)
        return resolution.value(of: Self.section).options(resolution, Self.section)
    }

    private func labels(_ own: [String: String]) -> [String: String] {
        BoardScene.shop.merging(own.map { ("custos.docker.\($0.key)", $0.value) }) { $1 }
    }

    private func levels(_ scene: BoardScene) -> Observation.OwnLevels? {
        scene.observation(.containerRestarts, at: 1)?.levels
    }

    @Test("S28 a label changes the thresholds for restarts of its container, and of no other")
    func restarts() {
        var scene = BoardScene(options())
        let other = BoardScene.running("other", id: String(repeating: "b", count: 64), labels: [:])
        scene.list(BoardScene.running(labels: labels(["restarts.critical": "20", "restarts.warning": "off"])), other)
        #expect(levels(scene) == Observation.OwnLevels(warning: nil, critical: 19))
        #expect(scene.observation(.containerRestarts, Target("other"), at: 1)?.levels == nil)
    }

    @Test("S28 label over environment, command line over all")
    func precedence() {
        let label = labels(["restarts.critical": "20"])
        func critical(_ options: ContainerOptions) -> Double? {
            var scene = BoardScene(options)
            scene.list(BoardScene.running(labels: label))
            return levels(scene)?.critical
        }
        #expect(critical(options(["CUSTOS_DOCKER__RESTARTS__CRITICAL": "7"])) == 19)
        #expect(critical(options(set: ["docker.restarts.critical=7"])) == 6)
        #expect(critical(options(set: ["docker.container_labels=off"])) == nil)
    }

    @Test("S28 a label on the container changes grace, start limit and what a kill is")
    func spans() {
        let own = labels(["requested_stop_grace": "1m", "start_limit": "10s", "kill_counts": "true"])
        var detail = BoardScene.running(labels: own, startedAt: 0)
        detail.health = ContainerHealth(.starting)
        var scene = BoardScene(options())
        scene.list(detail)
        #expect(scene.value(.containerHealth, at: 11) == .state("starting_too_long"))
        scene.event(.kill(signal: 15), labels: own, at: 20)
        scene.event(.die(exitCode: 143, ranFor: nil), labels: own, at: 21)
        #expect(scene.deaths.isEmpty)
        #expect(scene.running(at: 82) == "stopped_on_request")
        scene.event(.start, labels: own, at: 90)
        scene.event(.kill(signal: 9), labels: own, at: 100)
        scene.event(.die(exitCode: 1, ranFor: nil), labels: own, at: 100.1)
        scene.settle(BoardScene.web, at: 100.4)
        #expect(scene.deaths.count == 1)
    }

    @Test("S28 a label that cannot be used is told once, with its reason and a remedy; those that can be count")
    func mistakes() throws {
        let own = labels([
            "restarts.critcal": "5", "start_limit": "soon\u{1b}[2J", "host": "unix:///x", "restarts.warning": "9",
        ])
        var scene = BoardScene(options())
        let news = scene.board.apply(
            list: [BoardScene.row(BoardScene.running(labels: own))],
            details: [BoardScene.web: BoardScene.running(labels: own)],
            mark: 0,
            at: BoardScene.at(0)
        )
        #expect(news.problems.count == 3)
        #expect(news.problems.contains { $0.contains("did you mean `custos.docker.restarts.critical`?") })
        #expect(news.problems.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
        #expect(levels(scene) == Observation.OwnLevels(warning: 8, critical: 4))
        let seen = try #require(scene.observation(.containerLabels, at: 1))
        #expect(seen.value == .state("refused"))
        #expect(
            (seen.annotations["refused_labels"] ?? "").split(separator: "\n").map { String($0) } == [
                "custos.docker.host: cannot be set from a label; set it in the file or the environment",
                "custos.docker.restarts.critcal: unknown label; did you mean `custos.docker.restarts.critical`?",
                "custos.docker.start_limit: expected a duration such as 30s, 1m30s, 2h or 3d; "
                    + "docs/reference/labels.md says which labels there are and what they take",
            ]
        )
        #expect(seen.summary?.contains("custos.docker.host: cannot be set from a label") == true)
        #expect(seen.summary?.hasSuffix("and 2 more") == true)
        #expect(seen.annotations["remedy"]?.contains("create it anew") == true)
        let again = scene.board.apply(
            list: [BoardScene.row(BoardScene.running(labels: own))],
            details: [BoardScene.web: BoardScene.running(labels: own)],
            mark: 0,
            at: BoardScene.at(300)
        )
        #expect(again.problems.isEmpty)
    }

    @Test("S28 a reload measures the labels against the new settings")
    func reload() {
        var scene = BoardScene(options())
        scene.list(BoardScene.running(labels: labels(["restarts.critical": "20"])))
        _ = scene.board.use(options(["CUSTOS_DOCKER__RESTARTS__WARNING": "10"]))
        #expect(levels(scene) == Observation.OwnLevels(warning: 9, critical: 19))
        _ = scene.board.use(options(set: ["docker.container_labels=off"]))
        #expect(levels(scene) == nil)
    }

    private func state(_ scene: BoardScene, at seconds: Double = 1) -> Observation.Value? {
        scene.value(.containerLabels, at: seconds)
    }

    @Test("S28 a container without a label of ours, or with right ones, has nothing to say of its labels")
    func noLabels() {
        var scene = BoardScene(options())
        scene.list(BoardScene.running())
        #expect(state(scene) == nil)
        scene.event(.start, labels: labels(["kill_counts": "on"]), at: 2)
        #expect(state(scene, at: 3) == nil)
    }

    @Test("S28 a refused label is news at the start, and over at once with a new container that has right ones")
    func recreated() {
        var scene = BoardScene(options())
        let wrong = labels(["kill_count": "true"])
        scene.list()
        scene.event(.create, labels: wrong, at: 1)
        scene.event(.start, labels: wrong, at: 1.1)
        func told() -> [Observation.Value] { scene.told.filter { $0.measure == .containerLabels }.map(\.value) }
        #expect(told() == [.state("refused")])
        let other = String(repeating: "c3", count: 32)
        scene.event(.kill(signal: 15), labels: wrong, at: 5)
        scene.event(.die(exitCode: 0, ranFor: nil), labels: wrong, at: 5.1)
        scene.event(.create, id: other, labels: labels(["kill_counts": "true"]), at: 6)
        scene.event(.destroy, labels: wrong, at: 6.1)
        scene.event(.start, id: other, labels: labels(["kill_counts": "true"]), at: 6.2)
        #expect(told().last == .state("ok"))
        #expect(state(scene, at: 7) == .state("ok"))
    }

    @Test("S28 what was told before a restart of the watchdog ends with a right container")
    func restarted() {
        var memory = ContainerMemory()
        memory.others = [BoardScene.target: ["container_labels"]]
        var scene = BoardScene(options(), memory: memory)
        scene.take(scene.board.engineLost(.unreachable(because: "refused")))
        if case .unknown? = state(scene) {} else { Issue.record("must keep its state while nobody can see") }
        scene.list(BoardScene.running())
        #expect(state(scene) == .state("ok"))
    }

    @Test("S28 switched off, no label is read, and none refused")
    func switchedOff() {
        var scene = BoardScene(options())
        scene.list(BoardScene.running(labels: labels(["kill_count": "true"])))
        #expect(state(scene) == .state("refused"))
        _ = scene.board.use(options(set: ["docker.container_labels=off"]))
        #expect(state(scene) == .state("ok"))
    }

    @Test("S21 the labels of what had ended when it was first seen are no news")
    func baseline() {
        var scene = BoardScene(options())
        scene.list(BoardScene.ended(BoardScene.running(labels: labels(["kill_count": "true"])), 0, at: -60))
        #expect(scene.running(at: 1) == "baseline")
        #expect(state(scene) == nil)
    }

    @Test(
        "S28 `custos.ignore` takes a yes, also an empty one; of any other word the container is watched and it is told",
        arguments: [("true", true), ("on", true), ("1", true), ("", true), ("false", false), ("no", false)]
    )
    func ignore(text: String, isIgnored: Bool) {
        let traits = ContainerTraits(["custos.ignore": text])
        #expect(traits.isIgnored == isIgnored)
        #expect(traits.settings == [:])
        var scene = BoardScene(options())
        let own = ["custos.ignore": "ture\u{7}"].merging(BoardScene.shop) { $1 }
        scene.list(BoardScene.running(labels: own))
        let told = scene.observation(.containerLabels, at: 1)?.annotations["refused_labels"]
        #expect(told?.hasPrefix("custos.ignore: expected true or false") == true)
        #expect(told?.contains("found `ture\u{FFFD}`") == true)
    }

    @Test("S28 labels of ours that are too many or too long are not read, the same ones every time, and that is told")
    func tooMany() {
        var many = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("custos.docker.a\($0)", "1") })
        many["custos.docker." + String(repeating: "n", count: 200)] = "1"
        many["custos.docker.start_limit"] = String(repeating: "9", count: 5000)
        let traits = ContainerTraits(many)
        #expect(traits.settings.count == 32)
        #expect(traits.unreadSettings == 970)
        #expect(ContainerTraits(many) == traits)
        var scene = BoardScene(options())
        scene.list(BoardScene.running(labels: many.merging(BoardScene.shop) { $1 }))
        let told = scene.observation(.containerLabels, at: 1)
        #expect(told?.annotations["refused_labels"]?.split(separator: "\n").count == 20)
        #expect((told?.annotations["refused_labels"]?.utf8.count ?? .max) < 20 * 700)
        var one = BoardScene(options())
        one.list(BoardScene.running(labels: ["custos.docker.start_limit": String(repeating: "9", count: 5000)]))
        let long = one.board.observations(at: BoardScene.at(1)).first { $0.measure == .containerLabels }
        let text = long?.annotations["refused_labels"]
        #expect(text?.hasPrefix("custos.*: 1 more label is too many or too long") == true)
    }
}
