import Alerting
import Basics
import Journal
import TestSupport
import Testing

/// Text that databases, terminals and parsers stumble over is kept as it came, and nothing else is touched by it.
struct HostileTextTests {
    @Test(
        "whatever a label holds, its event comes back equal after a kill",
        arguments: [
            "\0", "a\0b", "'; DROP TABLE event; --", "\u{1B}[2J\u{202E}\n\r\t\"\\", String(repeating: "é", count: 2048),
        ]
    )
    func kept(text: String) async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        let journal = await Journal.opened(folder.journal, time)
        var samples = Samples(time)
        var decision = samples.decision(target: text)
        decision.events[0].labels = [text: text]
        decision.events[0].annotations = [text: text]
        decision.alerts[0].labels = [text: text]
        await journal.commit(decision)
        let next = await Journal.opened(try folder.crashed(as: "killed.db"), time)
        let state = await next.load()
        #expect(state.unreadable.isEmpty)
        #expect(state.alerts == decision.alerts)
        #expect(state.records == decision.records)
        #expect(await next.drain("webhook").map(\.event) == decision.events)
        await journal.close()
    }
}
