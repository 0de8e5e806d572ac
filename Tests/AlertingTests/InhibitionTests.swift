import Basics
import Testing

@testable import Alerting

@Suite struct InhibitionTests {
    private let docker = CheckID("docker")
    private let running = Measure(name: "container_running", unit: .none, summary: "")
    private let health = Measure(name: "container_health", unit: .none, summary: "")
    private let data = Measure(name: "disk_engine_data", unit: .none, summary: "")

    /// Sweeps of several checks, and what was told of them.
    private struct Scene {
        var book: AlertBook
        var telling: Telling
        var told: [Event] = []

        init(_ plans: [CheckPlan], _ inhibitions: [Inhibition] = Inhibition.standard) {
            book = AlertBook(bootID: Sample.boot)
            _ = book.reconfigure(plans, at: Sample.start)
            telling = Telling(node: "n", routes: [SinkRoute(sink: "a")], inhibitions: inhibitions)
        }

        mutating func sweep(_ minute: Double, _ check: CheckID, _ observations: [Observation]) {
            let sweep = Sample.sweep(minute, observations, of: check, coverage: .partial)
            let decision = telling.decide(book.absorb(sweep), book: book, at: Sample.minute(minute))
            for notice in decision.notices { told += decision.events.filter { $0.id == notice.event } }
        }

        /// What was told since this was last asked.
        mutating func news() -> [String] {
            defer { told = [] }
            return told.map { "\($0.target ?? "") \($0.measure ?? "") \($0.reason.rawValue)" }
        }
    }

    private var containers: CheckPlan {
        CheckPlan(
            check: docker,
            rules: [
                Rule(running, .state(bad: ["crashed": .critical, "paused": .warning])),
                Rule(health, .state(bad: ["unhealthy": .critical])),
            ]
        )
    }

    private func container(_ name: String, _ measure: Measure, _ state: String, of parent: String? = nil) -> Observation
    {
        Observation(measure, of: Target(name), .state(state), labels: parent.map { ["network_of": $0] } ?? [:])
    }

    @Test("a parent's alert mutes only those that live in its network, until it is well")
    func network() {
        var scene = Scene([containers])
        scene.sweep(0, docker, [container("vpn", running, "crashed")])
        #expect(scene.news() == ["vpn container_running fired"])
        scene.sweep(
            1,
            docker,
            [
                container("child", health, "unhealthy", of: "vpn"), container("other", health, "unhealthy", of: "db"),
                container("free", health, "unhealthy"),
            ]
        )
        #expect(scene.news() == ["other container_health fired", "free container_health fired"])
        scene.sweep(2, docker, [container("vpn", running, "running")])
        #expect(scene.news() == ["vpn container_running resolved", "child container_health silence_ended"])
    }

    @Test("a parent that is only less well tells what it kept back")
    func lessSevere() {
        var scene = Scene([containers])
        scene.sweep(0, docker, [container("vpn", running, "crashed")])
        scene.sweep(1, docker, [container("child", health, "unhealthy", of: "vpn")])
        _ = scene.news()
        scene.sweep(2, docker, [container("vpn", running, "paused")])
        #expect(scene.news() == ["vpn container_running severity_changed", "child container_health silence_ended"])
    }

    @Test("a child's own alert mutes what lives in its network, and is muted by its parent's")
    func chain() {
        var scene = Scene([containers])
        scene.sweep(0, docker, [container("a", running, "crashed")])
        scene.sweep(1, docker, [container("b", running, "crashed", of: "a")])
        scene.sweep(2, docker, [container("c", running, "crashed", of: "b")])
        #expect(scene.news() == ["a container_running fired"])
    }

    @Test("two that would mute each other both speak")
    func mutual() {
        var scene = Scene([containers])
        scene.sweep(0, docker, [container("a", running, "crashed", of: "b")])
        scene.sweep(0, docker, [container("b", running, "crashed", of: "a")])
        #expect(scene.news() == ["a container_running fired", "b container_running fired"])
    }

    @Test("what one of the two does not have is equal to nothing")
    func nothing() {
        let general = Inhibition(
            while: ["measure": "container_running"],
            mutes: ["measure": "container_health"],
            equal: ["site": "site"]
        )
        var scene = Scene([containers], [general])
        scene.sweep(0, docker, [container("a", running, "crashed"), container("b", health, "unhealthy")])
        #expect(scene.news().count == 2)
        func at(_ site: String, _ observation: Observation) -> Observation {
            var observation = observation
            observation.labels = ["site": site]
            return observation
        }
        scene.sweep(
            1,
            docker,
            [
                at("x", container("c", running, "crashed")), at("x", container("d", health, "unhealthy")),
                at("y", container("e", health, "unhealthy")),
            ]
        )
        #expect(scene.news() == ["c container_running fired", "e container_health fired"])
    }

    @Test("where no room is left for the engine's data one event is told, of the filesystem and of the containers")
    func engineData() {
        let disk = CheckPlan(
            check: Sample.check,
            rules: [
                Rule(Sample.used, .above(warning: 0.9, critical: 0.95)), Rule(data, .state(bad: ["full": .critical])),
            ]
        )
        var elsewhere = containers
        elsewhere.check = CheckID("docker", instance: "elsewhere")
        var scene = Scene([containers, elsewhere, disk])
        func look(_ minute: Double, _ state: String, _ used: Double) {
            scene.sweep(
                minute,
                Sample.check,
                [
                    Sample.used(used), Sample.used(0.99, of: "/other"),
                    Observation(
                        data,
                        of: Target("/"),
                        .state(state),
                        labels: ["engine_check": "docker", "filesystem": "/"]
                    ),
                ]
            )
        }
        look(0, "full", 0.995)
        #expect(scene.news() == ["/other disk_used_ratio fired", "/ disk_engine_data fired"])
        scene.sweep(1, docker, [container("web", running, "crashed"), container("db", health, "unhealthy")])
        scene.sweep(2, docker, [container("web", running, "running")])
        #expect(scene.news() == [])
        scene.sweep(2, CheckID("docker", instance: "elsewhere"), [container("far", running, "crashed")])
        #expect(scene.news() == ["far container_running fired"])
        look(3, "room", 0.97)
        #expect(
            Set(scene.news()) == [
                "/ disk_engine_data resolved", "/ disk_used_ratio silence_ended", "db container_health silence_ended",
            ]
        )
    }

    @Test("an engine mutes its own containers, not those of another one")
    func engines() {
        let reachable = Measure(name: "docker_engine_reachable", unit: .none, summary: "")
        let other = CheckID("docker", instance: "other")
        var plan = containers
        plan.rules.append(Rule(reachable, .state(bad: ["unreachable": .critical])))
        var others = plan
        others.check = other
        var scene = Scene([plan, others])
        scene.sweep(0, docker, [Observation(reachable, of: Target("engine"), .state("unreachable"))])
        scene.sweep(1, docker, [container("web", running, "crashed")])
        scene.sweep(2, other, [container("web", running, "crashed")])
        #expect(scene.news() == ["engine docker_engine_reachable fired", "web container_running fired"])
    }
}
