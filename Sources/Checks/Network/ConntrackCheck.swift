package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when the host's table of tracked connections is nearly full, or dropped something for being full.
///
/// Reads: `<proc>/1/net/stat/nf_conntrack`; `<proc>/sys/net/netfilter/nf_conntrack_max`, which every network namespace
/// shows alike; on a kernel without the former, and in the host's network namespace,
/// `<proc>/sys/net/netfilter/nf_conntrack_count`.
/// Unknown when: process 1 is hidden, or only a container's own procfs is there; outside the host's network also on such
/// a kernel. Not applicable without the kernel's module.
/// Out of sight: what was dropped, on such a kernel.
package struct ConntrackCheck: Check {
    package static let kind = "conntrack"
    package static let summary = "The table of tracked connections is nearly full, or something was dropped for it."

    package struct Settings: SettingsGroup {
        package var warning: Percent? = 75
        package var critical: Percent? = 90
        package var dropWithin: Duration? = .seconds(600)

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("warning", \.warning, "Warns when this share of the table is used.", in: 1...100)
                Field("critical", \.critical, "Alarms when this share of the table is used.", in: 1...100)
                Field(
                    "drop_within",
                    \.dropWithin,
                    "Warns while a packet or an entry was dropped within this time.",
                    in: .seconds(1) ... .seconds(86400)
                )
            }
        }
    }

    static let used = Measure(
        name: "conntrack_used_ratio",
        unit: .ratio,
        summary: "Share of the table of tracked connections in use."
    )
    static let entries = Measure(
        name: "conntrack_entries",
        unit: .none,
        summary: "Connections tracked in the host's network namespace."
    )
    static let drops = Measure(
        name: "conntrack_drops_total",
        unit: .total,
        summary: "Packets dropped because their connection found no place in the table."
    )
    static let earlyDrops = Measure(
        name: "conntrack_early_drops_total",
        unit: .total,
        summary: "Connections thrown out of the full table to make room."
    )
    static let failedInserts = Measure(
        name: "conntrack_failed_inserts_total",
        unit: .total,
        summary: "Connections that another entry for the same connection forestalled."
    )
    package static let measures = [used, entries, drops, earlyDrops, failedInserts]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        let drops = settings.dropWithin.map { span in
            [Self.drops, Self.earlyDrops].map { Rule($0, .occurred(atLeast: 1, within: span, .warning)) }
        }
        return [Rule(Self.used, .above(warning: settings.warning?.ratio, critical: settings.critical?.ratio))]
            + (drops ?? [])
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let table: HostReading<ConntrackStat>
        do {
            table = try world.host.conntrackStat()
        } catch .absent(_, nil) {
            return try Self.withoutStatistics(world.host)
        } catch {
            throw CheckError(error)
        }
        guard table.scope != .container else { throw .ownContainerOnly }
        let scope = Scope(table.scope)
        var observations = [Self.used(table.entries, world.host, scope)]
        for (measure, count) in [
            (Self.entries, table.entries), (Self.drops, table.drops), (Self.earlyDrops, table.earlyDrops),
            (Self.failedInserts, table.failedInserts),
        ] {
            observations.append(Observation(measure, of: .host, .number(Double(count)), scope: scope))
        }
        return observations
    }

    /// What a kernel shows that has no statistics: without `CONFIG_NF_CONNTRACK_PROCFS`, or without the module.
    private static func withoutStatistics(_ host: Host) throws(CheckError) -> [Observation] {
        do {
            _ = try host.conntrackLimit()
        } catch .absent(_, nil) {
            throw .notApplicable(because: "the kernel tracks no connections: nf_conntrack is not loaded", remedy: nil)
        } catch {
            // The module is there all the same, and how much it tracks is known.
        }
        guard host.scope(of: .host) != .container else { throw .ownContainerOnly }
        guard let table = try looking({ () throws(HostFileError) in try host.conntrackCount() }) else {
            throw .degraded(
                because: "without CONFIG_NF_CONNTRACK_PROCFS this kernel shows only the reader's own table",
                remedy: "run Custos on the host's network (network_mode: host)"
            )
        }
        let because = "without CONFIG_NF_CONNTRACK_PROCFS this kernel does not tell what its table drops"
        return [used(table.entries, host, .host), Observation(entries, of: .host, .number(Double(table.entries)))]
            + [drops, earlyDrops, failedInserts].map { .outOfSight($0, of: .host, because: because) }
    }

    private static func used(_ entries: UInt64, _ host: Host, _ scope: Scope) -> Observation {
        let maximum: UInt64
        do {
            maximum = try host.conntrackLimit().maximum
        } catch {
            return Observation(used, of: .host, .unknown(because: "the limit is unknown: \(error)"), scope: scope)
        }
        // 0 stands for no limit: the table is never full.
        let share = maximum > 0 ? Double(entries) / Double(maximum) : 0
        let limit = maximum > 0 ? "\(maximum)" : "unlimited"
        return Observation(
            used,
            of: .host,
            .number(share),
            scope: scope,
            summary: "\(entries) of \(limit) connections are tracked",
            annotations: ["entries": "\(entries)", "maximum": limit]
        )
    }
}
