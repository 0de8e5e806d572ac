/// The resolved configuration: an immutable value.
package struct Resolution: Sendable {
    let sections: [String: [Resolved]]
    let catalogue: Catalogue

    /// The settings of a section that occurs once.
    package func value<Settings, Common>(of section: Section<Settings, Common>) -> Settings {
        sections[section.key]?.first?.built.settings as? Settings ?? Settings()
    }

    /// All instances of a section: the unnamed one first, then by name.
    package func instances<Settings, Common>(of section: Section<Settings, Common>) -> [Instance<Settings, Common>] {
        sections[section.key, default: []].compactMap { Instance($0) }
    }

    /// Where every instance of every section has this setting from, by the instance's id.
    package func origins(of key: String) -> [String: Origin] {
        var origins: [String: Origin] = [:]
        for resolved in sections.values.joined() {
            let path = "\(resolved.id).\(key)"
            origins[resolved.id] = resolved.effective.first { $0.path == path }?.origin
        }
        return origins
    }

    /// Every effective value in the order declared, with its origin and what it shadows.
    package var effective: [Effective] {
        catalogue.sections.flatMap { sections[$0.key, default: []].flatMap(\.effective) }
    }
}

/// The texts within hold secrets, so neither printing nor mirroring shows them.
extension Resolution: CustomStringConvertible, CustomReflectable {
    package var description: String { "Resolution of \(sections.count) sections" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// One configured use of a section.
package struct Instance<Settings: SettingsGroup, Common: SettingsGroup>: Sendable {
    /// Nil for the one without a name.
    package let name: String?

    /// `http.grafana`, or `disk` for the one without a name.
    package let id: String
    package let isEnabled: Bool
    package let settings: Settings
    package let common: Common

    /// Equal as long as nothing in effect changed; comparable within one process only, and reveals no value.
    package let fingerprint: String

    init?(_ resolved: Resolved) {
        guard let settings = resolved.built.settings as? Settings, let common = resolved.built.common as? Common else {
            return nil
        }
        name = resolved.name
        id = resolved.id
        isEnabled = resolved.isEnabled
        fingerprint = resolved.fingerprint
        self.settings = settings
        self.common = common
    }
}

/// One setting's value in effect.
package struct Effective: Hashable, Sendable {
    /// `http.grafana.url`.
    package let path: String

    /// The value for people; secrets are redacted.
    package let shown: String
    package let origin: Origin

    /// The weaker values, strongest first.
    package let shadows: [Shadow]

    /// A value that another one outranks.
    package struct Shadow: Hashable, Sendable {
        package let shown: String
        package let origin: Origin
    }
}

/// An instance whose types are not known.
struct Resolved: Sendable {
    var name: String?
    var section: String
    var isEnabled: Bool
    var built: Built
    var effective: [Effective]

    /// The values that are not defaults, and whether the command line set them.
    var chosen: [String: Chosen]

    struct Chosen: Sendable {
        var raw: RawSetting
        var fromCommandLine: Bool
    }

    var id: String { name.map { "\(section).\($0)" } ?? section }

    var fingerprint: String {
        // The hasher's seed differs in each process, so a secret cannot be guessed from the result.
        var hasher = Hasher()
        hasher.combine(isEnabled)
        for value in built.values {
            hasher.combine(value.key)
            hasher.combine(value.text)
        }
        return String(UInt64(bitPattern: Int64(hasher.finalize())), radix: 16)
    }
}
