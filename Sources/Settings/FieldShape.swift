package import Basics

/// One declared setting without the types of its group and value: what matching and the reference need.
package struct FieldShape: Sendable {
    /// Keys from the section down: `["retry", "attempts"]`.
    package internal(set) var path: [String]
    package let summary: String
    let type: any SettingValue.Type

    /// What a valid text looks like, bounds included.
    package let expectation: String

    /// Whether the value must never be shown.
    package let isSecret: Bool

    /// Whether a container's label may set it.
    package let fromLabels: Bool

    /// Unprefixed environment names that users already set, weaker than ours.
    package let alsoFrom: [String]

    /// The default for people, and as YAML.
    package internal(set) var defaultShown = ""
    package internal(set) var defaultRaw = RawSetting.null

    /// Why the value is not one of this field's type and bounds; nil when it is.
    let check: @Sendable (RawSetting) -> Mismatch?

    /// The value for people, or nil when it is not one.
    let show: @Sendable (RawSetting) -> String?

    package var typeName: String { type.typeName }

    /// What a number in the value counts; nil where there is nothing to count.
    package var unit: String? { type.unit }

    /// The only valid texts, where they are few.
    package var choices: [String] { type.choices }
    package var jsonSchema: JSON { type.jsonSchema }

    /// Whether `<key>_file` is a key too.
    package var acceptsFile: Bool { type.acceptsFile }

    /// The path with dots between.
    package var key: String { path.joined(separator: ".") }
}
