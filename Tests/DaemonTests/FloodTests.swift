import Alerting
import Basics
import Journal
import Sinks
import TestSupport
import Testing

@testable import Daemon

/// A storm becomes digests, and the receiver can prove that it lost nothing (S2, S9).
@Suite struct FloodTests {
    private let sink = RecordingSink(
        policy: {
            $0.batchMax = 100
            $0.maxPerMinute = 5
        }
    )

    /// Every number of the stream that the sink holds, itself or by a digest.
    private func numbers() throws -> [Int64] {
        try sink.accepted.flatMap { queued -> [Int64] in
            guard queued.event.kind == .digest else { return [queued.placement.sequence] }
            let text = try #require(queued.event.annotations["sequences"])
            let ranges = SequenceRanges(parsing: text)
            return (1...100).filter { ranges.contains($0) } + [queued.placement.sequence]
        }.sorted()
    }

    @Test("S9 what exceeds the limit comes in one digest a minute that lists each event")
    func storm() async throws {
        let bench = await TellingBench()
        await bench.configure(sink)
        let mounts = (10..<30).map { "/mnt/\($0)" }
        await bench.sweep(Dictionary(uniqueKeysWithValues: mounts.map { ($0, 0.92) }))
        _ = try await sink.accepted(5)
        _ = try await eventually("the limit") { bench.time.sleeperCount == 1 ? true : nil }
        #expect(sink.accepted.count == 5)
        bench.time.advance(by: .seconds(60))
        let digest = try #require(try await sink.accepted(6).last)
        try await bench.settled()
        #expect(digest.event.kind == .digest)
        let lines = try #require(digest.event.annotations["events"])
        let ids = await bench.journal.events(limit: 100).filter { $0.kind == .alert }.map(\.id.description)
        #expect(ids.count == 20)
        for id in ids.suffix(15) { #expect(lines.contains(id)) }
        #expect(try numbers() == Array(1...21), "S2: the numbers have no gap")
        #expect(sink.accepted.count == 6)
    }

    @Test("S9 events that come one at a time, each told at once, count as well")
    func oneByOne() async throws {
        let bench = await TellingBench()
        await bench.configure(sink)
        for round in 0..<5 {
            await bench.sweep(["/": round.isMultiple(of: 2) ? 0.92 : 0.5])
            _ = try await sink.accepted(round + 1)
            try await bench.settled()
        }
        for round in 5..<9 { await bench.sweep(["/": round.isMultiple(of: 2) ? 0.92 : 0.5]) }
        _ = try await eventually("the limit") { bench.time.sleeperCount == 1 ? true : nil }
        #expect(sink.accepted.count == 5)
        bench.time.advance(by: .seconds(60))
        let digest = try #require(try await sink.accepted(6).last)
        #expect(digest.event.annotations["count"] == "4")
        #expect(try numbers() == Array(1...10))
    }
}
