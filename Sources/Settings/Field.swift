/// One setting of a group: its key, where it is stored, and what it does for the user.
///
/// Type and default come from the stored property.
package struct Field<Root: SettingsGroup> {
    var shape: FieldShape
    let assign: (inout Root, RawSetting) -> Void
    let text: (Root) -> String
    let shown: (Root) -> String
    let raw: (Root) -> RawSetting

    /// A setting without bounds.
    ///
    /// - Parameters:
    ///   - key: The snake_case key within the group.
    ///   - path: Where the value is stored.
    ///   - summary: One full sentence about the effect.
    ///   - fromLabels: Whether a container's label may set it.
    ///   - alsoFrom: Unprefixed environment names that set it too, weaker than ours.
    ///   - secret: Whether the value is never shown although its type is not.
    package init<Value: SettingValue>(
        _ key: String,
        _ path: WritableKeyPath<Root, Value>,
        _ summary: String,
        fromLabels: Bool = false,
        alsoFrom: [String] = [],
        secret: Bool = false
    ) {
        self.init(key, path, summary, nil, fromLabels, alsoFrom, secret)
    }

    /// A setting between two values, both included.
    package init<Value: SettingValue & Comparable>(
        _ key: String,
        _ path: WritableKeyPath<Root, Value>,
        _ summary: String,
        in range: ClosedRange<Value>,
        fromLabels: Bool = false,
        alsoFrom: [String] = []
    ) {
        self.init(key, path, summary, Bounds(range), fromLabels, alsoFrom, false)
    }

    /// A setting that has a least value.
    package init<Value: SettingValue & Comparable>(
        _ key: String,
        _ path: WritableKeyPath<Root, Value>,
        _ summary: String,
        in range: PartialRangeFrom<Value>,
        fromLabels: Bool = false,
        alsoFrom: [String] = []
    ) {
        self.init(key, path, summary, Bounds(range), fromLabels, alsoFrom, false)
    }

    /// A setting between two values that may be left out.
    package init<Wrapped: SettingValue & Comparable>(
        _ key: String,
        _ path: WritableKeyPath<Root, Wrapped?>,
        _ summary: String,
        in range: ClosedRange<Wrapped>,
        fromLabels: Bool = false,
        alsoFrom: [String] = []
    ) {
        self.init(key, path, summary, Bounds<Wrapped>(range).optional, fromLabels, alsoFrom, false)
    }

    /// A setting that has a least value and may be left out.
    package init<Wrapped: SettingValue & Comparable>(
        _ key: String,
        _ path: WritableKeyPath<Root, Wrapped?>,
        _ summary: String,
        in range: PartialRangeFrom<Wrapped>,
        fromLabels: Bool = false,
        alsoFrom: [String] = []
    ) {
        self.init(key, path, summary, Bounds<Wrapped>(range).optional, fromLabels, alsoFrom, false)
    }

    private init<Value: SettingValue>(
        _ key: String,
        _ path: WritableKeyPath<Root, Value>,
        _ summary: String,
        _ bounds: Bounds<Value>?,
        _ fromLabels: Bool,
        _ alsoFrom: [String],
        _ secret: Bool
    ) {
        let isSecret = secret || Value.isSecret
        let expectation = bounds?.expectation ?? Value.expectation
        shape = FieldShape(
            path: [key],
            summary: summary,
            type: Value.self,
            expectation: expectation,
            isSecret: isSecret,
            fromLabels: fromLabels && !isSecret && Value.acceptsLabel,
            alsoFrom: alsoFrom,
            check: { raw in
                do throws(Mismatch) {
                    let value = try Value.read(raw)
                    guard let bounds, !bounds.contains(value) else { return nil }
                    return Mismatch(expectation)
                } catch {
                    return bounds == nil ? error : Mismatch(expectation)
                }
            },
            show: { raw in
                guard let value = try? Value.read(raw) else { return nil }
                return isSecret ? Self.redacted(value) : value.shown
            }
        )
        assign = { root, raw in
            if let value = try? Value.read(raw) { root[keyPath: path] = value }
        }
        text = { $0[keyPath: path].settingText }
        shown = { isSecret ? Self.redacted($0[keyPath: path]) : $0[keyPath: path].shown }
        raw = { $0[keyPath: path].raw }
    }

    /// Tells whether there is a value, not what it is.
    private static func redacted(_ value: some SettingValue) -> String {
        switch value.raw {
        case .list([]), .map([]), .text(""), .text("off"): value.settingText
        default: "<redacted>"
        }
    }

    /// The same setting seen from the group that holds this one.
    func within<Outer: SettingsGroup>(_ key: String, _ path: WritableKeyPath<Outer, Root>) -> Field<Outer> {
        var outer = shape
        outer.path.insert(key, at: 0)
        return Field<Outer>(
            shape: outer,
            assign: { assign(&$0[keyPath: path], $1) },
            text: { text($0[keyPath: path]) },
            shown: { shown($0[keyPath: path]) },
            raw: { raw($0[keyPath: path]) }
        )
    }

    private init(
        shape: FieldShape,
        assign: @escaping (inout Root, RawSetting) -> Void,
        text: @escaping (Root) -> String,
        shown: @escaping (Root) -> String,
        raw: @escaping (Root) -> RawSetting
    ) {
        self.shape = shape
        self.assign = assign
        self.text = text
        self.shown = shown
        self.raw = raw
    }
}

/// The values a bounded field may have.
private struct Bounds<Value: Sendable>: Sendable {
    /// What a valid text looks like: "a whole number, from 1 to 10".
    let expectation: String
    let contains: @Sendable (Value) -> Bool
}

extension Bounds where Value: SettingValue & Comparable {
    init(_ range: ClosedRange<Value>) {
        expectation = "\(Value.expectation), from \(range.lowerBound.settingText) to \(range.upperBound.settingText)"
        contains = { range.contains($0) }
    }

    init(_ range: PartialRangeFrom<Value>) {
        expectation = "\(Value.expectation), at least \(range.lowerBound.settingText)"
        contains = { range.contains($0) }
    }

    /// Nil lies within any bounds.
    var optional: Bounds<Value?> {
        let inner = contains
        return Bounds<Value?>(expectation: "\(expectation), or off") { $0.map(inner) ?? true }
    }
}
