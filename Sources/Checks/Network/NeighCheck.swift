package import Alerting
import Basics
import Netlink
import Procfs
package import Settings

/// Fires when a neighbour table (ARP, IPv6 neighbour discovery) is nearly full, or was too full to take a neighbour.
///
/// Reads: netlink `RTM_GETNEIGHTBL`, which tells the whole machine's tables from any network namespace; where that is
/// forbidden, `<proc>/1/net/stat/{arp_cache,ndisc_cache}` and, where Custos shares the host's network namespace,
/// `<proc>/sys/net/{ipv4,ipv6}/neigh/default/gc_thresh3`.
/// Unknown when: neither can be read; the share also when netlink is forbidden in a network namespace of our own, since
/// those files carry no limit.
package struct NeighCheck: Check {
    package static let kind = "neigh"
    package static let summary = "A neighbour table (ARP, IPv6 neighbour discovery) is nearly full, or overflowed."

    package struct Settings: SettingsGroup {
        package var warning: Percent? = 75
        package var critical: Percent? = 90
        package var overflowWithin: Duration? = .seconds(600)

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("warning", \.warning, "Warns when this share of the table's hard limit is used.", in: 1...100)
                Field("critical", \.critical, "Alarms when this share of the table's hard limit is used.", in: 1...100)
                Field(
                    "overflow_within",
                    \.overflowWithin,
                    "Alarms while a neighbour found no place in the table within this time.",
                    in: .seconds(1) ... .seconds(86400)
                )
            }
        }
    }

    static let used = Measure(
        name: "neigh_used_ratio",
        unit: .ratio,
        summary: "Share of the table's hard limit (gc_thresh3) in use."
    )
    static let entries = Measure(name: "neigh_entries", unit: .none, summary: "Neighbours in the table.")
    static let tableFulls = Measure(
        name: "neigh_table_fulls_total",
        unit: .total,
        summary: "Neighbours that found no place in the table."
    )
    package static let measures = [used, entries, tableFulls]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        let overflows = settings.overflowWithin.map { span in
            Rule(Self.tableFulls, .occurred(atLeast: 1, within: span, .critical))
        }
        return [Rule(Self.used, .above(warning: settings.warning?.ratio, critical: settings.critical?.ratio))]
            + [overflows].compactMap(\.self)
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        do {
            return try world.host.neighbourTables().flatMap(Self.observations(of:))
        } catch {
            return try Self.fromFiles(world.host, because: error)
        }
    }

    static func observations(of table: NeighbourTable) -> [Observation] {
        let target = Target(table.family.rawValue)
        let limit = table.threshold3
        let annotations = [
            "table": table.name.safe(limit: 32), "entries": "\(table.entries)", "gc_thresh1": "\(table.threshold1)",
            "gc_thresh2": "\(table.threshold2)", "gc_thresh3": "\(limit)",
        ]
        var observations = [
            Observation(
                used,
                of: target,
                limit > 0 ? .number(Double(table.entries) / Double(limit)) : .unknown(because: "gc_thresh3 is 0"),
                summary: "the \(name(table.family)) neighbour table holds \(table.entries) of \(limit) entries",
                annotations: annotations
            ),
            Observation(entries, of: target, .number(Double(table.entries))),
        ]
        if let fulls = table.tableFulls {
            observations.append(
                Observation(tableFulls, of: target, .number(Double(fulls)), annotations: annotations)
            )
        }
        return observations
    }

    /// What the kernel's files tell: how many entries, and only on the host's network how many there may be.
    private static func fromFiles(
        _ host: Host,
        because netlink: HostFileError
    ) throws(CheckError) -> [Observation] {
        var observations: [Observation] = []
        for family in AddressFamily.allCases {
            let reading: HostReading<NeighbourCache>
            do {
                reading = try host.neighbourCache(family)
            } catch .absent(_, nil) where family == .ipv6 {
                // IPv6 is switched off.
                continue
            } catch {
                throw .degraded(because: "\(netlink); \(error)", remedy: error.hint ?? netlink.hint)
            }
            let target = Target(family.rawValue)
            let scope = Scope(reading.scope)
            let limit = try looking { () throws(HostFileError) in try host.neighbourLimit(family) }
            observations.append(share(of: reading.entries, limit, family, scope, because: netlink))
            observations.append(Observation(entries, of: target, .number(Double(reading.entries)), scope: scope))
            if let fulls = reading.tableFulls {
                observations.append(Observation(tableFulls, of: target, .number(Double(fulls)), scope: scope))
            }
        }
        return observations
    }

    private static func share(
        of entries: UInt64,
        _ limit: UInt64?,
        _ family: AddressFamily,
        _ scope: Scope,
        because netlink: HostFileError
    ) -> Observation {
        let target = Target(family.rawValue)
        guard let limit, limit > 0 else {
            let unknown = "only netlink tells the limit, and \(netlink)"
            return Observation(
                used,
                of: target,
                .unknown(because: limit == 0 ? "gc_thresh3 is 0" : unknown),
                scope: scope
            )
        }
        return Observation(
            used,
            of: target,
            .number(Double(entries) / Double(limit)),
            scope: scope,
            summary: "the \(name(family)) neighbour table holds \(entries) of \(limit) entries",
            annotations: ["entries": "\(entries)", "gc_thresh3": "\(limit)"]
        )
    }

    private static func name(_ family: AddressFamily) -> String {
        switch family {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        }
    }
}
