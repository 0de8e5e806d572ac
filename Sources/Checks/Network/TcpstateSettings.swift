import Basics
package import Settings

/// When sockets that wait to be closed, or ports that are taken, are too many.
package struct TcpstateSettings: SettingsGroup {
    package var closeWaitWarning: Int? = 100
    package var closeWaitCritical: Int? = 1000
    package var timeWaitWarning: Int? = 5000
    package var timeWaitCritical: Int? = 20000
    package var statesFor: Duration = .seconds(120)
    package var portsWarning: Percent? = 80
    package var portsCritical: Percent? = 90
    package var portRange: PortRange?

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "close_wait_warning",
                \.closeWaitWarning,
                "Warns when more connections than this were closed by their peers and are not by a program here.",
                in: 1...10_000_000
            )
            Field(
                "close_wait_critical",
                \.closeWaitCritical,
                "Alarms when more connections than this wait to be closed by a program here.",
                in: 1...10_000_000
            )
            Field(
                "time_wait_warning",
                \.timeWaitWarning,
                "Warns when more ended connections than this keep their ports for another minute.",
                in: 1...10_000_000
            )
            Field(
                "time_wait_critical",
                \.timeWaitCritical,
                "Alarms when more ended connections than this keep their ports for another minute.",
                in: 1...10_000_000
            )
            Field(
                "states_for",
                \.statesFor,
                "Fires only when there have been too many for this long.",
                in: .zero ... .seconds(86400)
            )
            Field(
                "ports_warning",
                \.portsWarning,
                "Warns when connections to one destination take this share of the ephemeral ports.",
                in: 1...100
            )
            Field(
                "ports_critical",
                \.portsCritical,
                "Alarms when connections to one destination take this share of the ephemeral ports.",
                in: 1...100
            )
            Field(
                "port_range",
                \.portRange,
                "Takes these for the host's ephemeral ports where Custos cannot read them: in a network of its own."
            )
        }
    }
}
