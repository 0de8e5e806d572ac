import Basics
import TestSupport
import Testing

@testable import Alerting

/// A book, who tells of it, and what each sink has heard.
private struct Story {
    var book = Sample.book()
    var telling: Telling
    var heard: [SinkID: [Event]] = [:]
    var journal: [Event] = []
    var suppressions: [Suppression] = []

    init(_ routes: [SinkRoute] = [SinkRoute(sink: "a")], policy: AlertPolicy = AlertPolicy()) {
        telling = Telling(node: "n", routes: routes)
        book = Sample.book(policy)
    }

    mutating func take(_ decision: Decision) {
        journal += decision.events
        suppressions += decision.suppressed
        for notice in decision.notices {
            guard let event = journal.first(where: { $0.id == notice.event }) else {
                Issue.record("a notice of no event")
                continue
            }
            heard[notice.sink, default: []].append(event)
        }
    }

    mutating func sweep(_ minute: Double, _ observations: [Observation]) {
        let step = book.absorb(Sample.sweep(minute, observations))
        take(telling.decide(step, book: book, at: Sample.minute(minute)))
    }

    mutating func revisit(_ minute: Double) { take(telling.revisit(book, at: Sample.minute(minute))) }

    mutating func silence(_ matchers: [String: String], from: Double, to end: Double) {
        var ids = ULID.Generator()
        telling.silences.append(
            Silence(
                id: ids.next(at: Sample.start),
                matchers: matchers,
                startsAt: Sample.minute(from),
                endsAt: Sample.minute(end),
                comment: "",
                author: ""
            )
        )
    }

    func reasons(_ sink: SinkID = "a") -> [Event.Reason] { (heard[sink] ?? []).map(\.reason) }
}

struct TellingTests {
    private func route(_ sink: SinkID, _ change: (inout SinkRoute) -> Void = { _ in }) -> SinkRoute {
        var route = SinkRoute(sink: sink)
        change(&route)
        return route
    }

    @Test(
        "S1 every sink is told once, told when it gets worse, and told when it is over; the decision holds the records"
    )
    func life() throws {
        var story = Story([route("a"), route("b")])
        for (minute, value) in [0.5, 0.92, 0.93, 0.97, 0.97, 0.92, 0.5, 0.5].enumerated() {
            story.sweep(Double(minute), [Sample.used(value)])
        }
        for sink in ["a", "b"] {
            #expect(story.reasons(sink) == [.fired, .severityChanged, .severityChanged, .resolved])
        }
        #expect(story.journal.count == 4)
        let raise = story.journal[1]
        #expect(raise.previousSeverity == .warning && raise.severity == .critical && raise.status == .firing)
        let over = story.journal[3]
        #expect(over.status == .resolved && over.startsAt == Sample.minute(1) && over.endsAt == Sample.minute(6))
        #expect(over.summary == "Resolved after 5m: Disk used of /: 50 %")
        #expect(Set(story.journal.map(\.fingerprint)) == [Sample.id().fingerprint])
        #expect(story.journal.map(\.id) == story.journal.map(\.id).sorted())
        let step = story.book.absorb(Sample.sweep(9, [Sample.used(0.92)]))
        let decision = story.telling.decide(step, book: story.book, at: Sample.minute(9))
        #expect(decision.records.map(\.severity) == [.warning, .warning])
        #expect(decision.alerts.count == 1 && !decision.isQuiet)
    }

    @Test("S6 the severity filter looks at the highest since the alert fired: who was told hears all the rest")
    func severityFilter() {
        var story = Story([route("a"), route("b") { $0.minSeverity = .critical }])
        for (minute, value) in [0.92, 0.97, 0.92, 0.5, 0.92, 0.5].enumerated() {
            story.sweep(Double(minute), [Sample.used(value)])
        }
        #expect(story.reasons() == [.fired, .severityChanged, .severityChanged, .resolved, .fired, .resolved])
        #expect(story.reasons("b") == [.severityChanged, .severityChanged, .resolved])
    }

