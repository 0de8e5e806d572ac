package import Alerting
package import Basics
package import DockerEngine

/// The last known state of every container, and what changes in it mean.
///
/// A pure value: events and lists go in, observations come out, the present is a parameter. Events are hints that may be
/// lost, repeated or out of order; a list with its inspects is the truth. Each run of a container dies at most once,
/// whoever tells it first, and an answer that was asked for before the newest event never overrides that event.
package struct ContainerBoard: Sendable {
    /// What one input means for the outside.
    package struct News: Sendable, Equatable {
        package var observations: [Observation] = []
        /// Targets whose alerts end at once.
        package var gone: [Target] = []
        /// Targets whose alerts end at once because the configuration leaves them out (S14).
        package var leftOut: [Target] = []
        /// Containers to inspect: urgent ones hold a death or an unhealthy state back.
        package var inspect: [Wish] = []
        /// Ask `settle` again after this time: an OOM kill is waiting to be explained.
        package var settleAfter: Duration?
        /// What is wrong with the labels of a container, for the log.
        package var problems: [String] = []

        package init() {}

        /// Whether there is anything in it but questions.
        var isWorthTelling: Bool {
            !(observations.isEmpty && gone.isEmpty && leftOut.isEmpty && problems.isEmpty)
        }

        /// With no observation but the death.
        var deathOnly: News {
            var news = self
            news.observations.removeAll { $0.measure != .containerDeath }
            return news
        }

        mutating func add(_ other: News) {
            observations += other.observations
            gone += other.gone
            leftOut += other.leftOut
            inspect += other.inspect
            settleAfter = settleAfter ?? other.settleAfter
            problems += other.problems
        }
    }

    /// A container that an inspect would tell more about.
    package struct Wish: Sendable, Equatable {
        package var id: String
        /// Something waits for the answer.
        package var isUrgent: Bool
        /// Not before this time has passed.
        package var delay: Duration
        /// What of its log is wanted beside the inspect.
        package var log: LogQuery?

        package init(_ id: String, urgent: Bool = false, after delay: Duration = .zero, log: LogQuery? = nil) {
            self.id = id
            isUrgent = urgent
            self.delay = delay
            self.log = log
        }
    }

    /// Whether the engine can be seen.
    package enum Engine: Sendable, Equatable {
        case unknown
        case reachable
        case unreachable(because: String)
        /// There is none to see, or we may not: not an alert, but a check that cannot look.
        case blind(CheckError)
    }

    package internal(set) var options: ContainerOptions
    package internal(set) var engine = Engine.unknown
    /// Why the check cannot look, where containers may be listed and none inspected, as of the last list.
    package internal(set) var refusal: CheckError?
    /// Who made the engine that is followed.
    package var product = EngineProduct.docker
    /// Rises with each event: `mark` of a question tells which events its answer cannot know.
    package internal(set) var serial = 0
    var records = ContainerRecords()
    var histories: [Target: TargetHistory] = [:]
    /// Targets that others share the network of.
    var networkParents: Set<Target> = []
    /// Where the engine keeps its data on this machine; nil while it has not said, or is elsewhere.
    package var dataFolder: String?
    /// Targets of which a label was refused, while there is anything to say of them.
    var labelsRefused: Set<Target> = []
    /// Containers that ended long ago and matter no more, by the first 16 digits of their ids.
    var dormant: Set<UInt64> = []
    var destroyed = RecentIDs()
    /// So many records make it worth looking for those that matter no more.
    var crowd = 512
    var hasListed = false
    /// Whether the event stream was down since the last list (S26).
    var hasGap = false
    var memory: ContainerMemory
    /// Which containers were restarted because they were unwell.
    package internal(set) var healing: Healing
    let bootedAt: Timestamp?

    /// With what was known before a restart of the watchdog, and when the machine started.
    package init(
        _ options: ContainerOptions = ContainerOptions(),
        memory: ContainerMemory = ContainerMemory(),
        healing: Healing = Healing(),
        bootedAt: Timestamp? = nil
    ) {
        self.options = options
        self.memory = memory
        self.healing = healing
        self.healing.limits = options.healing
        self.bootedAt = bootedAt
    }

    /// The engine's time of the newest event: what a new stream should begin with.
    package internal(set) var newestEvent: Timestamp?

    /// How many containers are remembered one by one; the rest ended long ago.
    package var recordCount: Int { records.count }

    /// Takes new settings; what is excluded now is forgotten.
    package mutating func use(_ options: ContainerOptions) -> News {
        self.options = options
        healing.limits = options.healing
        var left: Set<Target> = []
        for record in records.values where !watches(record.identity) {
            records[record.identity.id] = nil
            left.insert(record.target)
        }
        left = left.filter { !records.isClaimed($0) }
        for target in left { histories[target] = nil }
        var news = readAllLabels()
        news.gone = left.sorted()
        return news
    }

    /// The stream has ended or cannot be opened.
    package mutating func engineLost(_ engine: Engine) -> News {
        hasGap = hasGap || hasListed
        healing.abandon()
        guard self.engine != engine else { return News() }
        self.engine = engine
        var news = News()
        if case .unreachable = engine { news.observations = [engineObservation] }
        return news
    }

    /// The stream ended, but the engine may still be there: what happens from now on may go unseen.
    package mutating func streamEnded() {
        hasGap = hasListed
        healing.abandon()
    }

    /// The engine answers again.
    package mutating func engineFound() -> News {
        guard engine != .reachable else { return News() }
        engine = .reachable
        var news = News()
        news.observations = [engineObservation]
        return news
    }

    func watches(_ container: ContainerIdentity) -> Bool {
        !(options.labelsCount && container.labels.isIgnored) && options.selection.contains(container)
    }

    /// Whether a container with this id is watched, or was until of late.
    package func knows(_ id: String) -> Bool {
        records[id] != nil || dormant.contains(Self.key(id)) || destroyed.contains(Self.key(id))
    }

    static func key(_ id: String) -> UInt64 {
        UInt64(id.prefix(16), radix: 16) ?? UInt64(truncatingIfNeeded: id.hashValue)
    }
}

