import Alerting
import Basics
import TestSupport
import Testing

@testable import Daemon

/// A sink in trouble is an alert of its own (S5).
@Suite struct SinkTroubleTests {
    private let broken = RecordingSink("broken")
    private let witness = RecordingSink("witness")

    @Test("S5 a refusal is told to the other sinks, never to the one it is about; and that it is over")
    func refusal() async throws {
        let bench = await TellingBench()
        await bench.configure(broken, witness)
        broken.then(.refuse(.transient(because: "401 Unauthorized", alarming: true)))
        await bench.sweep(["/": 0.92])
        let told = try await bench.passing("the end of the trouble") {
            witness.accepted.count > 2 ? witness.accepted : nil
        }
        #expect(told.map(\.event.measure) == ["disk_used_ratio", "sink_delivery", "sink_delivery"])
        #expect(told.map(\.event.reason) == [.fired, .fired, .resolved])
        #expect(told[1].event.target == "broken")
        #expect(told[1].event.summary.contains("401 Unauthorized"))
        try await bench.settled("broken")
        #expect(broken.reasons == [.fired])
    }

    @Test("S5 a failure that may pass is told after five minutes, not before")
    func patience() async throws {
        let bench = await TellingBench()
        await bench.configure(broken, witness)
        broken.always(.refuse(.transient(because: "connection refused")))
        let start = bench.time.uptime
        await bench.sweep(["/": 0.92])
        _ = try await bench.passing("trouble") { witness.accepted.count > 1 ? true : nil }
        #expect(bench.time.uptime - start >= .seconds(300))
        #expect(witness.accepted.last?.event.target == "broken")
        #expect(broken.accepted.isEmpty)
        #expect(await bench.keeper.deliveries["broken"]?.transient ?? 0 > 1)
    }

    /// A watchdog after a restart; before it `broken` was in trouble, of which `witness` was told, and now it accepts.
    private func restarted(in folder: TemporaryFolder) async throws -> TellingBench {
        let time = ManualTime()
        let before = await TellingBench(time, journal: folder.file("journal.db"))
        await before.configure(broken, witness)
        broken.always(.refuse(.transient(because: "404 Not Found", alarming: true)))
        await before.sweep(["/": 0.92])
        _ = try await witness.accepted(2)
        try await before.settled("witness")
        await before.kill()
        broken.always(.accept)
        return await TellingBench(time, journal: folder.file("journal.db"))
    }

    @Test("S5 trouble from before a restart ends with the first delivery that is accepted")
    func overRestart() async throws {
        let folder = try TemporaryFolder()
        let after = try await restarted(in: folder)
        await after.configure(broken, witness)
        #expect(try await witness.accepted(3).last?.event.reason == .resolved)
        #expect(await after.keeper.alerts().map(\.alert.id.check) == [TellingBench.check])
    }

    @Test("S5 a delivery that is accepted before the other sinks are known ends the trouble for them as well")
    func overRestartBeforeTheConfiguration() async throws {
        let folder = try TemporaryFolder()
        let after = try await restarted(in: folder)
        let dispatchers = await after.pool.apply([broken.instance(), witness.instance()])
        try await eventually("the accepted delivery is noted") {
            await after.keeper.deliveries["broken"]?.accepted == 1 ? () : nil
        }
        await after.keeper.configure([TellingBench.plan()], dispatchers: dispatchers)
        #expect(try await witness.accepted(3).last?.event.reason == .resolved)
    }

    @Test("S14 a sink that is no longer configured takes its trouble along")
    func removedSink() async throws {
        let bench = await TellingBench()
        await bench.configure(broken, witness)
        broken.always(.refuse(.transient(because: "403 Forbidden", alarming: true)))
        await bench.sweep(["/": 0.92])
        _ = try await witness.accepted(2)
        await bench.configure(witness)
        let last = try #require(try await witness.accepted(3).last)
        #expect(last.event.reason == .gone)
        #expect(last.event.target == "broken")
    }
}
