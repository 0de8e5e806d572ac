import Alerting
import Basics
import Netlink
import Procfs

/// What is known of one container's own network namespace from one look to the next (S27).
///
/// The kernel adds up what it dropped anew for each reader, which costs as much as all else in a look: a namespace without
/// a socket has dropped nothing since. Its table of connections costs milliseconds, and is walked where the cheap count
/// of sockets says that there may be too many in CLOSE_WAIT.
struct NetworkReading: Sendable {
    /// The namespace; 0 where it cannot be told, nil before the first look.
    private(set) var id: UInt64?
    private var overflows: Observation.Value?
    /// Whether there ever was a socket: without one there is nothing to tell.
    private var hasSockets = false
    private var walked: [ContainerFigure] = []
    private var walkedAt: Duration?
    /// Why not all could be read in the last look: then what is not among its figures is unknown.
    private(set) var failure: String?
    /// Whether the table is to be walked as soon as others leave time for it.
    private(set) var wantsWalk = false

    mutating func identify(_ run: ContainerBoard.Running, _ host: Host) -> UInt64 {
        if let id { return id }
        let found = host.networkID(of: .process(run.pid)) ?? 0
        id = found
        return found
    }

    /// `every` is how long what was read is good for far from its level, and about half of it near it; `walks` is how many
    /// tables may be walked in this sweep.
    mutating func look(
        at run: ContainerBoard.Running,
        _ host: Host,
        levels: ContainerLevels,
        every: Duration,
        walks: inout Int,
        uptime: Duration
    ) -> [ContainerFigure] {
        let sockets = sockets(of: run, host)
        if sockets?.all != 0 || overflows == nil { overflows = Self.overflows(run, host) }
        var figures = [ContainerFigure(.containerListenOverflows, overflows ?? .number(0))]
        guard let sockets else { return figures }
        hasSockets = hasSockets || sockets.all > 0 || sockets.timeWait > 0
        guard hasSockets else { return figures }
        figures.append(ContainerFigure(.containerSockets, Double(sockets.all)))
        figures.append(
            ContainerFigure(.containerTimeWait, Double(sockets.timeWait)).told(
                near: levels,
                "\(sockets.timeWait) ended connections of container \(run.name) keep their ports for another minute",
                [:]
            )
        )
        walk(run, host, sockets, levels, every, &walks, uptime)
        figures += walked
        walked = walked.map(\.kept)
        return figures
    }

    private mutating func sockets(of run: ContainerBoard.Running, _ host: Host) -> SocketCount? {
        do throws(HostFileError) {
            failure = nil
            return try host.socketCount(of: run.pid)
        } catch {
            failure = "\(error)".safe(limit: 300)
            return nil
        }
    }

    private static func overflows(_ run: ContainerBoard.Running, _ host: Host) -> Observation.Value {
        do throws(HostFileError) {
            let count = try host.listenOverflows(of: run.pid)
            return count.map { .number(Double($0)) } ?? .unknown(because: "the kernel does not count overflows")
        } catch {
            return .unknown(because: "\(error)".safe(limit: 300))
        }
    }

    private mutating func walk(
        _ run: ContainerBoard.Running,
        _ host: Host,
        _ sockets: SocketCount,
        _ levels: ContainerLevels,
        _ every: Duration,
        _ walks: inout Int,
        _ uptime: Duration
    ) {
        let least = levels.least(.containerCloseWait) ?? .infinity
        // What was above its level once, or could not be read, is looked at until it is below.
        let isNear = walked.contains { $0.isUnknown || levels.isNear($0.measure, $0.value) }
        wantsWalk = Double(sockets.all) > least || isNear
        guard wantsWalk else {
            // What was counted before was far from its level, and is far from the truth by now.
            walked = []
            return
        }
        if let walkedAt, uptime - walkedAt < every * (isNear ? 0.45 : 0.95) {
            wantsWalk = false
            return
        }
        guard walks > 0 else { return }
        walks -= 1
        wantsWalk = false
        walkedAt = uptime
        let families = Set(sockets.inUse.filter { $0.value > 0 }.keys)
        let census: TCPCensus
        do throws(HostFileError) {
            census = try host.connections(of: run.pid, over: families)
        } catch {
            // What was counted before is not true now.
            let unknown = Observation.Value.unknown(because: "\(error)".safe(limit: 300))
            walked = [.containerCloseWait, .containerEstablished].map { ContainerFigure($0, unknown) }
            return
        }
        let (open, left) = (census[.established].count, census[.closeWait])
        walked = [
            ContainerFigure(.containerCloseWait, Double(left.count)).told(
                near: levels,
                "\(left.count) connections of container \(run.name) were closed by their peers and are not by it",
                TcpstateCheck.services(left)
            ), ContainerFigure(.containerEstablished, Double(open)),
        ]
    }
}
