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
        #expect(scene.deaths.count == 1)
    }

    @Test("S28 a label that cannot be used is told once and with the container; those that can be count")
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
        let seen = try #require(scene.observation(.containerRunning, at: 1))
        #expect(seen.annotations["label_problems"]?.split(separator: "\n").count == 3)
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

    @Test("too many labels of ours are cut, the same ones every time")
    func tooMany() {
        let many = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("custos.docker.a\($0)", "1") })
        #expect(ContainerTraits(many).settings.count == 16)
        #expect(ContainerTraits(many) == ContainerTraits(many))
    }
}
