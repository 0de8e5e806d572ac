import Alerting
import Basics
import Glibc
import Journal
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite struct AlertKeeperTests {
    @Test("S1 a firing alert is in the journal before a sink hears of it")
    func journaledFirst() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        let seen = Mutex<[(alerts: Int, events: Int, waiting: ULID?)]>([])
        sink.witness { [journal = bench.journal] delivery in
            let state = await journal.load()
            let events = await journal.events(limit: 10)
            let frozen = await journal.frozen("webhook")
            seen.withLock { $0.append((state.alerts.count, events.count, frozen?.id)) }
        }
        await bench.configure(sink)
        await bench.sweep(["/": 0.92])
        let told = try await sink.accepted(1)
        #expect(told.map(\.event.reason) == [.fired])
        let (alerts, events, waiting) = try #require(seen.withLock { $0.first })
        #expect(alerts == 1)
        #expect(events == 1)
        #expect(waiting == sink.attempts.first?.id)
    }

    @Test("what changes without an event behind a commit that is under way is kept after it")
    func quietBehindACommit() async throws {
        let bench = await TellingBench()
        await bench.configure(RecordingSink(), plans: [TellingBench.plan { $0.clearAfter = .seconds(60) }])
        let (isHeld, isHolding) = (Gate(true), Gate(false))
        defer { isHeld.isSet = false }
        func isWell(_ isWell: Bool) async -> Void? {
            guard let alert = await bench.keeper.alerts().first?.alert else { return nil }
            return (alert.wellSince != nil) == isWell ? () : nil
        }
        async let held: Void = bench.journal.hold(while: isHeld, tell: isHolding)
        try await eventually("a held journal") { isHolding.isSet ? () : nil }
        async let firing: Void = bench.sweep(["/": 0.92])
        try await eventually("an alert") { await isWell(false) }
        async let quiet: Void = bench.sweep(["/": 0.5])
        try await eventually("a while to clear") { await isWell(true) }
        isHeld.isSet = false
        _ = await (held, firing, quiet)
        #expect(await bench.journal.load().alerts.map(\.wellSince) == [bench.time.now])
    }

    @Test("what goes on unchanged is told once; a raise at once; the end")
    func course() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        await bench.configure(sink)
        for value in [0.92, 0.93, 0.94, 0.96, 0.97, 0.5, 0.5] {
            await bench.sweep(["/": value])
            try await bench.settled()
            bench.time.advance(by: .seconds(30))
        }
        #expect(sink.reasons == [.fired, .severityChanged, .resolved])
        #expect(sink.accepted.map(\.event.severity) == [.warning, .critical, .critical])
        #expect(Set(sink.accepted.map(\.event.fingerprint)).count == 1)
        #expect(sink.accepted.map(\.placement.sequence) == [1, 2, 3])
        #expect(await bench.keeper.alerts().isEmpty)
    }

    @Test("S6 a filter looks at the highest severity: who was told hears the rest")
    func severityFilter() async throws {
        let bench = await TellingBench()
        let all = RecordingSink("all")
        let grave = RecordingSink("grave", route: { $0.minSeverity = .critical })
        await bench.configure(all, grave)
        for value in [0.92, 0.96, 0.92, 0.5] { await bench.sweep(["/": value]) }
        #expect(try await all.accepted(4).map(\.event.severity) == [.warning, .critical, .warning, .warning])
        let told = try await grave.accepted(3)
        #expect(told.map(\.event.severity) == [.critical, .warning, .warning])
        #expect(told.last?.event.reason == .resolved)
        await bench.sweep(["/": 0.92])
        await bench.sweep(["/": 0.5])
        _ = try await all.accepted(6)
        try await bench.settled("grave")
        #expect(grave.accepted.count == 3)
    }

    @Test("a sink without lifecycle events hears alerts only")
    func lifecycleRouting() async throws {
        let bench = await TellingBench()
        let all = RecordingSink("all")
        let quiet = RecordingSink("quiet", route: { $0.lifecycle = false })
        await bench.configure(all, quiet)
        await bench.keeper.announce(.started, "custos watches edge-7")
        await bench.sweep(["/": 0.92])
        #expect(try await all.accepted(2).map(\.event.reason) == [.started, .fired])
        #expect(try await quiet.accepted(1).map(\.event.reason) == [.fired])
    }

    @Test("S14 a check that is no longer configured takes its alerts along, at once")
    func removedCheck() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        await bench.configure(sink)
        await bench.sweep(["/": 0.92])
        _ = try await sink.accepted(1)
        await bench.configure(sink, plans: [])
        let last = try #require(try await sink.accepted(2).last)
        #expect(last.event.reason == .gone)
        #expect(last.event.status == .resolved)
        #expect(last.event.annotations["configuration"] != nil)
    }

    @Test("S14 an excluded target takes its alerts along, the others stay")
    func excludedTarget() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        await bench.configure(sink)
        await bench.sweep(["/": 0.92, "/data": 0.92])
        _ = try await sink.accepted(2)
        await bench.keeper.configure(
            [TellingBench.plan()],
            dispatchers: await bench.pool.apply([sink.instance()]),
            excluded: { $1.name == "/data" }
        )
        #expect(try await sink.accepted(3).last?.event.target == "/data")
        #expect(await bench.keeper.alerts().map(\.alert.id.target.name) == ["/"])
    }

    @Test("readiness waits for a configuration, then for each check's first sweep")
    func firstPass() async throws {
        let bench = await TellingBench()
        #expect(await !bench.keeper.isFirstPassDone)
        await bench.configure()
        #expect(await !bench.keeper.isFirstPassDone)
        async let done: Void = bench.keeper.firstPassDone()
        await bench.sweep([:])
        await done
        #expect(await bench.keeper.isFirstPassDone)
        #expect(await bench.keeper.previousSweep(of: TellingBench.check) == bench.time.now)
    }

    @Test("what is decided while a sink is being replaced is told by its successor")
    func replacedSink() async throws {
        let bench = await TellingBench()
        let sink = RecordingSink()
        await bench.configure(sink)
        let successors = await bench.pool.apply([sink.instance(fingerprint: "2")])
        // The successor finds nothing and waits to be woken.
        for _ in 0..<100 { _ = await bench.journal.status() }
        await bench.sweep(["/": 0.92])
        await bench.keeper.configure([TellingBench.plan()], dispatchers: successors)
        #expect(try await sink.accepted(1).map(\.event.reason) == [.fired])
        try await bench.settled()
        #expect(sink.attempts.count == 1)
    }
}

/// Said by one thread, seen by another.
private final class Gate: Sendable {
    private let state: Mutex<Bool>

    init(_ isSet: Bool) { state = Mutex(isSet) }

    var isSet: Bool {
        get { state.withLock(\.self) }
        set { state.withLock { $0 = newValue } }
    }
}

extension Journal {
    /// Lets nobody else have the journal's thread.
    fileprivate func hold(while isHeld: Gate, tell isHolding: Gate) {
        isHolding.isSet = true
        while isHeld.isSet { usleep(1000) }
    }
}
