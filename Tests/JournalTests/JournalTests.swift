import Alerting
import Basics
import Journal
import SQLite
import TestSupport
import Testing

struct JournalTests {
    private let time = ManualTime()

    @Test("S1 one commit keeps alert, event, delivery and notification record, across a kill")
    func commitSurvivesKill() async throws {
        let folder = try TemporaryFolder()
        var samples = Samples(time)
        let journal = await Journal.opened(folder.journal, time)
        let decision = samples.decision(sinks: ["webhook", "stdout"])
        let committed = await journal.commit(decision)
        #expect(committed.durable)

        let after = await Journal.opened(try folder.crashed(as: "after.db"), time)
        let state = await after.load()
        #expect(state.alerts == decision.alerts)
        #expect(Set(state.records.map(\.sink)) == ["webhook", "stdout"])
        #expect(await after.events(limit: 10) == decision.events)
        for sink in ["webhook", "stdout"] {
            #expect(await after.pending(sink, limit: 10) == committed.queued[sink])
        }
    }

    @Test func `a decision without events is kept at the next commit, sign of life or end, the latest of each`()
        async throws
    {
        let folder = try TemporaryFolder()
        var samples = Samples(time)
        let journal = await Journal.opened(folder.journal, time)
        var quiet = Decision()
        let key = RuleKey(alert: Samples.id("web"), rule: "above")
        var memory = Rule.Memory(shape: "above")
        for value in [1.0, 2.0] {
            memory.lastValue = value
            quiet.memories = [RuleMemory(key: key, memory: memory)]
            quiet.swept = [CheckID("http", instance: "grafana"): time.now]
            #expect(await journal.commit(quiet) == Committed())
        }
        let before = await Journal.opened(try folder.crashed(as: "before.db"), time)
        #expect(await before.load().memories.isEmpty)

        time.advance(by: .seconds(31))
        #expect(await journal.heartbeat() == .durable)
        let after = await Journal.opened(try folder.crashed(as: "after.db"), time)
        let state = await after.load()
        #expect(state.memories.map(\.memory.lastValue) == [2])
        #expect(state.swept.keys.map(\.description) == ["http.grafana"])

        quiet = Decision()
        quiet.forgottenMemories = [key]
        await journal.commit(quiet)
        await journal.commit(samples.decision())
        let last = await Journal.opened(try folder.crashed(as: "last.db"), time)
        #expect(await last.load().memories.isEmpty)
    }

    @Test(
        "what is only remembered is later than what was committed before it, and kept like that",
        arguments: ["commit", "sign of life", "end"]
    )
    func remembered(until keeping: String) async throws {
        let folder = try TemporaryFolder()
        var samples = Samples(time)
        let journal = await Journal.opened(folder.journal, time)
        func quiet(_ value: Double, in place: String = "web") -> Decision {
            var memory = Rule.Memory(shape: "above")
            memory.lastValue = value
            var decision = Decision()
            decision.memories = [RuleMemory(key: RuleKey(alert: Samples.id(place), rule: "above"), memory: memory)]
            return decision
        }
        await journal.commit(quiet(1))
        journal.remember(quiet(2))
        journal.remember(quiet(3))
        journal.remember(quiet(7, in: "db"))
        let before = await Journal.opened(try folder.crashed(as: "before.db"), time)
        #expect(await before.load().memories.isEmpty)
        switch keeping {
        case "commit": await journal.commit(samples.decision(target: "cache"))
        case "sign of life":
            time.advance(by: .seconds(31))
            await journal.heartbeat()
        default: await journal.close()
        }
        let after = await Journal.opened(try folder.crashed(as: "after.db"), time)
        #expect(Set(await after.load().memories.map(\.memory.lastValue)) == [3, 7])
    }

    @Test func `a forgotten alert takes its notification records along`() async throws {
        var samples = Samples(time)
        let journal = await Journal.opened(nil, time)
        await journal.commit(samples.decision())
        var end = samples.decision(.resolved)
        end.alerts = []
        end.forgotten = [Samples.id("web")]
        await journal.commit(end)
        var nothing = RetainedState()
        nothing.lastID = end.events.last?.id
        #expect(await journal.load() == nothing)
        #expect(await journal.pending("webhook", limit: 9).map(\.event.reason) == [.fired, .resolved])
    }

    @Test func `an alert whose identity has labels and odd characters is one row, and comes back equal`() async throws {
        let journal = await Journal.opened(nil, time)
        var samples = Samples(time)
        var decision = samples.decision()
        var alert = Alert(
            id: AlertID(
                check: CheckID("http", instance: "a"),
                measure: "m",
                target: Target("\"]\n'; --", identity: ["b": "2", "a": "1"])
            )
        )
        alert.value = -.infinity
        decision.alerts = [alert]
        await journal.commit(decision)
        alert.summary = "changed"
        decision.alerts = [alert]
        await journal.commit(decision)
        #expect(await journal.load().alerts == [alert])
    }

    @Test func `small facts are kept, changed and forgotten`() async throws {
        let folder = try TemporaryFolder()
        let journal = await Journal.opened(folder.journal, time)
        await journal.keep("node", "edge-7")
        await journal.keep("other", "x")
        await journal.keep("other", nil)
        await journal.close()
        let next = await Journal.opened(folder.journal, time)
        #expect(await next.kept("node") == "edge-7")
        #expect(await next.kept("other") == nil)
    }

    @Test func `a row that cannot be understood is left out and counted, the rest is read`() async throws {
        let folder = try TemporaryFolder()
        var samples = Samples(time)
        let journal = await Journal.opened(folder.journal, time)
        await journal.commit(samples.decision(target: "a"))
        await journal.commit(samples.decision(target: "b"))
        await journal.close()
        let database = try Connection(.file(folder.journal))
        try database.run("UPDATE alert SET body = '{\"odd\":1}' WHERE id LIKE '%\"a\"%'")
        try database.run("INSERT INTO swept VALUES ('odd', '{\"odd\":1}', 1), ('odder', '{\"odd\":2}', 1)")
        let state = await Journal.opened(folder.journal, time).load()
        #expect(state.unreadable == ["alert": 1, "swept": 2])
        #expect(state.alerts.map(\.id) == [Samples.id("b")])
    }

    @Test func `a closed journal does nothing and does not fail`() async throws {
        var samples = Samples(time)
        let journal = await Journal.opened(nil, time)
        await journal.close()
        #expect(await journal.commit(samples.decision()) == Committed())
        #expect(await journal.pending("webhook", limit: 1).isEmpty)
    }
}
