package import Alerting
import Basics
import Netlink
import Procfs
package import Settings

/// Fires when a program on the host accepts connections too slowly and the kernel drops them, or TCP runs out of
/// memory.
///
/// Reads: `<proc>/1/net/{netstat,sockstat,tcp,tcp6}`; where Custos shares the host's network namespace also
/// `<proc>/sys/net/ipv4/tcp_mem` and, in the place of `tcp` and `tcp6`, netlink `sock_diag`, which tells each listening
/// socket's limit and drops.
/// Unknown when: process 1 is hidden, or only a container's own procfs is there.
/// Out of sight: `tcp_mem` outside the host's network namespace; TCP's memory is then a measure that is not judged. With
/// pages larger than 4 KiB, on Linux 4.11 to 5.19, that measure, too (`<proc>/sys/kernel/osrelease` tells).
package struct SockstatCheck: Check {
    package static let kind = "sockstat"
    package static let summary =
        "A listening socket's queue overflows and connections are lost; TCP runs out of memory."

    package struct Settings: SettingsGroup {
        package var overflowWarning: Int? = 1
        package var overflowWithin: Duration = .seconds(300)
        package var overflowCritical: Double? = 10
        package var memoryWarning: Percent? = 65
        package var memoryCritical: Percent? = 90

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field(
                    "overflow_warning",
                    \.overflowWarning,
                    "Warns when listening sockets' queues overflowed this often within `overflow_within`.",
                    in: 1...1_000_000
                )
                Field(
                    "overflow_within",
                    \.overflowWithin,
                    "Remembers an overflow for this time.",
                    in: .seconds(1) ... .seconds(86400)
                )
                Field(
                    "overflow_critical",
                    \.overflowCritical,
                    "Alarms when queues overflow more often than this in a second.",
                    in: 0.001...1_000_000
                )
                Field(
                    "memory_warning",
                    \.memoryWarning,
                    "Warns when TCP's buffers take this share of their limit; from two thirds on they are shrunk.",
                    in: 1...100
                )
                Field(
                    "memory_critical",
                    \.memoryCritical,
                    "Alarms when TCP's buffers take this share of their limit.",
                    in: 1...100
                )
            }
        }
    }

    static let overflows = Measure(
        name: "sockstat_listen_overflows_total",
        unit: .total,
        summary: "Connections dropped because a listening socket's queue was full."
    )
    static let drops = Measure(
        name: "sockstat_listen_drops_total",
        unit: .total,
        summary: "Connections dropped by listening sockets, for any reason."
    )
    static let requestDrops = Measure(
        name: "sockstat_request_queue_full_drops_total",
        unit: .total,
        summary: "Connection requests dropped because the queue of half-open connections was full."
    )
    static let memory = Measure(name: "sockstat_tcp_memory_bytes", unit: .bytes, summary: "Memory of TCP's buffers.")
    static let memoryUsed = Measure(
        name: "sockstat_tcp_memory_ratio",
        unit: .ratio,
        summary: "Share of the limit that TCP's buffers take; only in the host's network namespace."
    )
    static let memoryPressures = Measure(
        name: "sockstat_tcp_memory_pressures_total",
        unit: .total,
        summary: "How often a socket on the host's network brought TCP under memory pressure."
    )
    package static let measures = [overflows, drops, requestDrops, memory, memoryUsed, memoryPressures]

    private let settings: Settings
    private let seen = ListenLosses()
    private let holders = SocketHolders()

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        let often = settings.overflowWarning.map { least in
            Rule(Self.overflows, .occurred(atLeast: least, within: settings.overflowWithin, .warning))
        }
        return [often].compactMap(\.self) + [
            Rule(Self.overflows, .rate(warning: nil, critical: settings.overflowCritical)),
            Rule(
                Self.memoryUsed,
                .above(warning: settings.memoryWarning?.ratio, critical: settings.memoryCritical?.ratio)
            ),
        ]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let host = world.host
        let counters = try looking { () throws(HostFileError) in try host.netStat(of: .host) }
        guard counters.scope != .container else { throw .ownContainerOnly }
        guard let overflows = counters.listenOverflows else {
            throw .notApplicable(because: "this kernel does not count listen overflows", remedy: nil)
        }
        let scope = Scope(counters.scope)
        var observations = [
            Observation(
                Self.overflows,
                of: .host,
                .number(Double(overflows)),
                scope: scope,
                annotations: listeners(host, overflows)
            )
        ]
        for (measure, count) in [
            (Self.drops, counters.listenDrops), (Self.requestDrops, counters.requestQueueFullDrops),
            (Self.memoryPressures, counters.memoryPressures),
        ] {
            guard let count else { continue }
            observations.append(Observation(measure, of: .host, .number(Double(count)), scope: scope))
        }
        return try observations + Self.memory(host)
    }

    /// Whose queues are full, after overflows: netlink tells each socket's limit and what it dropped since the last look,
    /// the files only how many wait.
    private func listeners(_ host: Host, _ overflows: UInt64) -> [String: String] {
        let hasGrown = seen.hasGrown(to: overflows)
        do {
            if let queues = try host.listenersWithLimits() {
                let losses = seen.losses(of: queues, isTelling: hasGrown)
                return hasGrown ? described(queues, losses, host) : [:]
            }
            return hasGrown ? described(try host.listenQueues(of: .host).value, [:], host) : [:]
        } catch {
            return hasGrown ? ["listening_ports": "unknown: \(error)"] : [:]
        }
    }

    /// The ports that lost connections, else those where some wait, the worst first.
    func described(
        _ queues: [ListenQueue],
        _ losses: [UInt64: UInt32],
        _ host: Host
    ) -> [String: String] {
        func lost(_ queue: ListenQueue) -> UInt32 { queue.inode.flatMap { losses[$0] } ?? 0 }
        let full = queues.filter { lost($0) > 0 || $0.isFull == true }
        let named = full.isEmpty ? queues.filter { $0.waiting > 0 } : full
        guard !named.isEmpty else { return [:] }
        let worst = named.sorted { (lost($1), $1.waiting, $0.port) < (lost($0), $0.waiting, $1.port) }.prefix(5)
        let list = worst.map { queue in
            let waiting = queue.limit.map { "\(queue.waiting) of \($0) waiting" } ?? "\(queue.waiting) waiting"
            let dropped = lost(queue) > 0 ? ", \(lost(queue)) dropped" : ""
            return "\(queue.port) (\(queue.family.rawValue)): \(waiting)\(dropped)"
        }
        var annotations = ["listening_ports": list.joined(separator: "; ")]
        annotations["processes"] = holders.text(of: Set(worst.compactMap(\.inode)), host)
        return annotations
    }

    /// Whether TCP's memory is told in pages, as its limits are.
    ///
    /// From Linux 4.11 to 5.19 the kernel counts in units of 4 KiB (`SK_MEM_QUANTUM`); distributions took the change back
    /// into kernels with older numbers, so that the unit cannot be known.
    static func countsMemoryInPages(_ host: Host, pageSize: UInt64) -> Bool {
        guard pageSize != 4096 else { return true }
        guard let release = try? host.kernelRelease() else { return false }
        return !release.isAtLeast(4, 11) || release.isAtLeast(6, 0)
    }

    private static func memory(_ host: Host) throws(CheckError) -> [Observation] {
        let (sockets, limits) = try looking { () throws(HostFileError) in
            (try host.socketStat(of: .host), try host.tcpMemory())
        }
        guard countsMemoryInPages(host, pageSize: Host.pageSize) else {
            let because = "before Linux 6.0 TCP's memory is not counted in pages where these are larger than 4 KiB"
            return [memory, memoryUsed].map { .outOfSight($0, of: .host, because: because) }
        }
        let pages = sockets.tcpMemoryPages
        let scope = Scope(sockets.scope)
        let memory = Observation(memory, of: .host, .number(Double(pages) * Double(Host.pageSize)), scope: scope)
        guard let limits, limits.high > 0 else {
            let because = "TCP's limits show only on the host's own network: use `network_mode: host` for that"
            return [memory, .outOfSight(memoryUsed, of: .host, because: because)]
        }
        let used = Observation(
            memoryUsed,
            of: .host,
            .number(Double(pages) / Double(limits.high)),
            scope: scope,
            annotations: ["pages": "\(pages)", "pressure_pages": "\(limits.pressure)", "limit_pages": "\(limits.high)"]
        )
        return [memory, used]
    }
}