/// What outlives a container: the story of its target.
struct TargetHistory: Sendable, Equatable {
    var lastDeath: Timestamp?
    var lastOOM: Timestamp?
    /// When it was last restarted because it was unwell.
    var lastHeal: Timestamp?
    /// Starts after an unrequested end.
    var restarts: [Timestamp] = []
    var endedUnrequested = false
    /// How the last of them ended, in words.
    var lastEnd: String?
    /// The present run's.
    var image: RunImage?
    /// The run's before, where it was another one.
    var formerImage: RunImage?
    var touched: Timestamp
    /// Shown with an occurrence count of zero after the container is gone.
    var labels: [String: String] = [:]

    mutating func addRestarts(_ count: Int, at now: Timestamp) {
        restarts += Array(repeating: now, count: min(count, 64))
        if restarts.count > 64 { restarts.removeFirst(restarts.count - 64) }
    }

    func restarts(within window: Duration, of now: Timestamp) -> Int {
        restarts.count { now.since($0) < window }
    }
}

/// What the journal knows of containers when the watchdog starts.
package struct ContainerMemory: Sendable, Equatable {
    /// When the check last completed a sweep: what ended since was running under our eyes.
    package var previousSweep: Timestamp?
    /// Targets whose `container_running` alert fires, with its state.
    package var running: [Target: String] = [:]
    /// Targets with an alert of any other measure, by the measure's name.
    package var others: [Target: Set<String>] = [:]
    /// Targets whose `container_restarts` alert fires, with the restarts counted.
    package var restarts: [Target: Int] = [:]
    /// Targets of which a death was told, and when: perhaps after the last sweep.
    package var deaths: [Target: Timestamp] = [:]

    package init() {}

    /// From the alerts of the `docker` check as the journal kept them.
    package init(previousSweep: Timestamp?, alerts: [Alert]) {
        self.previousSweep = previousSweep
        for alert in alerts
        where alert.firing != nil && alert.id.check.kind == DockerCheck.kind && alert.id.target != .engine {
            if alert.id.measure == Measure.containerRunning.name, let state = alert.stateName {
                running[alert.id.target] = state
            } else {
                others[alert.id.target, default: []].insert(alert.id.measure)
            }
            if alert.id.measure == Measure.containerRestarts.name, let count = alert.value, count > 0 {
                restarts[alert.id.target] = Int(min(count, 64))
            }
            if alert.id.measure == Measure.containerDeath.name {
                deaths[alert.id.target] = alert.lastOccurrenceToldAt ?? alert.firedAt
            }
        }
    }
}

/// The ids of containers that went of late: late and repeated events must not bring them back.
struct RecentIDs: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        var key: UInt64
        var serial: Int
    }

    private var entries: [Entry] = []

    /// Remembers `key`, which went with the event `serial` or before.
    mutating func insert(_ key: UInt64, at serial: Int) {
        entries.append(Entry(key: key, serial: serial))
        if entries.count > 256 { entries.removeFirst() }
    }

    func contains(_ key: UInt64) -> Bool { entries.contains { $0.key == key } }

    /// Whether `key` went after `mark`.
    func contains(_ key: UInt64, since mark: Int) -> Bool { entries.contains { $0.key == key && $0.serial > mark } }

    mutating func remove(_ key: UInt64) { entries.removeAll { $0.key == key } }
}
