import Alerting
import Basics
import FoundationEssentials
import Journal
import Sinks
import Synchronization
import TestSupport

@testable import Daemon

/// A sink that notes what it is told, and answers by a script, then by a rule.
final class RecordingSink: Sendable {
    enum Answer: Sendable {
        case accept
        case refuse(DeliveryError)
        /// No answer until the attempt is cancelled.
        case hang
    }

    private struct State {
        var attempts: [Delivery] = []
        var accepted: [QueuedEvent] = []
        var script: [Answer] = []
        var rule = Answer.accept
        var witness: @Sendable (Delivery) async -> Void = { _ in }
    }

    let route: SinkRoute
    let policy: DeliveryPolicy
    private let state = Mutex(State())

    init(
        _ id: SinkID = "webhook",
        route change: (inout SinkRoute) -> Void = { _ in },
        policy adjust: (inout DeliveryPolicy) -> Void = { $0.batchMax = 100 }
    ) {
        var route = SinkRoute(sink: id)
        change(&route)
        self.route = route
        var policy = DeliveryPolicy()
        adjust(&policy)
        self.policy = policy
    }

    /// The sink as the pool takes it.
    func instance(fingerprint: String = "1") -> SinkInstance {
        SinkInstance(route: route, policy: policy, fingerprint: fingerprint) { await self.take($0) }
    }

    /// Every attempt, in order.
    var attempts: [Delivery] { state.withLock(\.attempts) }
    /// Every event that was accepted, in order.
    var accepted: [QueuedEvent] { state.withLock(\.accepted) }
    /// The reasons of the events that were accepted.
    var reasons: [Event.Reason] { accepted.map(\.event.reason) }

    /// The accepted events, once there are so many.
    func accepted(_ count: Int) async throws -> [QueuedEvent] {
        try await eventually("\(count) events at \(route.sink)") { accepted.count >= count ? accepted : nil }
    }

    /// The attempts, once there are so many.
    @discardableResult
    func attempts(_ count: Int) async throws -> [Delivery] {
        try await eventually("\(count) attempts at \(route.sink)") { attempts.count >= count ? attempts : nil }
    }

    func then(_ answers: Answer...) { state.withLock { $0.script += answers } }
    func always(_ answer: Answer) { state.withLock { $0.rule = answer } }
    /// Is told of each attempt while it is made.
    func witness(_ witness: @escaping @Sendable (Delivery) async -> Void) { state.withLock { $0.witness = witness } }

    private func take(_ delivery: Delivery) async -> Result<Void, DeliveryError> {
        let (answer, witness) = state.withLock { state in
            state.attempts.append(delivery)
            return (state.script.isEmpty ? state.rule : state.script.removeFirst(), state.witness)
        }
        await witness(delivery)
        switch answer {
        case .accept:
            state.withLock { $0.accepted += delivery.events }
            return .success(())
        case .refuse(let error):
            return .failure(error)
        case .hang:
            for await _ in AsyncStream<Never>(bufferingPolicy: .bufferingOldest(1), { _ in }) {}
            return .failure(.transient(because: "cancelled"))
        }
    }
}

/// A watchdog's telling: a real journal, keeper and dispatchers, a clock that stands, and sinks that note.
final class TellingBench: Sendable {
    static let check = CheckID("disk")
    static let used = Measure(name: "disk_used_ratio", unit: .ratio, summary: "Used share.")

    let time: ManualTime
    let journal: Journal
    let opening: JournalOpening
    let keeper: AlertKeeper
    let pool: DispatcherPool

    /// - Parameters:
    ///   - time: Shared with what comes before and after a restart.
    ///   - path: The journal's file; nil for one in memory.
    init(_ time: ManualTime = ManualTime(), journal path: String? = nil) async {
        self.time = time
        (journal, opening) = await Journal.open(at: path.map { .file($0) } ?? .memory, time: time, bootID: "boot-1")
        let keeper = AlertKeeper(
            journal: journal,
            state: await journal.load(),
            node: "edge-7",
            bootID: "boot-1",
            time: time,
            changed: { _ in }
        )
        self.keeper = keeper
        pool = DispatcherPool(journal: journal, time: time, node: "edge-7")
        await pool.report { await keeper.note($0, $1) }
    }

    /// Warns over 0.9, alarms over 0.95.
    static func plan(_ change: (inout AlertPolicy) -> Void = { _ in }) -> CheckPlan {
        var policy = AlertPolicy()
        change(&policy)
        return CheckPlan(check: check, rules: [Rule(used, .above(warning: 0.9, critical: 0.95))], policy: policy)
    }

    func configure(_ sinks: RecordingSink..., plans: [CheckPlan] = [TellingBench.plan()]) async {
        await keeper.configure(plans, dispatchers: await pool.apply(sinks.map { $0.instance() }))
    }

    /// One complete sweep that saw these shares.
    func sweep(_ values: [String: Double]) async {
        let observations = values.sorted { $0.key < $1.key }.map { target, value in
            Observation(Self.used, of: Target(target), .number(value))
        }
        await keeper.absorb(
            Sweep(check: Self.check, at: time.now, uptime: time.uptime, outcome: .success(observations))
        )
    }

    /// Ends as a kill would: nothing is said, nothing is marked.
    func kill() async {
        _ = await pool.apply([])
        await journal.close(clean: false)
    }

    /// Lets time pass in steps until something is there.
    @discardableResult
    func passing<Value>(
        _ what: String,
        by step: Duration = .seconds(1),
        _ look: () async -> Value?
    ) async throws -> Value {
        try await eventually(what) {
            if let value = await look() { return value }
            time.advance(by: step)
            return nil
        }
    }

    /// Nothing waits for the sink any more, nor is being told.
    func settled(_ sink: SinkID = "webhook") async throws {
        try await eventually("an empty outbox of \(sink)") {
            (await journal.outboxes()[sink]?.pending ?? 0) == 0 ? () : nil
        }
    }
}
