import Alerting
import Basics
import Journal
import SQLite
import TestSupport
import Testing

struct OpeningTests {
    private let time = ManualTime()

    /// A journal with one alert, closed well.
    private func prepared(_ folder: TemporaryFolder) async -> (decision: Decision, opening: JournalOpening) {
        var samples = Samples(time)
        let (journal, opening) = await Journal.open(at: .file(folder.journal), time: time, bootID: "boot-1")
        let decision = samples.decision()
        await journal.commit(decision)
        await journal.close()
        return (decision, opening)
    }

    @Test func `an absent file is new, and its folder is made`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a/b/journal.db"
        let (journal, opening) = await Journal.open(at: .file(path), time: time)
        #expect(opening.found == .new)
        #expect(opening.status == .durable)
        await journal.close()
        let next = await Journal.open(at: .file(path), time: time).opening
        #expect(next.found == .clean(at: time.now))
        #expect(next.journal == opening.journal)
        #expect(next.rebooted == nil)
    }

    @Test func `a killed run is unclean from its last sign of life, and a reboot is told from a restart`() async throws
    {
        let folder = try TemporaryFolder()
        let (journal, _) = await Journal.open(at: .file(folder.journal), time: time, bootID: "boot-1")
        time.advance(by: .seconds(40))
        await journal.heartbeat()
        let sign = time.now
        time.advance(by: .seconds(5))
        await journal.heartbeat()
        time.advance(by: .seconds(3600))
        let killed = try folder.crashed(as: "killed.db")
        let restart = await Journal.open(at: .file(killed), time: time, bootID: "boot-1")
        #expect(restart.opening.found == .unclean(from: sign, to: time.now))
        #expect(restart.opening.rebooted == false)
        await restart.journal.close(clean: false)
        let reboot = await Journal.open(at: .file(killed), time: time, bootID: "boot-2")
        #expect(reboot.opening.found == .unclean(from: time.now, to: time.now))
        #expect(reboot.opening.rebooted == true)
        await journal.close()
    }

    @Test("S18 a memory journal begins a new stream and remembers nothing")
    func memory() async throws {
        let first = await Journal.open(at: .memory, time: time)
        let second = await Journal.open(at: .memory, time: time)
        #expect(first.opening.found == .new)
        #expect(first.opening.status == .memory)
        #expect(first.opening.journal != second.opening.journal)
        var samples = Samples(time)
        #expect(await first.journal.commit(samples.decision()).queued["webhook"]?.first?.placement.durable == true)
        #expect(await second.journal.load() == RetainedState())
    }

    @Test(
        "S17 a damaged file is renamed aside, and a fresh journal with a new stream begins",
        arguments: ["zeroed header", "text", "truncated", "garbage in the middle", "half a page"]
    )
    func corrupt(damage: String) async throws {
        let folder = try TemporaryFolder()
        let before = await prepared(folder).opening
        var bytes = try folder.bytes("journal.db")
        switch damage {
        case "zeroed header": bytes.replaceSubrange(0..<4096, with: repeatElement(0, count: 4096))
        case "text": bytes = Array("this is not a database, and it is long enough to be read as one\n".utf8)
        case "truncated": bytes.removeLast(bytes.count / 2 / 4096 * 4096)
        case "garbage in the middle":
            for index in 8192..<bytes.count where index % 3 != 0 {
                bytes[index] = UInt8(truncatingIfNeeded: index &* 31)
            }
        default: bytes = Array(bytes.prefix(2048))
        }
        try folder.write("journal.db", bytes)
        try folder.write("journal.db-wal", [1, 2, 3])
        let (journal, opening) = await Journal.open(at: .file(folder.journal), time: time)
        guard case .corrupt(let aside, _) = opening.found else {
            Issue.record("\(damage): \(opening.found)")
            return
        }
        #expect(aside.hasPrefix(folder.journal + ".corrupt-"))
        #expect(opening.status == .durable)
        #expect(opening.journal != before.journal)
        let name = String(aside.dropFirst(folder.path.count + 1))
        #expect(try folder.bytes(name) == bytes)
        #expect(await journal.load() == RetainedState())
        var samples = Samples(time)
        #expect(await journal.commit(samples.decision()).durable)
        await journal.close()
        #expect(await Journal.open(at: .file(folder.journal), time: time).opening.found == .clean(at: time.now))
    }

    @Test("S17 a file from a newer version is left as it is, and Custos runs in memory")
    func newer() async throws {
        let folder = try TemporaryFolder()
        _ = await prepared(folder)
        try Connection(.file(folder.journal)).execute("PRAGMA user_version = 99")
        let before = try folder.bytes("journal.db")
        let (journal, opening) = await Journal.open(at: .file(folder.journal), time: time)
        #expect(opening.found == .lost)
        #expect(opening.status.trouble?.kind == .newer)
        #expect(opening.status.trouble?.willReturn == false)
        var samples = Samples(time)
        let committed = await journal.commit(samples.decision())
        #expect(committed.queued["webhook"]?.first?.placement.durable == false)
        time.advance(by: .seconds(600))
        await journal.heartbeat()
        await journal.close()
        #expect(try folder.bytes("journal.db") == before)
    }

    @Test func `another program's database is left as it is`() async throws {
        let folder = try TemporaryFolder()
        try Connection(.file(folder.journal)).execute("CREATE TABLE theirs (i INTEGER)")
        let before = try folder.bytes("journal.db")
        let (journal, opening) = await Journal.open(at: .file(folder.journal), time: time)
        #expect(opening.status.trouble?.kind == .foreign)
        await journal.close()
        #expect(try folder.bytes("journal.db") == before)
    }

    @Test("S17 a journal that another Custos holds is not shared")
    func locked() async throws {
        let folder = try TemporaryFolder()
        let first = await Journal.open(at: .file(folder.journal), time: time)
        let second = await Journal.open(at: .file(folder.journal), time: time)
        #expect(second.opening.status.trouble?.kind == .locked)
        #expect(second.opening.found == .lost)
        #expect(second.opening.journal != first.opening.journal)
        var samples = Samples(time)
        let decision = samples.decision()
        await second.journal.commit(decision)
        #expect(await second.journal.drain("webhook").map(\.event) == decision.events)
        #expect(await first.journal.load().alerts.isEmpty)
        await first.journal.close()
        time.advance(by: .seconds(600))
        await second.journal.heartbeat()
        await second.journal.close()
        #expect(await Journal.opened(folder.journal, time).load().alerts.isEmpty)
    }

    @Test func `a path that cannot be a file is memory with a reason and a hint`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("file", [1])
        let (journal, opening) = await Journal.open(at: .file(folder.path + "/file/journal.db"), time: time)
        #expect(opening.found == .new)
        #expect(opening.status.trouble?.kind == .cannotOpen)
        #expect(opening.status.trouble?.hint.isEmpty == false)
        var samples = Samples(time)
        #expect(await journal.commit(samples.decision()).queued["webhook"]?.count == 1)
    }

    @Test func `the journal of the first version opens, and everything in it is read`() async throws {
        let folder = try TemporaryFolder()
        if Snapshot.isUpdating { try await Snapshot.write() }
        try folder.write("journal.db", Snapshot.bytes())
        let (journal, opening) = await Journal.open(at: .file(folder.journal), time: time, bootID: "boot-1")
        #expect(opening.found == .clean(at: Timestamp(milliseconds: 1_700_000_000_000)))
        let state = await journal.load()
        #expect(state.unreadable.isEmpty)
        #expect(state.alerts.map(\.id.target.name) == ["db", "web"])
        #expect(state.memories.map(\.memory.lastValue) == [0.5])
        #expect(state.records.count == 3)
        #expect(state.silences.map(\.comment) == ["deploy"])
        #expect(state.swept.keys.map(\.description) == ["docker"])
        #expect(await journal.kept("node") == "edge-7")
        #expect(await journal.frozen("webhook")?.events.map(\.placement.sequence) == [1])
        #expect(await journal.pending("webhook", limit: 9).map(\.placement.sequence) == [2])
        #expect(await journal.retryDeadLetters("stdout") == 1)
    }
}
