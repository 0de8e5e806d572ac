package import Alerting
package import Basics
import Checks
package import Journal

/// Holds what is alerting and what was told, and turns each sweep into one decision, journaled before anything is sent.
///
/// All state is changed between two awaits, so decisions are made one after another; the journal keeps their order.
package actor AlertKeeper {
    /// How long a sink may fail with errors that pass before its own alert fires.
    private static let patience = Duration.seconds(300)

    private var book: AlertBook
    private var telling: Telling
    private let journal: Journal
    private let time: any TimeSource
    private let changed: @Sendable ([Change]) -> Void
    private var dispatchers: [SinkID: Dispatcher] = [:]
    /// Nil until there is a configuration.
    private var planned: Set<CheckID>?
    /// What came before the first configuration, while nobody was there to hear of it; nil once that was told.
    private var unheard: [News]? = []
    /// Up to when all that becomes due by itself was looked at.
    private var looked: Timestamp
    private var failingSince: [SinkID: Duration] = [:]
    private var attempts: [SinkID: DeliveryCounts] = [:]
    private var swept: [CheckID: Timestamp]
    /// How many decisions, or whole states, are on their way to the journal.
    private var commits = 0
    private var firstPass: Doorbell?
    private let revisits = Doorbell()

    /// - Parameters:
    ///   - journal: Where every decision is written before it is told.
    ///   - state: What the last run left.
    ///   - node: The watched machine's name (S4).
    ///   - bootID: Of the machine now; monotonic readings of another boot mean nothing.
    ///   - time: Dates decisions and spaces reminders.
    ///   - changed: Told of every change, for the log.
    package init(
        journal: Journal,
        state: RetainedState,
        node: String,
        bootID: String?,
        time: any TimeSource,
        changed: @escaping @Sendable ([Change]) -> Void
    ) {
        self.journal = journal
        self.time = time
        self.changed = changed
        looked = time.now
        swept = state.swept
        book = AlertBook(alerts: state.alerts, memories: state.memories, bootID: bootID)
        telling = Telling(
            node: node,
            routes: [],
            silences: state.silences,
            inhibitions: Inhibition.standard,
            records: state.records,
            lastID: state.lastID
        )
    }

    // MARK: - Deciding

    /// Takes the plans and sinks of a configuration; what it no longer watches resolves as gone (S14).
    package func configure(
        _ plans: [CheckPlan],
        dispatchers: [SinkID: Dispatcher],
        excluded: (CheckID, Target) -> Bool = { _, _ in false }
    ) async {
        self.dispatchers = dispatchers
        failingSince = failingSince.filter { dispatchers[$0.key] != nil }
        planned = Set(plans.map(\.check))
        telling.routes = dispatchers.values.map(\.sink.route).sorted { $0.sink < $1.sink }
        let now = time.now
        let step = book.reconfigure(plans + [CheckPlan.sinks], at: now) { check, target in
            check == .sinks ? dispatchers[target.name] == nil : excluded(check, target)
        }
        changed(step.changes)
        await commit(telling.decide(step, book: book, at: now))
        await look()
        await tellUnheard()
        // What was enqueued while a dispatcher was being replaced woke the one that is gone.
        for dispatcher in dispatchers.values { dispatcher.wake() }
    }

    /// Judges one sweep.
    package func absorb(_ sweep: Sweep) async {
        let step = book.absorb(sweep)
        if case .success = sweep.outcome, sweep.coverage == .complete { swept[sweep.check] = sweep.at }
        changed(step.changes)
        await commit(telling.decide(step, book: book, at: sweep.at))
        if let firstPass, isFirstPassDone { firstPass.ring() }
    }

    /// Tells of the watchdog's own life (S10).
    package func announce(
        _ reason: Event.Reason,
        _ summary: String,
        severity: Severity? = nil,
        annotations: [String: String] = [:]
    ) async {
        let announcement = Announcement(
            reason: reason,
            summary: summary,
            severity: severity,
            annotations: annotations
        )
        // Which sinks there are is known with the first configuration.
        guard unheard?.append(.announcement(announcement)) == nil else { return }
        await announce(announcement)
    }

    /// Tells what came too early, in its order; what comes meanwhile waits behind it.
    private func tellUnheard() async {
        while let news = unheard?.first {
            unheard?.removeFirst()
            switch news {
            case .announcement(let announcement): await announce(announcement)
            case .outcome(let sink, let error): await judge(sink, error)
            }
        }
        unheard = nil
    }

    private enum News {
        case announcement(Announcement)
        case outcome(SinkID, DeliveryError?)
    }

    private struct Announcement {
        var reason: Event.Reason
        var summary: String
        var severity: Severity?
        var annotations: [String: String]
    }

    private func announce(_ event: Announcement) async {
        await commit(
            telling.announce(
                event.reason,
                summary: event.summary,
                severity: event.severity,
                annotations: event.annotations,
                at: time.now
            )
        )
    }

    /// Tells what has become due by itself.
    private func look() async {
        looked = time.now
        await commit(telling.revisit(book, at: looked))
    }

    private func commit(_ decision: Decision) async {
        guard !decision.isEmpty else { return }
        // Most sweeps end here; behind a commit that is under way it would be written before it.
        guard !decision.isQuiet || commits > 0 else { return journal.remember(decision) }
        commits += 1
        defer { commits -= 1 }
        var news: [SinkID: Int] = [:]
        for notice in decision.notices { news[notice.sink, default: 0] += 1 }
        let open = news.filter { sink, count in count <= dispatchers[sink]?.room ?? 0 }
        let committed = await journal.commit(decision, freezing: Set(open.keys))
        for sink in committed.queued.keys { dispatchers[sink]?.wake(committed.frozen[sink]) }
        if !decision.events.isEmpty { revisits.ring() }
        if committed.hasLostState { await restore() }
    }

    /// Writes all that is remembered to a journal that has lost it, and says so.
    ///
    /// What waited for a sink is lost with the old journal: that sink hears again of everything that fires.
    package func restore() async {
        commits += 1
        defer { commits -= 1 }
        guard await journal.hasLostState else { return }
        let waiting = dispatchers.filter { $0.value.room == 0 }.keys.sorted()
        for sink in waiting { telling.forgetRecords(of: sink) }
        var state = RetainedState()
        state.alerts = book.alerts
        state.memories = book.memories
        state.records = telling.allRecords
        state.silences = telling.silences
        state.swept = swept
        await journal.restore(state)
        let lost = waiting.isEmpty ? "" : "; what waited for \(waiting.joined(separator: ", ")) is lost"
        await announce(
            .journalTrouble,
            "The journal was damaged beyond reading and was begun anew\(lost)",
            severity: .warning,
            annotations: ["kind": "lost"]
        )
        await look()
    }

    // MARK: - Sinks

    /// Notes how an attempt of a sink ended; a sink that refuses, or fails for long, gets an alert of its own (S5).
    package func note(_ sink: SinkID, _ error: DeliveryError?) async {
        attempts[sink, default: DeliveryCounts()].count(error)
        // Dispatchers work as soon as they are made; whom to tell of their trouble is known a little later.
        guard unheard?.append(.outcome(sink, error)) == nil else { return }
        await judge(sink, error)
    }

    private func judge(_ sink: SinkID, _ error: DeliveryError?) async {
        let uptime = time.uptime
        guard let error else {
            // An alert from before a restart ends like one of this run.
            let trouble = AlertID(check: .sinks, measure: Measure.sinkDelivery.name, target: Target(sink))
            guard failingSince.removeValue(forKey: sink) != nil || book.alert(trouble) != nil else { return }
            return await absorb(.sinkWell(sink, at: time.now, uptime: uptime))
        }
        let since = failingSince[sink] ?? uptime
        failingSince[sink] = since
        switch error {
        case .transient(_, _, false) where uptime - since < Self.patience: return
        case .transient, .permanent:
            await absorb(.sinkTrouble(sink, because: error.because, at: time.now, uptime: uptime))
        }
    }

    // MARK: - Silences and reminders

    package func add(_ silence: Silence) async {
        await put(silence)
    }

    /// False when no silence of this id is in force.
    package func expireSilence(_ id: ULID) async -> Bool {
        guard var silence = silences.first(where: { $0.id == id }) else { return false }
        silence.endsAt = min(silence.endsAt, time.now)
        await put(silence)
        return true
    }

    /// Adds a silence or replaces the one with the same id; those here count, the journal only keeps them.
    private func put(_ silence: Silence) async {
        let forgotten = time.now - .seconds(3600)
        telling.silences.removeAll { $0.id == silence.id || $0.endsAt < forgotten }
        telling.silences.append(silence)
        await journal.add(silence)
        await look()
        revisits.ring()
    }

    package var silences: [Silence] { telling.silences.filter { $0.endsAt > time.now } }

    /// Tells what becomes due by itself: reminders, silences that end.
    ///
    /// Runs until the task is cancelled.
    package func revisit() async {
        while !Task.isCancelled {
            // Not after the present: what became due since the last look would be passed over.
            guard let next = telling.nextRevisit(book, after: min(looked, time.now)) else {
                await revisits.wait()
                continue
            }
            let wait = max(next.since(time.now), .zero)
            // A change may bring the next one nearer, so waiting is cut into minutes; what passed meanwhile shows in the
            // state, not in `next`.
            guard (try? await time.sleep(for: min(wait, .seconds(60)))) != nil else { return }
            await look()
        }
    }

    // MARK: - Answers

    /// Waits until every planned check has finished its first sweep, well or not.
    package func firstPassDone() async {
        let bell = Doorbell()
        firstPass = bell
        while !isFirstPassDone, !Task.isCancelled { await bell.wait() }
        firstPass = nil
    }

    /// Whether every planned check has finished a sweep.
    package var isFirstPassDone: Bool {
        planned?.allSatisfy { id in book.report(of: id).map { $0.outcome != .notYet } ?? false } ?? false
    }

    package func previousSweep(of check: CheckID) -> Timestamp? { swept[check] }

    /// The state of everything, as the one-shot report says it.
    package func report() -> Report {
        // The sinks' own entry says something only once a sink is in trouble.
        let checks = book.report().filter { $0.check != .sinks || $0.outcome != .notYet }
        return Report(time: time.now, node: telling.node, checks: checks, suggestions: SuggestedCommands.of)
    }

    /// Every alert that is not inactive, and what mutes it.
    package func alerts() -> [(alert: Alert, mute: Mute?)] {
        let now = time.now
        return book.alerts.map { ($0, telling.mute(of: $0, book: book, at: now)) }
    }

    package var suppressed: [String: Int] { telling.suppressed }
    package var deliveries: [SinkID: DeliveryCounts] { attempts }
    /// The configured sinks.
    package var sinks: [SinkID] { dispatchers.keys.sorted() }
}

/// How the attempts of one sink ended, for the metrics.
package struct DeliveryCounts: Sendable, Equatable {
    package private(set) var accepted = 0
    package private(set) var transient = 0
    package private(set) var permanent = 0

    mutating func count(_ error: DeliveryError?) {
        switch error {
        case nil: accepted += 1
        case .transient: transient += 1
        case .permanent: permanent += 1
        }
    }
}
