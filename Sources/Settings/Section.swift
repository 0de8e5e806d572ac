/// How often a section may occur.
package enum Instances: Sendable {
    /// Once: `cpu.warning`.
    case single

    /// Any number with names: `http.grafana.url`; a key directly below holds for all of them.
    case named

    /// One without a name and any number with names: `webhook.url`, `webhook.ops.url`.
    case both
}

/// One top-level key of the configuration and what stands below it.
package struct Section<Settings: SettingsGroup, Common: SettingsGroup>: AnySection {
    package let key: String
    package let summary: String
    package let instances: Instances
    package let isKind: Bool
    package let enabledByDefault: Bool
    private let commonDefault: Common

    /// A check or sink: its own settings beside those that all of them share.
    ///
    /// - Parameters:
    ///   - key: The kind's name.
    ///   - settings: Its own group.
    ///   - common: The group shared with others; the section `defaults` feeds it when it holds the same group.
    ///   - commonDefault: What the shared settings are for this kind unless somebody sets them.
    ///   - instances: How often it may occur.
    ///   - isKind: Whether `<key>: off` switches it off and each instance has `enabled`.
    ///   - enabledByDefault: Whether the instance without a name exists before anybody configures it.
    ///   - summary: One full sentence for the reference.
    package init(
        _ key: String,
        _ settings: Settings.Type,
        common: Common.Type,
        commonDefault: Common = Common(),
        instances: Instances = .single,
        isKind: Bool = true,
        enabledByDefault: Bool = true,
        summary: String
    ) {
        self.key = key
        self.summary = summary
        self.instances = instances
        self.isKind = isKind
        self.enabledByDefault = enabledByDefault
        self.commonDefault = commonDefault
    }

    package func shapes() -> [FieldShape] {
        var shapes = Settings.schema.shapes(Settings()) + Common.schema.shapes(commonDefault)
        if isKind, !shapes.contains(where: { $0.path == [Names.enabled] }) {
            let runs = Switch(isOn: enabledByDefault || instances != .single)
            shapes += Schema<Switch> { Field(Names.enabled, \.isOn, "Whether this instance runs.") }.shapes(runs)
        }
        return shapes
    }

    package var group: ObjectIdentifier { ObjectIdentifier(Settings.self) }
    package var commonGroup: ObjectIdentifier { ObjectIdentifier(Common.self) }
    package var commonKeys: Set<String> { Set(Common.schema.fields.map(\.shape.key)) }
    package var alternatives: [(String, String)] { Settings.alternatives + Common.alternatives }

    package func build(_ values: [String: RawSetting]) -> Built {
        var settings = Settings()
        var common = commonDefault
        let own = Settings.schema.fields
        let shared = Common.schema.fields
        for field in own { if let raw = values[field.shape.key] { field.assign(&settings, raw) } }
        for field in shared { if let raw = values[field.shape.key] { field.assign(&common, raw) } }
        return Built(
            settings: settings,
            common: common,
            faults: settings.faults + common.faults,
            values: own.map { Built.Value(key: $0.shape.key, text: $0.text(settings), shown: $0.shown(settings)) }
                + shared.map { Built.Value(key: $0.shape.key, text: $0.text(common), shown: $0.shown(common)) }
        )
    }
}

extension Section where Common == NoSettings {
    /// A section of its own, or a kind that shares nothing.
    package init(
        _ key: String,
        _ settings: Settings.Type,
        instances: Instances = .single,
        isKind: Bool = false,
        enabledByDefault: Bool = true,
        summary: String
    ) {
        self.init(
            key,
            settings,
            common: NoSettings.self,
            instances: instances,
            isKind: isKind,
            enabledByDefault: enabledByDefault,
            summary: summary
        )
    }

    /// The settings at the top of the file, beside the sections: `node`.
    package init(root settings: Settings.Type, summary: String) {
        self.init("", settings, summary: summary)
    }
}

/// The built-in key `enabled` of a kind that does not declare it.
private struct Switch: SettingsGroup {
    var isOn: Bool

    init() { self.init(isOn: true) }
    init(isOn: Bool) { self.isOn = isOn }

    static var schema: Schema<Self> { Schema {} }
}

/// A section whose groups' types are not known: what a list holds.
package protocol AnySection: Sendable {
    /// The top-level key; empty for the settings at the top.
    var key: String { get }
    var summary: String { get }
    var instances: Instances { get }

    /// Whether it is a check or a sink, which has a switch.
    var isKind: Bool { get }
    var enabledByDefault: Bool { get }

    /// The section's own group and the one shared with others.
    var group: ObjectIdentifier { get }
    var commonGroup: ObjectIdentifier { get }
    var commonKeys: Set<String> { get }

    /// Keys of which only one counts.
    var alternatives: [(String, String)] { get }

    /// All fields with their defaults: own, shared, and the switch.
    func shapes() -> [FieldShape]

    /// The groups with `values` (dotted key → checked raw value) in place of their defaults.
    func build(_ values: [String: RawSetting]) -> Built
}

/// What a section makes of its values.
package struct Built: Sendable {
    var settings: any SettingsGroup
    var common: any SettingsGroup
    var faults: [Fault]
    var values: [Value]

    /// One effective value.
    struct Value: Sendable {
        var key: String
        /// The whole text, secrets included: for comparing only.
        var text: String
        var shown: String
    }
}
