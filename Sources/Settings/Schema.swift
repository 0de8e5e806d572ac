/// The settings of one thing, declared once: a value type with a default for each, and its schema.
package protocol SettingsGroup: Sendable {
    init()

    /// The fields; computed, so that nothing stays in memory after resolution.
    static var schema: Schema<Self> { get }

    /// What is wrong with the values together; each alone is right already.
    var faults: [Fault] { get }

    /// Keys that say the same in two ways: the one that is set nearer, or by the stronger source, counts alone.
    static var alternatives: [(String, String)] { get }
}

extension SettingsGroup {
    package var faults: [Fault] { [] }
    package static var alternatives: [(String, String)] { [] }
}

/// Values that do not go together, or one that must be set and is not.
package struct Fault: Hashable, Sendable {
    /// The dotted key to which the message belongs.
    package var key: String

    /// What is wrong and what to do, in one line without values that may be secret.
    package var message: String

    package init(_ key: String, _ message: String) {
        self.key = key
        self.message = message
    }
}

/// A group without settings: the common part of sections that have none.
package struct NoSettings: SettingsGroup {
    package init() {}
    package static var schema: Schema<Self> { Schema {} }
}

/// The fields of a group in the order declared; those of nested groups stand among them.
package struct Schema<Root: SettingsGroup> {
    let fields: [Field<Root>]

    package init(@SchemaBuilder<Root> _ fields: () -> [Field<Root>]) {
        self.fields = fields()
    }

    /// The fields' shapes with the defaults of `root`.
    func shapes(_ root: Root) -> [FieldShape] {
        fields.map { field in
            var shape = field.shape
            shape.defaultShown = field.shown(root)
            shape.defaultRaw = shape.isSecret && !shape.defaultShown.isEmpty ? .text("off") : field.raw(root)
            return shape
        }
    }
}

/// A group within a group, its keys below one key: `retry.attempts`.
package struct Group<Root: SettingsGroup> {
    let fields: [Field<Root>]

    package init<Inner: SettingsGroup>(_ key: String, _ path: WritableKeyPath<Root, Inner>) {
        fields = Inner.schema.fields.map { $0.within(key, path) }
    }
}

/// Lists `Field` and `Group` one per line.
@resultBuilder
package enum SchemaBuilder<Root: SettingsGroup> {
    package static func buildExpression(_ field: Field<Root>) -> [Field<Root>] { [field] }
    package static func buildExpression(_ group: Group<Root>) -> [Field<Root>] { group.fields }
    package static func buildBlock(_ parts: [Field<Root>]...) -> [Field<Root>] { parts.flatMap(\.self) }
}
