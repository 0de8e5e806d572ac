import Alerting
import Basics
import Journal
import TestSupport
import Testing

struct PeekTests {
    private let time = ManualTime()

    @Test func `S37 what a running journal holds is read beside it, and the next commit is not held up`() async throws {
        let folder = try TemporaryFolder()
        var samples = Samples(time)
        let (journal, _) = await Journal.open(at: .file(folder.journal), time: time, bootID: "boot-1")
        let first = samples.decision()
        await journal.commit(first)
        await journal.keep("node", "edge-7")
        let seen = try #require(Journal.peek(at: .file(folder.journal), time: time))
        #expect(seen.alerts == first.alerts)
        #expect(seen.memories == first.memories)
        #expect(seen.node == "edge-7")
        await journal.commit(samples.decision(target: "db"))
        #expect(await journal.status() == .durable)
        #expect(Journal.peek(at: .file(folder.journal), time: time)?.alerts.count == 2)
        await journal.close()
    }

    @Test func `a closed journal is read without making any file`() async throws {
        let folder = try TemporaryFolder()
        var samples = Samples(time)
        let (journal, _) = await Journal.open(at: .file(folder.journal), time: time, bootID: "boot-1")
        let decision = samples.decision()
        await journal.commit(decision)
        await journal.close()
        let (files, bytes) = (folder.names, try folder.bytes("journal.db"))
        #expect(Journal.peek(at: .file(folder.journal), time: time)?.alerts == decision.alerts)
        #expect(folder.names == files)
        #expect(try folder.bytes("journal.db") == bytes)
    }

    @Test func `no journal, another file and a journal in memory are nothing to read`() throws {
        let folder = try TemporaryFolder()
        #expect(Journal.peek(at: .memory, time: time) == nil)
        #expect(Journal.peek(at: .file(folder.path + "/none/journal.db"), time: time) == nil)
        try folder.write("text", Array("this is no database".utf8))
        #expect(Journal.peek(at: .file(folder.path + "/text"), time: time) == nil)
        try folder.write("empty", [])
        #expect(Journal.peek(at: .file(folder.path + "/empty"), time: time) == nil)
        #expect(folder.names == ["empty", "text"])
    }
}
