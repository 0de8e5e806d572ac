package import Alerting
import Basics
import SQLite
import Synchronization

/// What must survive a kill: alerts, rule memory, events, the outbox, silences.
///
/// One actor on one thread of its own owns the database. It never fails (S17): when the file cannot be written, it goes
/// on with a copy in memory, and writes that copy back as soon as the file takes it. Every method works the same in both
/// places; `status()` says where the journal stands.
package actor Journal {
    let thread = ThreadExecutor("custos-journal", serves: .actor)
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unowned }

    let location: JournalLocation
    let time: any TimeSource
    let bootID: String?
    var limits: JournalLimits

    /// Where everything is read and written; nil only after `close`, or when not even memory was to be had.
    var store: Store?
    /// The file's connection while `store` is a copy in memory, kept open as long as it may still be good.
    var disk: Connection?
    var lock: FileLock?
    var trouble: JournalTrouble?
    /// Monotonic time before which the file is not tried again, and how long to wait after that.
    var nextTry = Duration.zero
    var patience = Duration.seconds(5)

    /// Whether what was written before cannot be read any more: who holds the state in memory must `restore` it.
    package internal(set) var hasLostState = false
    /// The small facts written in this run.
    private var facts: [String: String] = [:]
    var unsynced = UnsyncedChanges()
    /// What was remembered without a turn on our thread, later than all in `unsynced`.
    private let remembered = Mutex(UnsyncedChanges())
    var lastSign: Duration?
    /// Both clocks when the outbox' times were last known to be right.
    var clocks: ClockReading?

    /// How often a sign of life is written.
    static let signEvery = Duration.seconds(30)

    init(location: JournalLocation, time: any TimeSource, bootID: String?, limits: JournalLimits) {
        self.location = location
        self.time = time
        self.bootID = bootID
        self.limits = limits
    }

    /// Where the journal stands.
    package func status() -> JournalStatus {
        if let trouble { return .degraded(trouble) }
        return location == .memory ? .memory : .durable
    }

    // MARK: - State

    /// Writes all that one step changed, in one transaction that is synced when this returns.
    ///
    /// A decision without events is only remembered, and written with the next one or the next sign of life.
    ///
    /// - Parameters:
    ///   - decision: What changed; notices of events that nobody knows are left out.
    ///   - freezing: Sinks for which the enqueued events become a frozen delivery in the same transaction, provided that
    ///     nothing else waits for them: it saves a sync between the decision and the first attempt.
    /// - Returns: What was enqueued.
    @discardableResult
    package func commit(_ decision: Decision, freezing: Set<SinkID> = []) -> Committed {
        gather()
        unsynced.add(decision)
        guard !decision.isQuiet else { return Committed() }
        let now = present()
        let changes = unsynced
        let forgotten = Set(decision.forgotten)
        let committed = write { (store) throws(DatabaseError) in
            try store.write(changes)
            try store.setFact(.heartbeat, String(now.milliseconds))
            return try store.write(
                events: decision.events,
                notices: decision.notices,
                records: decision.records.filter { !forgotten.contains($0.alert) },
                freezing: freezing,
                at: now
            )
        }
        guard var committed else { return Committed() }
        unsynced = UnsyncedChanges()
        lastSign = time.uptime
        committed.hasLostState = hasLostState
        return committed
    }

    /// Takes over what a step without events changed, to be written with the next commit or the next sign of life.
    ///
    /// Needs no turn on our thread: most sweeps of a quiet machine end here. Only for who has no commit or
    /// `restore` under way: the two would change their order.
    package nonisolated func remember(_ decision: Decision) {
        remembered.withLock { $0.add(decision) }
    }

    private func gather() {
        let later = remembered.withLock { remembered in
            defer { remembered = UnsyncedChanges() }
            return remembered
        }
        unsynced.add(later)
    }

    /// Writes a whole state beside what there is, after `hasLostState`.
    package func restore(_ state: RetainedState) {
        var changes = UnsyncedChanges()
        for alert in state.alerts { changes.alerts[alert.id] = .some(alert) }
        for memory in state.memories { changes.memories[memory.key] = .some(memory) }
        changes.swept = state.swept
        let now = present()
        let (boot, clocks, facts) = (bootID, clocks, facts)
        let written: Void? = write { (store) throws(DatabaseError) in
            try store.setFact(.ending, "running")
            try store.setFact(.heartbeat, String(now.milliseconds))
            try store.setFact(.boot, boot)
            try store.setFact(.clocks, clocks?.description)
            for (key, value) in facts { try store.setFact(.kept(key), value) }
            try store.write(changes)
            for silence in state.silences { try store.put(silence) }
            _ = try store.write(events: [], notices: [], records: state.records, freezing: [], at: now)
        }
        if written != nil { hasLostState = false }
    }

    /// Everything a start needs of the last run.
    package func load() -> RetainedState {
        flush()
        return read { (store) throws(DatabaseError) in try store.retained() } ?? RetainedState()
    }

    /// Says that somebody watches: what an unclean start reports as the gap's beginning.
    ///
    /// Also writes what waits for no event, and tries a file that could not be written. Cheap: it writes at most every
    /// 30 s.
    @discardableResult
    package func heartbeat() -> JournalStatus {
        if let lastSign, time.uptime - lastSign < Self.signEvery {
            tryReturn()
            return status()
        }
        lastSign = time.uptime
        flush(sign: true)
        return status()
    }

    /// A small fact that outlives a restart; `node` is the node's name, which tombstones carry.
    package func kept(_ key: String) -> String? {
        read { (store) throws(DatabaseError) in try store.fact(.kept(key)) } ?? nil
    }

    /// Keeps a small fact; nil forgets it.
    package func keep(_ key: String, _ value: String?) {
        facts[key] = value
        guard kept(key) != value else { return }
        write { (store) throws(DatabaseError) in try store.setFact(.kept(key), value) }
    }

    /// Ends the run, so that the next start finds it clean; nothing is kept afterwards.
    ///
    /// - Parameter clean: False leaves the marks of a crash, for a forced end.
    package func close(clean: Bool = true) {
        flush(sign: clean)
        if clean { write { (store) throws(DatabaseError) in try store.setFact(.ending, "clean") } }
        store = nil
        disk = nil
        lock = nil
    }

    private func flush(sign: Bool = false) {
        gather()
        guard sign || !unsynced.isEmpty else { return }
        let changes = unsynced
        let now = present()
        let clocks = clocks
        let written: Void? = write { (store) throws(DatabaseError) in
            try store.write(changes)
            guard sign else { return }
            try store.setFact(.heartbeat, String(now.milliseconds))
            try store.setFact(.clocks, clocks?.description)
        }
        if written != nil { unsynced = UnsyncedChanges() }
    }
}
