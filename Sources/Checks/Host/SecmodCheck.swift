package import Alerting
package import Basics
package import Procfs
package import Settings

/// Fires when SELinux or AppArmor is not in the state that it should be in, or was in.
///
/// Reads: `<sys>/fs/selinux/enforce`, also below the host's root; `<sys>/module/apparmor/parameters/enabled`.
/// Unknown when: SELinux is on and its files are not mounted for Custos, which is not the same as off.
package struct SecmodCheck: Check {
    package static let kind = "secmod"
    package static let summary = "SELinux or AppArmor is not in the state that it should be in, or was in."
    package static let runsByDefault = false

    /// Whether AppArmor is on.
    package enum AppArmorState: String, SettingChoice {
        case enabled, disabled
    }

    package struct Settings: SettingsGroup {
        package var selinux: SELinuxMode?
        package var selinuxSeverity = Severity.warning
        package var apparmor: AppArmorState?
        package var apparmorSeverity = Severity.warning

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("selinux", \.selinux, "What SELinux should do; unset, it must not become laxer than it was.")
                Field("selinux_severity", \.selinuxSeverity, "Tells with this severity what is wrong with SELinux.")
                Field("apparmor", \.apparmor, "Whether AppArmor should be on; unset, it must not be switched off.")
                Field("apparmor_severity", \.apparmorSeverity, "Tells with this severity what is wrong with AppArmor.")
            }
        }
    }

    static let selinux = Measure(name: "secmod_selinux_mode", unit: .none, summary: "What SELinux does.")
    static let apparmor = Measure(name: "secmod_apparmor_state", unit: .none, summary: "Whether AppArmor is on.")
    package static let measures = [selinux, apparmor]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        let modes = SELinuxMode.allCases.map(\.rawValue)
        let states = AppArmorState.allCases.map(\.rawValue)
        return Self.rules(Self.selinux, settings.selinux?.rawValue, of: modes, settings.selinuxSeverity)
            + Self.rules(Self.apparmor, settings.apparmor?.rawValue, of: states, settings.apparmorSeverity)
    }

    /// Any change is told as one (S13); what is wrong stays told for as long as it lasts.
    private static func rules(
        _ measure: Measure,
        _ wanted: String?,
        of states: [String],
        _ severity: Severity
    ) -> [Rule] {
        let others = states.filter { $0 != wanted ?? states.first }
        let bad = Dictionary(uniqueKeysWithValues: others.map { ($0, severity) })
        return [
            Rule(measure, .changed(severity)), Rule(measure, wanted == nil ? .became(bad: bad) : .state(bad: bad)),
        ]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        [
            Self.observation(Self.selinux, "selinux", "SELinux") { () throws(HostFileError) in
                try world.host.selinuxMode().rawValue
            },
            Self.observation(Self.apparmor, "apparmor", "AppArmor") { () throws(HostFileError) in
                (try world.host.isAppArmorEnabled() ? AppArmorState.enabled : .disabled).rawValue
            },
        ]
    }

    private static func observation(
        _ measure: Measure,
        _ name: String,
        _ title: String,
        _ look: () throws(HostFileError) -> String
    ) -> Observation {
        do throws(HostFileError) {
            let state = try look()
            return Observation(measure, of: Target(name), .state(state), summary: "\(title) is \(state)")
        } catch {
            let because = error.hint.map { "\(error); \($0)" } ?? "\(error)"
            return Observation(measure, of: Target(name), .unknown(because: because))
        }
    }
}

extension SELinuxMode: SettingChoice {}
