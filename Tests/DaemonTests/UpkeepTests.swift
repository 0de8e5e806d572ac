import Alerting
import Basics
import Glibc
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Journal

@Suite struct UpkeepTests {
    private let time = ManualTime()
    private let changes = Changes()

    private final class Changes: Sendable {
        private let all = Mutex<[JournalStatus]>([])

        func note(_ status: JournalStatus) { all.withLock { $0.append(status) } }
        /// What was told, by kind of trouble.
        var kinds: [JournalTrouble.Kind?] { all.withLock { $0 }.map(\.trouble?.kind) }
    }

    /// Runs the upkeep while `body` lets time pass by the turn.
    private func keeping(
        _ journal: Journal,
        from status: JournalStatus,
        _ settings: JournalSettings = JournalSettings(),
        keeper: AlertKeeper? = nil,
        _ body: () async throws -> Void
    ) async throws {
        let upkeep = Upkeep(journal: journal, time: time, settings: settings) { [changes] status in
            changes.note(status)
        } lost: {
            await keeper?.restore()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await upkeep.run(from: status) }
            try await body()
            group.cancelAll()
        }
    }

    private func turn(_ count: Int = 1) async throws {
        for _ in 0..<count {
            _ = try await eventually("a wait") { time.sleeperCount == 1 ? true : nil }
            time.advance(by: .seconds(30))
        }
        _ = try await eventually("a wait") { time.sleeperCount == 1 ? true : nil }
    }

    @Test("S17 trouble of the journal is told once, and once that it is over")
    func troubleAndRecovery() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("journal.db")
        var limits = JournalLimits()
        limits.filePages = 24
        let (journal, opening) = await Journal.open(at: .file(path), time: time, bootID: nil, limits: limits)
        try await keeping(journal, from: opening.status) {
            try await turn()
            #expect(changes.kinds.isEmpty)
            // Larger than what the file may hold.
            for index in 0..<100 { await journal.keep("ballast \(index)", String(repeating: "x", count: 4000)) }
            try await turn(3)
            #expect(changes.kinds == [.full])
            for index in 0..<100 { await journal.keep("ballast \(index)", nil) }
            try await turn(20)
            #expect(changes.kinds == [.full, nil])
        }
        #expect(await journal.status() == .durable)
    }

    @Test("S17 a journal that lost its state is given it again")
    func lostState() async throws {
        let folder = try TemporaryFolder()
        let bench = await TellingBench(time, journal: folder.file("journal.db"))
        await bench.configure()
        await bench.sweep(["/": 0.92])
        for name in ["journal.db", "journal.db-wal"] {
            try folder.write(name, [UInt8](repeating: 7, count: try folder.bytes(name).count))
        }
        await bench.journal.forgetPages()
        await bench.journal.degrade(DatabaseError(.corrupt, message: "malformed"))
        try await keeping(bench.journal, from: .durable, keeper: bench.keeper) { try await turn(2) }
        #expect(await !bench.journal.hasLostState)
        #expect(await bench.journal.events(limit: 10).map(\.reason) == [.journalTrouble])
        #expect(await bench.journal.load().alerts.map(\.id.target.name) == ["/"])
    }

    @Test("trouble that was there at the start is not told again")
    func knownTrouble() async throws {
        let folder = try TemporaryFolder()
        let first = await Journal.open(at: .file(folder.file("journal.db")), time: time).journal
        let (journal, opening) = await Journal.open(at: .file(folder.file("journal.db")), time: time)
        #expect(opening.status.trouble?.kind == .locked)
        try await keeping(journal, from: opening.status) { try await turn(3) }
        #expect(changes.kinds.isEmpty)
        await first.close()
    }

    @Test("old events are forgotten at the start and every hour")
    func prunes() async throws {
        let bench = await TellingBench(time)
        await bench.configure()
        for round in 0..<1200 { await bench.sweep(["/": round.isMultiple(of: 2) ? 0.92 : 0.5]) }
        var settings = JournalSettings()
        settings.maxEvents = 100
        try await keeping(bench.journal, from: .memory, settings) {
            try await turn()
            #expect(await bench.journal.events(limit: 10_000).count == 100)
            await bench.sweep(["/": 0.92])
            try await turn(100)
            #expect(await bench.journal.events(limit: 10_000).count == 101)
            try await turn(20)
            #expect(await bench.journal.events(limit: 10_000).count == 100)
        }
    }
}
