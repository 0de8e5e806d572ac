import Alerting
import Basics
import DockerEngine

@testable import Checks

/// A board and a clock to play events on; times are seconds after the scene's beginning.
struct BoardScene {
    static let beginning = Timestamp(milliseconds: 1_700_000_000_000)
    static let web = String(repeating: "a1", count: 32)

    var board: ContainerBoard
    private(set) var told: [Observation] = []
    private(set) var gone: [Target] = []
    private(set) var wishes: [ContainerBoard.Wish] = []

    init(
        _ options: ContainerOptions = ContainerOptions(),
        memory: ContainerMemory = ContainerMemory(),
        bootedAt: Double? = nil
    ) {
        board = ContainerBoard(options, memory: memory, bootedAt: bootedAt.map(Self.at))
    }

    static func at(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: beginning.milliseconds + Int64((seconds * 1000).rounded()))
    }

    static func identity(
        _ name: String,
        id: String = web,
        image: String = "nginx:1",
        _ labels: [String: String] = [:]
    )
        -> ContainerIdentity
    {
        ContainerIdentity(id: id, name: name, image: image, labels: ContainerTraits(labels))
    }

    /// A compose service `shop/web/1`, running since ten minutes before the beginning.
    static func running(
        _ name: String = "web",
        id: String = web,
        policy: RestartPolicy = .no,
        labels: [String: String] = shop,
        startedAt: Double = -600
    ) -> ContainerDetail {
        var detail = ContainerDetail(identity(name, id: id, labels), phase: .running)
        detail.startedAt = at(startedAt)
        detail.pid = 4242
        detail.policy = policy
        detail.imageID = "sha256:1"
        return detail
    }

    static let shop = [
        "com.docker.compose.project": "shop", "com.docker.compose.service": "web",
        "com.docker.compose.container-number": "1",
    ]
    static let target = Target("shop/web/1")

    static func ended(_ running: ContainerDetail, _ exitCode: Int, at seconds: Double) -> ContainerDetail {
        var detail = running
        detail.phase = .exited
        detail.pid = nil
        detail.exitCode = exitCode
        detail.finishedAt = at(seconds)
        return detail
    }

    static func row(_ detail: ContainerDetail, status: String = "") -> ContainerSighting {
        ContainerSighting(detail.identity, phase: detail.phase, status: status)
    }

    mutating func take(_ news: ContainerBoard.News) {
        told += news.observations
        gone += news.gone
        wishes += news.inspect
    }

    /// A list in which every container is inspected.
    mutating func list(_ details: ContainerDetail..., at seconds: Double = 0) {
        list(details, at: seconds)
    }

    mutating func list(_ details: [ContainerDetail], at seconds: Double = 0) {
        let byID = Dictionary(details.map { ($0.identity.id, $0) }) { first, _ in first }
        let news = board.apply(
            list: details.map { Self.row($0) },
            details: byID,
            mark: board.serial,
            at: Self.at(seconds)
        )
        take(news)
        for wish in news.inspect where wish.delay == ContainerBoard.streamPatience {
            if let detail = byID[wish.id] { look(at: detail, at: seconds + 1) }
        }
    }

    /// Inspects, and once more a moment later where the board asks for it.
    mutating func inspect(_ detail: ContainerDetail, at seconds: Double) {
        let news = look(at: detail, at: seconds)
        if news.inspect.contains(where: { $0.delay == ContainerBoard.streamPatience }) {
            look(at: detail, at: seconds + 1)
        }
    }

    /// Inspects once.
    @discardableResult
    mutating func look(at detail: ContainerDetail, at seconds: Double) -> ContainerBoard.News {
        let news = board.apply(detail, mark: board.serial, at: Self.at(seconds))
        take(news)
        return news
    }

    mutating func event(
        _ action: ContainerEvent.Action,
        _ name: String = "web",
        id: String = web,
        labels: [String: String] = shop,
        at seconds: Double
    ) {
        let event = ContainerEvent(Self.identity(name, id: id, labels), action, at: Self.at(seconds))
        take(board.apply(event, at: Self.at(seconds)))
    }

    mutating func die(_ exitCode: Int, at seconds: Double) {
        event(.die(exitCode: exitCode, ranFor: nil), at: seconds)
    }

    mutating func settle(_ id: String? = nil, at seconds: Double) {
        take(board.settle(id, at: Self.at(seconds)))
    }

    mutating func forgetWhatWasTold() {
        told = []
        gone = []
        wishes = []
    }

    /// The deaths told so far.
    var deaths: [Observation] { told.filter { $0.measure == .containerDeath } }

    /// Each with its severity.
    var deathSeverities: [Severity?] {
        deaths.map { if case .occurrences(_, let severity) = $0.value { severity } else { nil } }
    }

    var ooms: [Observation] { told.filter { $0.measure == .containerOOM } }

    /// What a sweep says of one measure of one target.
    func value(_ measure: Measure, _ target: Target = target, at seconds: Double) -> Observation.Value? {
        observation(measure, target, at: seconds)?.value
    }

    func observation(_ measure: Measure, _ target: Target = target, at seconds: Double) -> Observation? {
        board.observations(at: Self.at(seconds)).first { $0.measure == measure && $0.target == target }
    }

    func running(_ target: Target = target, at seconds: Double) -> String? {
        if case .state(let state)? = value(.containerRunning, target, at: seconds) { state } else { nil }
    }
}
