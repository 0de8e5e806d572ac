/// What there is to say about a key that somebody asks for.
package enum Explanation: Sendable {
    case setting(ExplainedSetting)
    case section(ExplainedSection)
    /// A container's label that is not a setting.
    case label(PlainLabel)
    /// No such key; the nearest ones, spelled as it was asked for.
    case unknown(similar: [String])
}

/// One setting: its value, how it came about, and its declaration.
package struct ExplainedSetting: Sendable {
    /// `webhook.ops.url`.
    package let path: String
    package let shape: FieldShape

    /// The value, its origin and what it shadows; nil when no such instance is configured.
    package let value: Effective?

    /// The names of the section's instances.
    package let instances: [String]

    /// `CUSTOS_WEBHOOK__OPS__URL`.
    package let variable: String

    /// The label that sets it for the container that carries it; nil when none may.
    package let label: String?

    /// What the sources say wrong about it.
    package let problems: [Problem]

    /// The variable that names a file holding the value, and the key that does; nil when the value cannot come from one.
    package var fileSpellings: (variable: String, path: String)? {
        shape.acceptsFile ? (variable + Names.fileSuffix.uppercased(), path + Names.fileSuffix) : nil
    }
}

/// A section, an instance or a group of settings.
package struct ExplainedSection: Sendable {
    package let path: String

    /// The section's sentence.
    package let summary: String

    /// What stands below, in the order declared.
    package let settings: [Effective]

    /// False where nobody configured an instance: then the values are what it would begin with.
    package let isConfigured: Bool
}
