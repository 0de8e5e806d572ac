package import Basics
package import Settings

/// Which interfaces are watched, and how much may go wrong on them.
package struct NetifSettings: SettingsGroup {
    package var up: [String] = []
    package var upSeverity = Severity.critical
    package var include: [Glob] = []
    package var exclude = Self.virtual
    package var errorsWarning: Double? = 0.1
    package var errorsCritical: Double? = 10
    package var dropsWarning: Double?
    package var dropsCritical: Double?
    package var rateOver: Duration = .seconds(300)
    package var flapsWarning: Int? = 10
    package var flapsWithin: Duration = .seconds(600)
    package var usedWarning: Percent?
    package var usedCritical: Percent?
    package var halfDuplex: Severity? = .warning
    package var bondWarning = true
    package var bondMembers: [String: Int] = [:]

    package init() {}

    /// By name, for where nothing else tells what an interface is.
    private static let virtual = [
        "lo", "docker*", "veth*", "br-*", "virbr*", "vnet*", "podman*", "cni*", "cali*", "cilium*", "lxc*", "flannel*",
        "weave*", "kube-*", "nodelocaldns", "tunl*", "tap*", "tun*", "dummy*", "ifb*", "sit*", "ip6tnl*", "gre*",
        "wg*", "tailscale*", "zt*",
    ].compactMap { Glob($0) }

    package static var schema: Schema<Self> {
        Schema {
            Field("up", \.up, "Fires when one of these interfaces is not up, or not there.")
            Field("up_severity", \.upSeverity, "Says with this severity that an interface of `up` is not up.")
            Field(
                "include",
                \.include,
                "Watches only interfaces with these names, virtual ones too; all when empty, but for those that a named instance includes."
            )
            Field(
                "exclude",
                \.exclude,
                "Leaves out interfaces with these names; the usual virtual ones only while `include` is empty."
            )
            Field(
                "errors_warning",
                \.errorsWarning,
                "Warns when packets are damaged or lost by an interface more often than this in a second.",
                in: 0.0001...1_000_000
            )
            Field(
                "errors_critical",
                \.errorsCritical,
                "Alarms when packets are damaged or lost by an interface more often than this in a second.",
                in: 0.0001...1_000_000
            )
            Field(
                "drops_warning",
                \.dropsWarning,
                "Warns when packets are left out more often than this in a second.",
                in: 0.0001...10_000_000
            )
            Field(
                "drops_critical",
                \.dropsCritical,
                "Alarms when packets are left out more often than this in a second.",
                in: 0.0001...10_000_000
            )
            Field(
                "rate_over",
                \.rateOver,
                "Averages errors, drops and traffic over this time, so that a short burst neither hides nor flaps.",
                in: .seconds(1) ... .seconds(86400)
            )
            Field(
                "flaps_warning",
                \.flapsWarning,
                "Warns when an interface lost or found its carrier this often within `flaps_within`.",
                in: 1...1_000_000
            )
            Field(
                "flaps_within",
                \.flapsWithin,
                "Remembers a lost or found carrier for this time.",
                in: .seconds(1) ... .seconds(86400)
            )
            Field(
                "used_warning",
                \.usedWarning,
                "Warns when this share of an interface's speed is used in one direction.",
                in: 1...100
            )
            Field(
                "used_critical",
                \.usedCritical,
                "Alarms when this share of an interface's speed is used in one direction.",
                in: 1...100
            )
            Field(
                "half_duplex",
                \.halfDuplex,
                "Says with this severity that the two ends of a link did not agree to send at once."
            )
            Field("bond_warning", \.bondWarning, "Warns when a member of a bond or team is lost, alarms at the last.")
            Field(
                "bond_members",
                \.bondMembers,
                "Expects so many members of these bonds, instead of the most that were ever seen."
            )
        }
    }

    /// Whether an interface is watched for what goes wrong on it, as far as its name tells.
    func covers(_ name: String) -> Bool {
        guard include.isEmpty || include.contains(where: { $0.matches(name) }) else { return false }
        return !(include.isEmpty || exclude != Self.virtual) || !exclude.contains { $0.matches(name) }
    }
}
