import Alerting

/// What is measured of interfaces.
enum NetifMeasures {
    static let errorsRate = Measure(
        name: "netif_errors_per_second",
        unit: .perSecond,
        summary: "Packets that an interface damaged or lost in a second, both directions, on average over `rate_over`."
    )
    static let dropsRate = Measure(
        name: "netif_drops_per_second",
        unit: .perSecond,
        summary: "Packets left out in a second, for lack of room or of anybody who wanted them, on average."
    )
    static let errors = Measure(
        name: "netif_errors_total",
        unit: .total,
        summary: "Packets that an interface damaged or lost, both directions."
    )
    static let drops = Measure(
        name: "netif_drops_total",
        unit: .total,
        summary: "Packets left out, for lack of room or of anybody who wanted them, both directions."
    )
    static let received = Measure(
        name: "netif_received_bytes_total",
        unit: .total,
        summary: "Bytes received since it was made."
    )
    static let sent = Measure(
        name: "netif_sent_bytes_total",
        unit: .total,
        summary: "Bytes sent since it was made."
    )
    static let required = Measure(
        name: "netif_required_link",
        unit: .none,
        summary: "Whether packets can pass an interface that must be up."
    )
    static let link = Measure(name: "netif_link", unit: .none, summary: "Whether packets can pass an interface.")
    static let flaps = Measure(
        name: "netif_carrier_changes_total",
        unit: .total,
        summary: "How often an interface lost or found its carrier."
    )
    static let used = Measure(
        name: "netif_used_ratio",
        unit: .ratio,
        summary: "Share of an interface's speed in use, in the busier direction, on average over `rate_over`."
    )
    static let duplex = Measure(
        name: "netif_duplex",
        unit: .none,
        summary: "Whether both ends of a link may send at once: `full` or `half`."
    )
    static let members = Measure(
        name: "netif_bond_members_up",
        unit: .none,
        summary: "Members of a bond or team that carry its traffic."
    )
    static let all = [
        errorsRate, dropsRate, errors, drops, received, sent, required, link, flaps, used, duplex, members,
    ]
}
