import Alerting
import Basics
import Procfs

/// What was read of one run of one container, and is repeated until the next look.
struct RunReading: Sendable {
    /// What all looks of one sweep share.
    struct Round: Sendable {
        let host: Host
        let now: Timestamp
        let uptime: Duration
        /// How long what is far from its level is good for.
        let every: Duration
        let showsGroups: Bool
        /// Whether the engine's processes are this machine's, whatever their control groups say.
        let onSocket: Bool
        /// How many tables of connections may still be walked.
        var walks: Int
        /// The network namespaces that somebody has spoken for: containers that share one are not counted twice.
        var networks: Set<UInt64>
    }

    private let id: String
    private let startedAt: Timestamp?
    private(set) var target: Target
    private(set) var at: Duration
    /// Our clock at the same moment.
    private var moment: Timestamp
    /// When its limits were changed last, as far as they were read.
    private var updatedAt: Timestamp?
    private var isNear = false
    private var group = GroupReading()
    private var network = NetworkReading()
    private var groupFigures: [ContainerFigure] = []
    private var networkFigures: [ContainerFigure] = []

    init(_ run: ContainerBoard.Running, at now: Timestamp, _ uptime: Duration) {
        id = run.id
        startedAt = run.startedAt
        target = run.target
        at = uptime
        moment = now
    }

    func isOf(_ run: ContainerBoard.Running) -> Bool { id == run.id && startedAt == run.startedAt }

    /// Whether it is looked at now, however short the last look was ago.
    func isPressing(_ run: ContainerBoard.Running) -> Bool { isNear || updatedAt != run.updatedAt }

    var hasGroup: Bool { group.isFound }

    var figures: [ContainerFigure] { groupFigures + networkFigures }

    mutating func look(
        at run: ContainerBoard.Running,
        isDue: Bool,
        _ levels: ContainerLevels,
        _ round: inout Round,
        _ look: inout ContainerReadings.Look
    ) {
        target = run.target
        var wantsNext = false
        if isDue, round.showsGroups {
            let found = group.look(
                at: run,
                round.host,
                levels: levels,
                readsLimits: isPressing(run),
                uptime: round.uptime
            )
            groupFigures = Self.whole(found.figures, before: groupFigures, found.failure)
            wantsNext = found.wantsNext
            if found.kills > 0 {
                look.kills.append(.init(id: id, startedAt: startedAt, since: moment, count: found.kills))
            }
        }
        if run.ownsNetwork, round.onSocket || hasGroup { lookAtNetwork(of: run, isDue: isDue, levels, &round) }
        for figure in groupFigures { look.observations.append(figure.observation(of: run)) }
        for figure in networkFigures { look.observations.append(figure.observation(of: run)) }
        guard isDue else { return }
        (at, moment, updatedAt) = (round.uptime, round.now, run.updatedAt)
        isNear = wantsNext || network.wantsWalk || figures.contains { levels.isNear($0.measure, $0.value) }
        groupFigures = groupFigures.map(\.kept)
        networkFigures = networkFigures.map(\.kept)
    }

    private mutating func lookAtNetwork(
        of run: ContainerBoard.Running,
        isDue: Bool,
        _ levels: ContainerLevels,
        _ round: inout Round
    ) {
        let id = network.identify(run, round.host)
        if id != 0, !round.networks.insert(id).inserted {
            networkFigures = []
        } else if isDue {
            let figures = network.look(
                at: run,
                round.host,
                levels: levels,
                every: round.every,
                walks: &round.walks,
                uptime: round.uptime
            )
            networkFigures = Self.whole(figures, before: networkFigures, network.failure)
        }
    }

    /// With what was told before and could not be read now, as unknown: nothing is over because a file cannot be read.
    private static func whole(
        _ figures: [ContainerFigure],
        before: [ContainerFigure],
        _ failure: String?
    ) -> [ContainerFigure] {
        guard let failure else { return figures }
        let missing = before.filter { old in !figures.contains { $0.measure == old.measure } }
        return figures + missing.map { ContainerFigure($0.measure, .unknown(because: failure)) }
    }
}
