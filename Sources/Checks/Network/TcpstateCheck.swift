package import Alerting
import Basics
import Netlink
import Procfs
import Settings
import Synchronization

/// Fires when connections that their peers have closed pile up, when ended ones do, or when the ports for new ones run
/// out.
///
/// Reads: `<proc>/1/net/{sockstat,sockstat6,snmp}`; where Custos shares the host's network namespace netlink `sock_diag` by
/// state and `<proc>/sys/net/ipv4/{ip_local_port_range,ip_local_reserved_ports}`, elsewhere `<proc>/1/net/{tcp,tcp6}`.
/// Unknown when: process 1 is hidden, or only a container's own procfs is there.
/// Out of sight: the range of ports outside the host's network namespace, unless `port_range` is set.
package struct TcpstateCheck: Check {
    package static let kind = "tcpstate"
    package static let summary =
        "Connections are not closed by a program here, ended ones pile up, or ports for new ones run out."
    package typealias Settings = TcpstateSettings

    static let closeWait = Measure(
        name: "tcpstate_close_wait",
        unit: .none,
        summary: "Connections that the peer has closed and a program here has not (CLOSE_WAIT)."
    )
    static let timeWait = Measure(
        name: "tcpstate_time_wait",
        unit: .none,
        summary: "Ended connections that keep their ports for another minute (TIME_WAIT)."
    )
    static let ports = Measure(
        name: "tcpstate_ports_used_ratio",
        unit: .ratio,
        summary: "Share of the ephemeral ports that connections to one destination take; of the fullest destination."
    )
    static let inUse = Measure(
        name: "tcpstate_in_use",
        unit: .none,
        summary: "TCP sockets in any state but TIME_WAIT, listening ones included."
    )
    static let orphans = Measure(
        name: "tcpstate_orphans",
        unit: .none,
        summary: "TCP sockets of the whole machine that no program holds any more."
    )
    package static let measures = [closeWait, timeWait, ports, inUse, orphans]

    private let settings: Settings
    private let looks = TcpstateLooks()
    private let holders = SocketHolders()

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        func above(_ warning: Int?, _ critical: Int?) -> Rule.Shape {
            .above(warning: warning.map(Double.init), critical: critical.map(Double.init))
        }
        let closeWait = above(settings.closeWaitWarning, settings.closeWaitCritical)
        let timeWait = above(settings.timeWaitWarning, settings.timeWaitCritical)
        return [
            Rule(Self.closeWait, closeWait, holdFor: settings.statesFor),
            Rule(Self.timeWait, timeWait, holdFor: settings.statesFor),
            Rule(
                Self.ports,
                .above(warning: settings.portsWarning?.ratio, critical: settings.portsCritical?.ratio)
            ),
        ]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let host = world.host
        let (sockets, sockets6) = try looking { () throws(HostFileError) in
            (try host.socketStat(of: .host), try Self.socketStat6(host))
        }
        guard sockets.scope != .container else { throw .ownContainerOnly }
        let scope = Scope(sockets.scope)
        let bound = SocketBound(
            inUse: [.ipv4: sockets.tcpInUse, .ipv6: sockets6?.tcpInUse ?? 0],
            timeWait: sockets.tcpTimeWait
        )
        var observations = [
            Observation(Self.inUse, of: .host, .number(Double(bound.all)), scope: scope),
            Observation(Self.orphans, of: .host, .number(Double(sockets.tcpOrphans)), scope: scope),
        ]
        let ephemeral = EphemeralRange(host, settings)
        let plan = looks.plan(bound, ephemeral, settings, isCheap: host.asksKernel, at: world.time.uptime) {
            try? host.connectionsBegun(in: .host)
        }
        let census = try looking { () throws(HostFileError) in
            plan.question.isEmpty ? TCPCensus() : try host.tcpCensus(plan.question).value
        }
        observations.append(closeWait(census, plan, host, scope))
        observations.append(timeWait(census, bound, scope))
        observations.append(ports(census, plan, ephemeral, scope))
        looks.keep(observations, of: plan, bound, at: world.time.uptime)
        return observations
    }

    /// Nil where IPv6 is switched off.
    private static func socketStat6(_ host: Host) throws(HostFileError) -> HostReading<SocketStat6>? {
        do {
            return try host.socketStat6(of: .host)
        } catch .absent(_, nil) {
            return nil
        }
    }

    // MARK: - Observations

    private func closeWait(_ census: TCPCensus, _ plan: TcpstatePlan, _ host: Host, _ scope: Scope) -> Observation {
        if !plan.looksAtCloseWait, let earlier = looks.observation(Self.closeWait) { return earlier.repeated }
        let tally = census[.closeWait]
        var annotations = Self.services(tally)
        let least = [settings.closeWaitWarning, settings.closeWaitCritical].compactMap(\.self).min()
        if let least, tally.count > least {
            annotations["users"] = tally.users.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
                .map { "uid \($0.key): \($0.value)" }.joined(separator: ", ")
            annotations["processes"] = holders.text(of: Set(tally.inodes), host)
        }
        return Observation(
            Self.closeWait,
            of: .host,
            .number(Double(tally.count)),
            scope: scope,
            summary: "\(tally.count) connections were closed by their peers and are not by a program here",
            annotations: annotations
        )
    }

    private func timeWait(_ census: TCPCensus, _ bound: SocketBound, _ scope: Scope) -> Observation {
        Observation(
            Self.timeWait,
            of: .host,
            .number(Double(bound.timeWait)),
            scope: scope,
            summary: "\(bound.timeWait) ended connections keep their ports for another minute",
            annotations: Self.services(census[.timeWait])
        )
    }

    private func ports(
        _ census: TCPCensus,
        _ plan: TcpstatePlan,
        _ ephemeral: EphemeralRange,
        _ scope: Scope
    ) -> Observation {
        let (range, count): (ClosedRange<UInt16>, Int)
        switch ephemeral {
        case .known(let ports, let free): (range, count) = (ports, free)
        case .unknown(let because): return Observation(Self.ports, of: .host, .unknown(because: because), scope: scope)
        case .outOfSight(let because): return .outOfSight(Self.ports, of: .host, because: because)
        }
        if plan.question.localPorts == nil, let earlier = looks.observation(Self.ports) { return earlier.repeated }
        let fullest = census.fullest
        let taken = fullest?.count ?? 0
        var annotations = ["ports": "\(range.lowerBound)-\(range.upperBound)", "taken": "\(taken)", "of": "\(count)"]
        annotations["destination"] = fullest.map { "\($0.destination.remote)" }
        return Observation(
            Self.ports,
            of: .host,
            .number(Double(taken) / Double(max(1, count))),
            scope: scope,
            summary: "connections to one destination take \(taken) of \(count) ephemeral ports",
            annotations: annotations
        )
    }

    /// The ports that most of the sockets belong to.
    static func services(_ tally: TCPCensus.Tally) -> [String: String] {
        guard tally.count > 0 else { return [:] }
        let list = tally.largest(5).map { service, count in
            service.isLocal ? "\(service.port): \(count)" : "\(service.port) of the peer: \(count)"
        }
        return ["ports": list.joined(separator: ", ")]
    }
}

extension Observation {
    /// The same once more: nothing is judged anew.
    fileprivate var repeated: Observation {
        var copy = self
        copy.isRepeated = true
        return copy
    }
}
