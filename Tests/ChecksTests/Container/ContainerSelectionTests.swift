import Alerting
import Basics
import Testing

@testable import Checks

@Suite struct ContainerSelectionTests {
    private static let production = ["com.example.tier": "production", "com.example.owner": "shop=1"]

    private func globs(_ patterns: String...) throws -> [Glob] {
        try patterns.map { try #require(Glob($0)) }
    }

    private func identity(_ labels: [String: String], for selection: ContainerSelection) -> ContainerIdentity {
        let traits = ContainerTraits(labels, picking: selection.labelGlobs)
        return ContainerIdentity(id: "1", name: "web", image: "nginx:1", labels: traits)
    }

    @Test("include and exclude choose by compose service")
    func services() throws {
        var selection = ContainerSelection()
        selection.includeServices = try globs("we?")
        #expect(selection.contains(identity(BoardScene.shop, for: selection)))
        #expect(!selection.contains(identity([:], for: selection)))
        selection.excludeServices = try globs("web")
        #expect(!selection.contains(identity(BoardScene.shop, for: selection)))
    }

    @Test(
        "a label is meant by its name, or by name and value, each with wildcards",
        arguments: [
            ("com.example.tier", true), ("com.example.*", true), ("com.example", false), ("production", false),
            ("com.example.tier=production", true), ("com.example.tier=prod*", true), ("com.example.tier=test*", false),
            ("com.example.tier=", false), ("*=production", true), ("com.example.owner=shop=?", true),
        ]
    )
    func labels(pattern: String, isMeant: Bool) throws {
        var including = ContainerSelection()
        including.includeLabels = try globs(pattern)
        #expect(including.contains(identity(Self.production, for: including)) == isMeant)
        var excluding = ContainerSelection()
        excluding.excludeLabels = try globs(pattern)
        #expect(excluding.contains(identity(Self.production, for: excluding)) != isMeant)
    }

    @Test("what any include names is watched, and what any exclude names is not, whatever includes it")
    func together() throws {
        var selection = ContainerSelection()
        selection.includeLabels = try globs("com.example.tier=test")
        selection.includeServices = try globs("web")
        #expect(selection.contains(identity(BoardScene.shop, for: selection)))
        #expect(!selection.contains(identity(Self.production, for: selection)))
        selection.excludeLabels = try globs("com.example.owner")
        let both = Self.production.merging(BoardScene.shop) { $1 }
        #expect(!selection.contains(identity(both, for: selection)))
    }

    @Test("of all labels only those are kept that are asked for")
    func kept() throws {
        let traits = ContainerTraits(Self.production, picking: try globs("com.example.tier=*"))
        #expect(traits.picked == PickedLabels(["com.example.tier": "production"], by: try globs("com.example.tier=*")))
        #expect(ContainerTraits(Self.production) == ContainerTraits())
    }

    @Test("S14 of labels that were picked by other settings nothing is known: the next list tells")
    func otherSettings() throws {
        var selection = ContainerSelection()
        let old = identity(Self.production, for: selection)
        selection.includeLabels = try globs("com.example.tier=test")
        #expect(selection.contains(old))
        #expect(!selection.contains(identity(Self.production, for: selection)))
        var alert = Alert(
            id: AlertID(check: CheckID("docker"), measure: "container_running", target: BoardScene.target)
        )
        alert.labels = ["container": "web", "compose_project": "shop", "compose_service": "web"]
        #expect(!selection.leavesOut(alert))
        selection.excludeServices = try globs("web")
        #expect(selection.leavesOut(alert))
    }

    private static let labelled = BoardScene.shop.merging(production) { $1 }

    private func list(
        _ scene: inout BoardScene,
        _ selection: ContainerSelection,
        at seconds: Double
    )
        -> ContainerBoard.News
    {
        var detail = BoardScene.running()
        detail.identity.labels = ContainerTraits(Self.labelled, picking: selection.labelGlobs)
        return scene.board.apply(
            list: [BoardScene.row(detail)],
            details: [detail.identity.id: detail],
            mark: scene.board.serial,
            at: BoardScene.at(seconds)
        )
    }

    @Test("S14 what a reload leaves out by a label ends with the next list, and for that reason; the others go on")
    func reload() throws {
        var scene = BoardScene()
        scene.list(BoardScene.running(labels: Self.labelled))
        var options = ContainerOptions()
        options.selection.includeLabels = try globs("com.example.tier=production")
        #expect(scene.board.use(options).gone == [])
        #expect(list(&scene, options.selection, at: 1).leftOut == [])
        #expect(scene.running(at: 2) == "running")
        options.selection.includeLabels = try globs("com.example.tier=test")
        #expect(scene.board.use(options).gone == [])
        let news = list(&scene, options.selection, at: 3)
        #expect(news.leftOut == [BoardScene.target])
        #expect(news.gone == [])
        #expect(scene.running(at: 4) == nil)
        #expect(list(&scene, options.selection, at: 300).leftOut == [])
    }

    @Test("S14 what was left out by a label while the watchdog was down is found with the first list")
    func whileDown() throws {
        var memory = ContainerMemory()
        memory.running = [BoardScene.target: "crashed"]
        memory.others = [Target("other"): ["container_health"]]
        var options = ContainerOptions()
        options.selection.excludeLabels = try globs("com.example.tier")
        var scene = BoardScene(options, memory: memory)
        let news = list(&scene, options.selection, at: 0)
        #expect(news.leftOut == [BoardScene.target])
        // Of the other nothing is left to be seen at all.
        #expect(news.gone == [Target("other")])
    }

    @Test("S14 a container that is left out does not end the alerts of one that has its target")
    func claimed() throws {
        var options = ContainerOptions()
        options.selection.excludeLabels = try globs("com.example.tier")
        var memory = ContainerMemory()
        memory.running = [BoardScene.target: "crashed"]
        var scene = BoardScene(options, memory: memory)
        let traits = { ContainerTraits($0, picking: options.selection.labelGlobs) }
        var old = BoardScene.running()
        old.identity.labels = traits(Self.labelled)
        var new = BoardScene.running(id: String(repeating: "b", count: 64))
        new.identity.labels = traits(BoardScene.shop)
        let news = scene.board.apply(
            list: [BoardScene.row(old), BoardScene.row(new)],
            details: [new.identity.id: new],
            mark: 0,
            at: BoardScene.at(0)
        )
        #expect(news.leftOut == [])
        #expect(scene.running(at: 1) == "running")
    }
}
