package import Alerting
package import Basics
import Netlink
import Procfs
package import Settings

/// Fires when the host has another name, or on request other addresses, than before.
///
/// Reads: `<root>/etc/hostname`, else, outside a container, `<proc>/sys/kernel/hostname`; on request
/// `<proc>/1/net/{route,fib_trie,ipv6_route,if_inet6}`.
/// Unknown when: the host's root is not mounted, or process 1 is hidden. Not applicable on a host without `etc/hostname`.
package struct HostidentCheck: Check {
    package static let kind = "hostident"
    package static let summary = "The host has another name, or other addresses, than before."

    package struct Settings: SettingsGroup {
        package var name: Severity? = .warning
        package var addresses: Severity?

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("name", \.name, "Says with this severity that the host's name changed.")
                Field(
                    "addresses",
                    \.addresses,
                    "Says with this severity that the addresses on the interface of the default route changed."
                )
            }
        }
    }

    static let name = Measure(name: "hostident_name", unit: .none, summary: "The host's own name.")
    static let addresses = Measure(
        name: "hostident_addresses",
        unit: .none,
        summary: "The host's addresses on the interface of its default route."
    )
    package static let measures = [name, addresses]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        [
            settings.name.map { Rule(Self.name, .changed($0)) },
            settings.addresses.map { Rule(Self.addresses, .changed($0)) },
        ]
        .compactMap(\.self)
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let name = try looking { () throws(HostFileError) in try Self.name(of: world.host) }
        let observation = Observation(
            Self.name,
            of: .host,
            .state(name.keptAsBaseline),
            summary: "the host's name is \(name)"
        )
        return [observation]
            + (settings.addresses == nil ? [] : AddressFamily.allCases.map { Self.look($0, world.host) })
    }

    /// The file that its administrator wrote wins (S4); the kernel's answer counts only where it is the host's.
    private static func name(of host: Host) throws(HostFileError) -> String {
        do throws(HostFileError) {
            return try host.hostName().text
        } catch {
            guard case .absent = error, let name = try? host.kernelHostName() else { throw error }
            return name
        }
    }

    private static func look(_ family: AddressFamily, _ host: Host) -> Observation {
        let target = Target(family.rawValue)
        func unknown(_ because: String) -> Observation {
            Observation(addresses, of: target, .unknown(because: because))
        }
        do throws(HostFileError) {
            let found = try host.addresses(family)
            guard found.scope != .container else {
                return unknown("the host's network is not visible: \(CheckError.ownContainerOnly.remedy ?? "")")
            }
            let text = found.value.isEmpty ? "none" : found.value.joined(separator: " ")
            return Observation(addresses, of: target, .state(text.keptAsBaseline), scope: Scope(found.scope))
        } catch .absent(_, nil) {
            return Observation(addresses, of: target, .state("none"))
        } catch {
            return unknown(error.hint.map { "\(error); \($0)" } ?? "\(error)")
        }
    }
}
