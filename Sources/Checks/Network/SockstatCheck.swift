package import Alerting
import Basics
import Procfs
package import Settings
import Synchronization

/// Fires when a program on the host accepts connections too slowly and the kernel drops them, or TCP runs out of
/// memory.
///
/// Reads: `<proc>/1/net/{netstat,sockstat,tcp,tcp6}`; `<proc>/sys/net/ipv4/tcp_mem` where Custos shares the host's
/// network namespace (elsewhere the file does not exist, and TCP's memory is not judged).
/// Unknown when: process 1 is hidden, or only a container's own procfs is there.
package struct SockstatCheck: Check {
    package static let kind = "sockstat"
    package static let summary =
        "A listening socket's queue overflows and connections are lost; TCP runs out of memory."

    package struct Settings: SettingsGroup {
        package var overflowWithin: Duration = .seconds(300)
        package var overflowCritical: Double? = 10
        package var memoryWarning: Percent? = 65
        package var memoryCritical: Percent? = 90

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field(
                    "overflow_within",
                    \.overflowWithin,
                    "Warns while a listening socket's queue overflowed within this time.",
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
    package static let measures = [overflows, drops, requestDrops, memory, memoryUsed]

    private let settings: Settings
    private let seen = LastCount()

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        [
            Rule(Self.overflows, .occurred(atLeast: 1, within: settings.overflowWithin, .warning)),
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
                annotations: seen.hasGrown(to: overflows) ? Self.fullest(host) : [:]
            )
        ]
        for (measure, count) in [
            (Self.drops, counters.listenDrops), (Self.requestDrops, counters.requestQueueFullDrops),
        ] {
            guard let count else { continue }
            observations.append(Observation(measure, of: .host, .number(Double(count)), scope: scope))
        }
        return try observations + Self.memory(host)
    }

    /// The listening ports where most connections wait to be accepted; how many may wait is known to nobody outside.
    private static func fullest(_ host: Host) -> [String: String] {
        do {
            let waiting = try host.listenQueues(of: .host).value.filter { $0.waiting > 0 }
                .sorted { ($1.waiting, $0.port) < ($0.waiting, $1.port) }
            guard !waiting.isEmpty else { return [:] }
            let list = waiting.prefix(5).map { "\($0.port) (\($0.family.rawValue)): \($0.waiting) waiting" }
            return ["listening_ports": list.joined(separator: ", ")]
        } catch {
            return ["listening_ports": "unknown: \(error)"]
        }
    }

    private static func memory(_ host: Host) throws(CheckError) -> [Observation] {
        let (sockets, limits) = try looking { () throws(HostFileError) in
            (try host.socketStat(of: .host), try host.tcpMemory())
        }
        let pages = sockets.tcpMemoryPages
        let scope = Scope(sockets.scope)
        let memory = Observation(memory, of: .host, .number(Double(pages) * Double(Host.pageSize)), scope: scope)
        guard let limits, limits.high > 0 else { return [memory] }
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

/// The counter at the previous look: whose queues are full is asked only when it has grown, since the kernel takes
/// milliseconds to answer.
private final class LastCount: Sendable {
    private let count = Mutex<UInt64?>(nil)

    /// Whether the counter is greater than at the previous call; false at the first.
    func hasGrown(to present: UInt64) -> Bool {
        count.withLock { count in
            defer { count = present }
            return count.map { $0 < present } ?? false
        }
    }
}
