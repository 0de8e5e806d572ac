package import Alerting
package import Basics
package import Journal
import Sinks
import Synchronization

/// Tells one sink what waits for it in the outbox, in order, until it is accepted: at least once, never skipping.
///
/// The outbox is the truth; `wake` only says that it may have changed. A sink that fails costs its own dispatcher and
/// nobody else.
package final class Dispatcher: Sendable {
    package let sink: SinkInstance
    private let journal: Journal
    private let time: any TimeSource
    private let node: String
    /// Told after each attempt: nil when it was accepted.
    private let outcome: @Sendable (SinkID, DeliveryError?) async -> Void
    private let bell = Doorbell()
    private let state: Mutex<State>
    /// When the watchdog started: what a sink without replay was to be told before that is no longer told.
    private let started: Timestamp

    /// What others may ask for while the dispatcher works.
    private struct State {
        /// Deliveries frozen together with their decision, not yet taken.
        var frozen: [Delivery] = []
        var room: Int
        var isDraining = false
        /// The wait for the next attempt, cut short by `drain`.
        var pause: Task<Void, any Error>?
    }

    /// What the loop itself remembers.
    private struct Memory {
        var gate: FloodGate
        var ulids = ULID.Generator()
        var random = SystemRandomNumberGenerator()
        var failures = 0
        /// What was settled last: a delivery handed over by `wake` may have been found in the journal already.
        ///
        /// Ids rise, and what is passed over by mistake is found in the journal.
        var settled: ULID?
    }

    package init(
        _ sink: SinkInstance,
        journal: Journal,
        time: any TimeSource,
        node: String,
        started: Timestamp,
        outcome: @escaping @Sendable (SinkID, DeliveryError?) async -> Void
    ) {
        self.sink = sink
        self.journal = journal
        self.time = time
        self.node = node
        self.outcome = outcome
        self.started = started
        state = Mutex(State(room: Self.room(sink.policy, FloodGate(limit: sink.policy.maxPerMinute), at: time.uptime)))
    }

    /// How many events, frozen now as one delivery, would be attempted at once: none while the sink is in trouble or at
    /// its flood limit.
    package var room: Int { state.withLock { $0.isDraining ? 0 : $0.room } }

    /// Says that the outbox changed; a delivery frozen with its decision comes along and spares a look at the journal.
    package func wake(_ frozen: Delivery? = nil) {
        if let frozen { state.withLock { $0.frozen.append(frozen) } }
        bell.ring()
    }

    /// Ends `run` as soon as nothing waits any more or an attempt fails; a wait for the next attempt is cut short.
    package func drain() {
        let pause = state.withLock { state in
            state.isDraining = true
            return state.pause
        }
        pause?.cancel()
        bell.ring()
    }

    /// Works until it is cancelled or drained.
    package func run() async {
        var memory = Memory(gate: FloodGate(limit: sink.policy.maxPerMinute))
        if !sink.policy.replaysBacklog {
            _ = await journal.expire(sink.id, before: started, because: "not printed again after a restart")
        }
        while !Task.isCancelled {
            let delivery: Delivery?
            // Read before looking: a look that began before the drain may have missed what was enqueued just ahead of it.
            let isLast = draining
            switch await next(&memory) {
            case .deliver(let found): delivery = found
            case .pause(let span):
                if isLast { return }
                await pause(span)
                continue
            case .nothing:
                if isLast { return }
                await bell.wait()
                continue
            }
            guard let delivery else { continue }
            if await attempt(delivery, &memory) {
                memory.settled = delivery.id
            } else if draining {
                return
            }
        }
    }

    private var draining: Bool { state.withLock(\.isDraining) }

    private enum Step {
        case deliver(Delivery?)
        case pause(Duration)
        case nothing
    }

    /// The next thing to do: a delivery frozen before, or a new one as far as the flood limit allows.
    private func next(_ memory: inout Memory) async -> Step {
        if let handed = state.withLock({ $0.frozen.isEmpty ? nil : $0.frozen.removeFirst() }) {
            let isNews = memory.settled.map { handed.id > $0 } ?? true
            return .deliver(isNews ? handed : nil)
        }
        if let frozen = await journal.frozen(sink.id) { return .deliver(frozen) }
        _ = await expire()
        let batch = sink.policy.batchMax
        // Only a digest looks further than the next delivery.
        let horizon = sink.policy.maxPerMinute == nil ? batch : FloodGate.digestLimit
        let waiting = await journal.pending(sink.id, limit: horizon)
        guard let first = waiting.first else { return .nothing }
        switch memory.gate.admit(waiting.count, at: time.uptime) {
        case .wait(let span):
            setRoom(0)
            return .pause(span)
        case .events(let count):
            let through = waiting[min(count, batch) - 1].placement.sequence
            return .deliver(await journal.freeze(sink.id, through: through))
        case .digest(let count):
            let replaced = Array(waiting.prefix(count))
            let id = memory.ulids.next(at: time.now)
            let digest = Event.digest(of: replaced, id: id, at: time.now, node: node)
            guard let queued = await journal.replace(replaced, of: sink.id, with: digest) else {
                return .deliver(await journal.freeze(sink.id, through: first.placement.sequence))
            }
            return .deliver(await journal.freeze(sink.id, through: queued.placement.sequence))
        }
    }

    /// Tells one delivery until it is accepted, given up or refused; false when it has to stay.
    private func attempt(_ delivery: Delivery, _ memory: inout Memory) async -> Bool {
        var delivery = delivery
        while !Task.isCancelled {
            switch await sink.deliver(delivery) {
            case .success:
                memory.failures = 0
                memory.gate.sent(delivery.events.count, at: time.uptime)
                // Before the outbox is empty: only then is the room asked for.
                setRoom(Self.room(sink.policy, memory.gate, at: time.uptime))
                await journal.delivered(delivery)
                await outcome(sink.id, nil)
                return true
            case .failure(.permanent(let because)):
                _ = await journal.deadLetter(delivery, because: because)
                await outcome(sink.id, .permanent(because: because))
                return true
            case .failure(.transient(let because, let retryAfter, let alarming)):
                // Cancelling the attempt is our own doing, not the sink's.
                guard !Task.isCancelled else { return false }
                memory.failures += 1
                delivery.attempts += 1
                setRoom(0)
                await outcome(sink.id, .transient(because: because, retryAfter: retryAfter, alarming: alarming))
                if draining { return false }
                let wait = Backoff().delay(after: memory.failures, retryAfter: retryAfter, using: &memory.random)
                await pause(wait)
                if await givesUp(delivery) { return true }
            }
        }
        return false
    }

    /// Whether a delivery is too old for another attempt; it leaves a tombstone then.
    private func givesUp(_ delivery: Delivery) async -> Bool {
        guard await expire() > 0 else { return false }
        return await journal.frozen(sink.id)?.id != delivery.id
    }

    /// Gives up what is too old to be told; how many.
    private func expire() async -> Int {
        guard let maxAge = sink.policy.maxAge else { return 0 }
        return await journal.expire(sink.id, before: time.now - maxAge, because: "older than \(maxAge.text)")
    }

    /// Waits, but not past the call to drain.
    private func pause(_ span: Duration) async {
        let sleep = Task { [time] in try await time.sleep(for: span) }
        let isDraining = state.withLock { state in
            state.pause = sleep
            return state.isDraining
        }
        if isDraining { sleep.cancel() }
        await withTaskCancellationHandler {
            _ = await sleep.result
        } onCancel: {
            sleep.cancel()
        }
        state.withLock { $0.pause = nil }
    }

    private static func room(_ policy: DeliveryPolicy, _ gate: FloodGate, at uptime: Duration) -> Int {
        min(policy.batchMax, gate.room(at: uptime))
    }

    private func setRoom(_ room: Int) {
        state.withLock { $0.room = room }
    }
}
