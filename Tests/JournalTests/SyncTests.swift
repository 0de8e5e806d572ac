import Alerting
import Basics
import SQLite
import TestSupport
import Testing

@testable import Journal

extension Journal {
    /// `PRAGMA synchronous` of the connection that commits go to; 2 is FULL.
    fileprivate func synchronous() throws -> Int64? {
        try store?.connection.first("PRAGMA synchronous") { $0.integer(0) }
    }
}

struct SyncTests {
    private let time = ManualTime()

    @Test("S19 synchronous=FULL always: new, opened again, and for decisions with and without events")
    func full() async throws {
        let folder = try TemporaryFolder()
        var samples = Samples(time)
        for _ in 0..<2 {
            let journal = await Journal.opened(folder.journal, time)
            #expect(try await journal.synchronous() == 2)
            await journal.commit(samples.decision())
            var quiet = Decision()
            quiet.swept = [CheckID("http"): time.now]
            await journal.commit(quiet)
            time.advance(by: .seconds(31))
            await journal.heartbeat()
            #expect(try await journal.synchronous() == 2)
            await journal.close()
        }
    }

    @Test("S19 synchronous=FULL also after the file was full and took writes again")
    func afterRecovery() async throws {
        let folder = try TemporaryFolder()
        var limits = JournalLimits()
        limits.filePages = 24
        let journal = await Journal.opened(folder.journal, time, limits: limits)
        for index in 0..<100 { await journal.keep("ballast \(index)", String(repeating: "x", count: 4000)) }
        #expect(await journal.status().trouble?.kind == .full)
        for index in 0..<100 { await journal.keep("ballast \(index)", nil) }
        for _ in 0..<20 {
            time.advance(by: .seconds(31))
            await journal.heartbeat()
        }
        #expect(await journal.status() == .durable)
        #expect(try await journal.synchronous() == 2)
        await journal.close()
    }
}