    @Test("a sink's matchers choose what it hears, by globs over the same names as a silence's")
    func matchers() {
        var story = Story([
            route("a") { $0.matchers = ["target": "/v*", "check": "disk"] }, route("b") { $0.matchers = ["team": "*"] },
            route("c") { $0.matchers = ["node": "n", "severity": "warning", "kind": "d?sk"] },
            route("d") { $0.matchers = ["team": "ops"] },
        ])
        var labelled = Sample.used(0.92)
        labelled.labels = ["team": "ops"]
        story.sweep(0, [labelled, Sample.used(0.92, of: "/var")])
        #expect(
            story.heard.mapValues { $0.compactMap(\.target) } == [
                "a": ["/var"], "b": ["/", "/var"], "c": ["/", "/var"], "d": ["/"],
            ]
        )
    }

    @Test("a sink that wants no resolves hears none, and hears the next firing")
    func withoutResolved() {
        var story = Story([route("a") { $0.sendResolved = false }])
        for (minute, value) in [0.92, 0.5, 0.92].enumerated() { story.sweep(Double(minute), [Sample.used(value)]) }
        #expect(story.reasons() == [.fired, .fired])
    }

    @Test("S16 a silence keeps a firing back, counted with its reason; when it ends while the alert fires, it is told")
    func silence() {
        var story = Story()
        story.silence(["target": "/"], from: 0, to: 5)
        story.sweep(1, [Sample.used(0.92)])
        story.sweep(2, [Sample.used(0.97)])
        #expect(story.reasons() == [])
        #expect(story.journal.map(\.reason) == [.fired, .severityChanged])
        #expect(story.suppressions.count == 2)
        #expect(story.telling.suppressed == ["silence": 2, "inhibition": 0])
        #expect(story.telling.nextRevisit(story.book, after: Sample.minute(2)) == Sample.minute(5))
        story.revisit(4)
        #expect(story.reasons() == [])
        story.revisit(5)
        story.revisit(6)
        #expect(story.reasons() == [.silenceEnded])
        #expect(story.heard["a"]?.first?.severity == .critical)
        story.sweep(7, [Sample.used(0.5)])
        #expect(story.reasons() == [.silenceEnded, .resolved])
    }

    @Test("what began and ended within a silence is told to nobody; what was told before it is told as over")
    func silencedEnds() {
        var story = Story()
        story.sweep(0, [Sample.used(0.92), Sample.used(0.5, of: "/var")])
        story.silence(["measure": "disk_*"], from: 1, to: 100)
        story.sweep(2, [Sample.used(0.92), Sample.used(0.99, of: "/var")])
        story.sweep(3, [Sample.used(0.5), Sample.used(0.5, of: "/var")])
        #expect(story.reasons() == [.fired, .resolved])
        #expect(story.heard["a"]?.compactMap(\.target) == ["/", "/"])
        #expect(story.journal.count == 4)
    }

    @Test("a silence without matchers mutes nothing")
    func emptySilence() {
        var story = Story()
        story.silence([:], from: 0, to: 5)
        story.sweep(1, [Sample.used(0.92)])
        #expect(story.reasons() == [.fired])
    }

    @Test("S16 reminders come after repeat_every, and nextRevisit says when")
    func reminders() {
        var story = Story(policy: Sample.policy { $0.repeatEvery = .seconds(600) })
        story.sweep(0, [Sample.used(0.92)])
        #expect(story.telling.nextRevisit(story.book, after: Sample.minute(1)) == Sample.minute(10))
        story.revisit(9)
        story.revisit(10)
        story.revisit(11)
        story.revisit(20)
        #expect(story.reasons() == [.fired, .reminder, .reminder])
        #expect(story.heard["a"]?.last?.summary.hasPrefix("Still so after 20m") == true)
    }

    @Test("an engine that is down mutes its containers; when it is back, what still fires is told at once")
    func inhibition() {
        let docker = CheckID("docker")
        let reachable = Measure(name: "docker_engine_reachable", unit: .none, summary: "")
        let running = Measure(name: "container_running", unit: .none, summary: "")
        var story = Story()
        _ = story.book.reconfigure(
            [
                CheckPlan(
                    check: docker,
                    rules: [
                        Rule(reachable, .state(bad: ["down": .critical])),
                        Rule(running, .state(bad: ["crashed": .critical])),
                    ]
                )
            ],
            at: Sample.start
        )
        func sweep(_ minute: Double, _ engine: String, _ web: String, _ grafana: String) {
            let step = story.book.absorb(
                Sample.sweep(
                    minute,
                    [
                        Observation(reachable, of: Target("engine"), .state(engine)),
                        Observation(running, of: Target("web"), .state(web)),
                        Observation(running, of: Target("grafana"), .state(grafana)),
                    ],
                    of: docker
                )
            )
            story.take(story.telling.decide(step, book: story.book, at: Sample.minute(minute)))
        }
        sweep(0, "down", "crashed", "running")
        #expect(story.heard["a"]?.compactMap(\.target) == ["engine"])
        #expect(story.telling.suppressed["inhibition"] == 1)
        sweep(1, "down", "crashed", "crashed")
        let web = AlertID(check: docker, measure: running.name, target: Target("web"))
        let engine = AlertID(check: docker, measure: reachable.name, target: Target("engine"))
        if let alert = story.book.alert(web) {
            #expect(story.telling.mute(of: alert, book: story.book, at: Sample.minute(1)) == .inhibition(by: engine))
        }
        sweep(2, "up", "running", "crashed")
        #expect(story.heard["a"]?.compactMap(\.target) == ["engine", "engine", "grafana"])
        #expect(story.reasons() == [.fired, .resolved, .silenceEnded])
    }

    @Test("depends_on mutes while a named check or target fires; two that depend on each other both speak")
    func dependsOn() {
        func plan(_ check: String, _ needs: [String]) -> CheckPlan {
            CheckPlan(
                check: CheckID(check),
                rules: [Rule(Sample.used, .above(warning: 0.9, critical: nil))],
                policy: Sample.policy { $0.dependsOn = needs }
            )
        }
        var story = Story()
        _ = story.book.reconfigure(
            [plan("ping", []), plan("http", ["ping/gateway"]), plan("x", ["y"]), plan("y", ["x"])],
            at: Sample.start
        )
        for (check, target) in [
            ("ping", "other"), ("http", "one"), ("ping", "gateway"), ("http", "two"), ("x", "1"), ("y", "1"),
        ] {
            let step = story.book.absorb(
                Sample.sweep(0, [Sample.used(1, of: target)], of: CheckID(check), coverage: .partial)
            )
            story.take(story.telling.decide(step, book: story.book, at: Sample.start))
        }
        #expect(
            story.heard["a"]?.compactMap { "\($0.check ?? "")/\($0.target ?? "")" } == [
                "ping/other", "http/one", "ping/gateway", "x/1", "y/1",
            ]
        )
    }

    @Test("S5 an event about a sink's trouble never goes to that sink")
    func ownTrouble() {
        var story = Story([route("a"), route("b")])
        _ = story.book.reconfigure([.sinks], at: Sample.start)
        let step = story.book.absorb(.sinkTrouble("b", because: "404", at: Sample.start, uptime: .zero))
        story.take(story.telling.decide(step, book: story.book, at: Sample.start))
        #expect(story.heard.keys.sorted() == ["a"])
    }

    @Test("S1 after a restart nothing is told twice, a new sink is told what fires, and what is over is told as over")
    func restart() {
        var story = Story()
        story.sweep(0, [Sample.used(0.92)])
        let records = [
            NotificationRecord(alert: Sample.id(), sink: "a", severity: .warning, at: Sample.start),
            NotificationRecord(alert: Sample.id("/lost"), sink: "a", severity: .critical, at: Sample.start),
            NotificationRecord(alert: Sample.id("/told"), sink: "a", severity: nil, at: Sample.start),
        ]
        story.telling = Telling(node: "n", routes: [route("a"), route("new")], records: records)
        story.heard = [:]
        story.revisit(1)
        story.revisit(2)
        #expect(story.heard["a"]?.map { "\($0.reason) \($0.target ?? "")" } == ["resolved /lost"])
        #expect(story.reasons("new") == [.fired])
    }

    @Test("S12 occurrences between are counted in the next event")
    func occurrences() {
        var story = Story()
        for (minute, count) in [(0.0, 1), (0.2, 2), (0.4, 1), (1.1, 0), (12, 0)] {
            story.sweep(minute, [Sample.deaths(count)])
        }
        #expect(story.reasons() == [.fired, .occurred, .resolved])
        #expect(story.heard["a"]?[1].annotations["occurrences"] == "3")
        #expect(story.heard["a"]?[1].summary.hasPrefix("3 more times: ") == true)
    }

    @Test("S10 a lifecycle event goes to the sinks that hear of such things, whatever their filters")
    func announce() {
        var telling = Telling(
            node: "n",
            routes: [route("a") { $0.minSeverity = .critical }, route("b") { $0.lifecycle = false }, route("c")]
        )
        let decision = telling.announce(
            .started,
            summary: "up\u{1B}",
            annotations: ["version": "1"],
            except: "c",
            at: Sample.start
        )
        #expect(decision.notices.map(\.sink) == ["a"])
        #expect(decision.events.map(\.kind) == [.lifecycle])
        #expect(decision.events.first?.summary == "up\u{FFFD}")
    }

    @Test(
        "whatever happens, no sink hears two firings without an end between, nor an end of what it never heard",
        arguments: 0..<30 as Range<UInt64>
    )
    func property(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var story = Story(
            [route("a"), route("b") { $0.minSeverity = .critical }, route("c") { $0.matchers = ["target": "/v*"] }],
            policy: Sample.policy { $0.goneAfter = 2 }
        )
        for minute in 0..<120 {
            let moment = Double(minute)
            if minute % 17 == 3 {
                story.silence(
                    ["target": ["/", "/*"].randomElement(using: &generator) ?? "/"],
                    from: moment,
                    to: moment + 9
                )
            }
            story.revisit(moment)
            let targets = ["/", "/var", "/srv"].filter { _ in Int.random(in: 0..<5, using: &generator) > 0 }
            story.sweep(moment, targets.map { Sample.used(Double.random(in: 0.8...1, using: &generator), of: $0) })
            if minute == 60 {
                let records = story.telling.records.values.flatMap(\.values)
                story.telling = Telling(
                    node: "n",
                    routes: story.telling.routes,
                    silences: story.telling.silences,
                    records: records
                )
            }
        }
        for (_, events) in story.heard {
            var open: Set<String> = []
            for event in events {
                let id = event.fingerprint ?? ""
                switch event.reason {
                case .resolved, .gone: #expect(open.remove(id) != nil)
                case .fired: #expect(open.insert(id).inserted)
                default: open.insert(id)
                }
            }
        }
        #expect(story.heard["a"]?.isEmpty == false)
    }
}
