import Alerting
import Basics
import DockerEngine

/// What the board remembers of one container.
struct ContainerRecord: Sendable, Equatable {
    var identity: ContainerIdentity {
        didSet { labels = Self.labels(of: identity, networkOf) }
    }
    var target: Target
    /// What an event says of it, made once: every sweep shows them several times.
    private(set) var labels: [String: String]
    var imageID: String?
    var phase: ContainerPhase
    /// The present run, or the last one; nil where none was ever seen.
    var run: ContainerRun?
    var health: ContainerHealth?
    var pid: Int32?
    var restartCount = 0
    var backOff = BackOff()
    var startError: String?
    /// Whether an inspect was seen: before, policy and the like are guesses.
    var isInspected = false
    /// Why the last inspect gave no answer; nil once one did.
    var inspectFailure: String?
    var policy = RestartPolicy.no
    var autoRemove = false
    var ownsNetwork = true
    /// The container whose network it lives in, as the engine names it.
    var networkParent: String?
    /// What that one's alerts are about, once it was seen.
    var networkOf: Target? {
        didSet { labels = Self.labels(of: identity, networkOf) }
    }
    var stopTimeout: Duration?
    /// Without a limit of its own, an OOM kill is told by its event or not at all.
    var hasMemoryLimit = true
    var hasTTY: Bool?
    /// A failed start that was there when the container was first seen is nobody's news.
    var excusedError: String?
    /// Whether an unhealthy state waits for the probe's output.
    var isHealthHeld = false
    /// Whether an event came that an inspect has not caught up with.
    var isStale = false
    /// Our clock when somebody changed its limits.
    var updatedAt: Timestamp?
    /// Whether the list's ages do not fit this clock.
    var agesMislead = false
    /// The board's serial of the last event: an answer that was asked for before is older than what is known.
    var touched = 0
    var doubt: Doubt?
    /// What its labels change, and what is wrong with them.
    var own = LabelReading()
    /// The labels of which `own` was made; nil while none were read.
    var labelsRead: [String: String]?

    /// An answer told of a beginning or an end that no event had told of: the event may be on its way.
    struct Doubt: Sendable, Equatable {
        var since: Timestamp
        /// The record's `touched` then.
        var touched: Int
    }

    init(_ identity: ContainerIdentity, phase: ContainerPhase) {
        self.identity = identity
        self.phase = phase
        target = Target(container: identity)
        labels = Self.labels(of: identity, nil)
    }

    /// A job by declaration; others turn out to be one by how they end (S22).
    var isDeclaredJob: Bool { autoRemove || identity.labels.isOneOff }

    /// Whether the run that ended was a job's (S22): a service is kept up, a job ends.
    func isJob(ranFor span: Duration?) -> Bool {
        if isDeclaredJob { return true }
        let labels = identity.labels
        guard policy == .no, labels.composeService == nil, labels.swarmTask == nil else { return false }
        return span.map { $0 < .seconds(600) } ?? true
    }

    /// Whether its health check may have said more than is known: the engine tells changes, and not what was printed.
    var lacksHealthOutput: Bool { health.map { $0.status != .unhealthy || $0.output == nil } ?? false }

    /// Whether something starts the container, or another in its place, after an unrequested end.
    func comesBack(afterExitCode exitCode: Int) -> Bool {
        identity.labels.swarmTask != nil || policy.restarts(exitCode: exitCode, after: restartCount)
    }

    mutating func rename(_ name: String) {
        identity.name = name
        retarget()
    }

    mutating func retarget() {
        target = Target(container: identity, isJob: isDeclaredJob)
    }

    private static func labels(of identity: ContainerIdentity, _ networkOf: Target?) -> [String: String] {
        var labels = ["container": identity.name]
        if !identity.image.isEmpty { labels["image"] = identity.image }
        labels["compose_project"] = identity.labels.composeProject
        labels["compose_service"] = identity.labels.composeService
        labels["network_of"] = networkOf?.name
        return labels
    }
}

/// One run of a container, from its start to its end.
struct ContainerRun: Sendable, Equatable {
    /// By the engine's clock; from a `start` event a little later than the inspect says.
    var startedAt: Timestamp?
    /// When the run before ended, by the engine's clock.
    var formerEnd: Timestamp?
    /// The last request to end: a `kill` event (S20).
    var killedAt: Timestamp?
    /// The signals sent in this run that may end it: the stop signal alone, or KILL as well.
    var sawStopSignal = false
    var sawKillSignal = false
    var oomAt: Timestamp?
    /// What the first inspect of the run said of OOMKilled: true then is left over from the run before.
    var beganOOMKilled: Bool?
    /// Whether its image was compared with that of the run before.
    var isImageNoted = false
    /// Our clock at an `oom` event that neither a death nor two seconds of survival has explained yet.
    var openOOM: Timestamp?
    /// Our clock when the last one was heard of, explained or not.
    var heardOOM: Timestamp?
    var end: ContainerEnd?

    init(startedAt: Timestamp? = nil, after formerEnd: Timestamp? = nil) {
        self.startedAt = startedAt
        self.formerEnd = formerEnd
    }

    func span(until end: Timestamp) -> Duration? {
        startedAt.map { max(.zero, end.since($0)) }
    }
}

/// How a run ended.
struct ContainerEnd: Sendable, Equatable {
    enum Verdict: Sendable, Equatable {
        /// Somebody asked for it: raises nothing.
        case requested
        /// A service that should run and does not.
        case crashed(Severity)
        /// A job that went wrong.
        case failed(Severity)
        /// A job, or a one-shot service, that did what it should.
        case finished
        /// It had ended before it was first seen (S21).
        case baseline
        /// Being looked into: an inspect will tell.
        case open
    }

    var at: Timestamp
    /// Whether `at` is a `die` event's: a repeated event has the very same moment.
    var isExact: Bool
    var exitCode: Int?
    var oom = false
    var ranFor: Duration?
    /// Whether the engine starts the container again by itself.
    var comesBack = false
    /// How long it waits until then, if that is known.
    var pause: Duration?
    var verdict: Verdict
    /// The last lines that it wrote, until they are told.
    var log: LogTail?
    /// Not judged before this moment: the engine has just come back (S26).
    var quietUntil: Timestamp?
}
