import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct BlastRadiusTests {
    private static let parentID = String(repeating: "a", count: 64)
    private static let childID = String(repeating: "b", count: 64)

    private func vpn(_ id: String = parentID) -> ContainerDetail { BoardScene.running("vpn", id: id, labels: [:]) }

    private func child(of parent: String = parentID, _ name: String = "child", id: String = childID) -> ContainerDetail
    {
        var detail = BoardScene.running(name, id: id, labels: [:])
        detail.networkParent = parent
        detail.ownsNetwork = false
        return detail
    }

    private func labels(_ scene: BoardScene, _ name: String = "child") -> [String: String]? {
        scene.observation(.containerRunning, Target(name), at: 1)?.labels
    }

    @Test("up to twenty containers are named, and how many there are")
    func bounded() {
        #expect(BlastRadius([]).annotations == [:])
        #expect(BlastRadius([]).count == nil)
        let two = BlastRadius([Target("a"), Target("b\u{1B}[2J")])
        #expect(two.annotations == ["containers": "a, b\u{FFFD}[2J", "containers_count": "2"])
        #expect(BlastRadius([Target("a")]).count == "1 container")
        let many = BlastRadius((0..<500).map { Target("\($0)" + String(repeating: "n", count: 300)) })
        #expect(many.annotations["containers"]?.hasSuffix(" and 480 more") == true)
        #expect((many.annotations["containers"]?.utf8.count ?? .max) < 20 * 140)
        #expect(many.annotations["containers_count"] == "500")
        #expect(many.count == "500 containers")
    }

    @Test("S26 an engine that is down is told with the containers that cannot be seen, each once")
    func engine() {
        var scene = BoardScene()
        scene.list(
            BoardScene.running(),
            BoardScene.running("db", id: Self.parentID, labels: [:]),
            BoardScene.ended(BoardScene.running("done", id: Self.childID, labels: [:]), 0, at: -60)
        )
        scene.forgetWhatWasTold()
        scene.take(scene.board.engineLost(.unreachable(because: "refused")))
        let told = scene.told.first
        #expect(told?.summary == "The Docker engine cannot be reached: refused; 2 containers cannot be seen")
        #expect(
            told?.annotations == ["because": "refused", "containers": "db, shop/web/1", "containers_count": "2"]
        )
        #expect(scene.observation(.engineReachable, .engine, at: 30)?.annotations == told?.annotations)
    }

    @Test("an engine that never told of a container has none to list")
    func emptyEngine() {
        var scene = BoardScene()
        scene.take(scene.board.engineLost(.unreachable(because: "refused")))
        #expect(scene.told.first?.annotations == ["because": "refused"])
    }

    @Test(
        "a container that lives in another's network says so, however the engine names the other",
        arguments: [BlastRadiusTests.parentID, String(BlastRadiusTests.parentID.prefix(12)), "vpn"]
    )
    func parents(name: String) {
        var scene = BoardScene()
        scene.list(child(of: name), vpn())
        #expect(labels(scene)?["network_of"] == "vpn")
        #expect(labels(scene, "vpn")?["network_of"] == nil)
        var late = BoardScene()
        late.list(vpn())
        late.inspect(child(of: name), at: 1)
        #expect(labels(late)?["network_of"] == "vpn")
    }

    @Test("what lives in nobody's network, or in that of one that is not watched, says nothing")
    func nobody() {
        var scene = BoardScene()
        scene.list(child(of: String(repeating: "f", count: 64)), vpn())
        #expect(labels(scene)?["network_of"] == nil)
        scene.list(child(of: "child"), vpn(), at: 1)
        #expect(labels(scene)?["network_of"] == nil)
        #expect(ContainerDetail(BoardScene.identity("x"), phase: .running).networkParent == nil)
    }

    @Test("a parent that is down is told with the running containers in its network, in its death and its state")
    func parentDown() throws {
        var scene = BoardScene()
        let other = String(repeating: "c", count: 64)
        let ended = BoardScene.ended(
            child(of: Self.parentID, "done", id: String(repeating: "d", count: 64)),
            0,
            at: -60
        )
        scene.list(vpn(), child(), child(of: Self.parentID, "second", id: other), ended)
        scene.event(.die(exitCode: 1, ranFor: nil), "vpn", id: Self.parentID, labels: [:], at: 5)
        let death = try #require(scene.deaths.first)
        #expect(death.annotations["containers"] == "child, second")
        #expect(death.annotations["exit_code"] == "1")
        let down = try #require(scene.observation(.containerRunning, Target("vpn"), at: 6))
        #expect(down.value == .state("crashed"))
        #expect(down.annotations["containers_count"] == "2")
        #expect(down.summary?.hasSuffix(", which cuts off 2 containers in its network") == true)
        scene.event(.die(exitCode: 1, ranFor: nil), "child", id: Self.childID, labels: [:], at: 7)
        let childs = try #require(scene.observation(.containerRunning, Target("child"), at: 8))
        #expect(childs.labels["network_of"] == "vpn")
        #expect(childs.annotations["containers"] == nil)
    }

    @Test("a parent that is paused or was stopped cuts nobody off")
    func parentStopped() {
        var scene = BoardScene()
        scene.list(vpn(), child())
        scene.event(.pause, "vpn", id: Self.parentID, labels: [:], at: 1)
        #expect(scene.observation(.containerRunning, Target("vpn"), at: 2)?.annotations["containers"] == nil)
    }

    @Test("S24 a child goes with its parent's target when the parent is created anew, and without it when it is")
    func recreated() {
        var scene = BoardScene()
        scene.list(vpn(), child())
        let new = String(repeating: "e", count: 64)
        scene.list(vpn(new), child(), at: 10)
        #expect(labels(scene)?["network_of"] == "vpn")
        var own = child()
        own.networkParent = nil
        scene.inspect(own, at: 20)
        #expect(labels(scene)?["network_of"] == nil)
    }
}
