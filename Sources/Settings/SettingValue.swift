package import Basics

/// A value as a source gave it, before anybody knows its type.
package indirect enum RawSetting: Hashable, Sendable {
    /// YAML's `null`, `~` or nothing at all.
    case null
    case text(String)
    case list([RawSetting])
    /// Pairs in the order written.
    case map([Pair])

    /// One key of a map and its value.
    package struct Pair: Hashable, Sendable {
        package var key: String
        package var value: RawSetting

        package init(_ key: String, _ value: RawSetting) {
            self.key = key
            self.value = value
        }
    }
}

/// Why a raw value is not a value of its type; never quotes it, since it may be a secret.
package struct Mismatch: Error, Hashable, Sendable {
    /// What would be right, completing "expected …".
    package var expected: String

    package init(_ expected: String) {
        self.expected = expected
    }
}

/// A type that a setting may have: one text form, one name, one JSON Schema.
package protocol SettingValue: Sendable {
    /// The type's name in the reference.
    static var typeName: String { get }

    /// What a valid text looks like, completing "expected …".
    static var expectation: String { get }

    /// What a number in the text counts, such as `%`; nil where there is nothing to count.
    static var unit: String? { get }

    /// The only texts that are valid, where there are few; empty where there are many.
    static var choices: [String] { get }

    /// What editors accept in the YAML file.
    static var jsonSchema: JSON { get }

    /// Whether the value must never be shown.
    static var isSecret: Bool { get }

    /// Whether `<key>_file` may name a file that holds the value.
    static var acceptsFile: Bool { get }

    /// Whether a container's label may ever set it, given the field allows labels at all.
    static var acceptsLabel: Bool { get }

    /// Reads the text form.
    init(setting text: String) throws(Mismatch)

    /// The text form, which `init(setting:)` reads back.
    var settingText: String { get }

    /// The value for people: secrets are redacted.
    var shown: String { get }

    /// The value as the YAML file would hold it.
    var raw: RawSetting { get }

    /// Reads what a source gave; scalars take text only.
    static func read(_ raw: RawSetting) throws(Mismatch) -> Self
}

extension SettingValue {
    package static var expectation: String { "a \(typeName)" }
    package static var unit: String? { nil }
    package static var choices: [String] { [] }
    package static var jsonSchema: JSON { ["type": "string"] }
    package static var isSecret: Bool { false }
    package static var acceptsFile: Bool { false }
    package static var acceptsLabel: Bool { true }
    package var shown: String { settingText }
    package var raw: RawSetting { .text(settingText) }

    package static func read(_ raw: RawSetting) throws(Mismatch) -> Self {
        guard case .text(let text) = raw else { throw Mismatch(expectation) }
        return try Self(setting: text)
    }
}
