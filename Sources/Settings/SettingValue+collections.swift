package import Basics

/// "Leaving one out turns it off": nothing, `off`, `none` and `null` are nil.
extension Optional: SettingValue where Wrapped: SettingValue {
    package static var typeName: String { Wrapped.typeName }
    package static var expectation: String { "\(Wrapped.expectation), or off" }
    package static var jsonSchema: JSON {
        ["anyOf": [Wrapped.jsonSchema, ["enum": ["off", "none", "null", false, nil]]]]
    }
    package static var unit: String? { Wrapped.unit }
    package static var choices: [String] { Wrapped.choices.isEmpty ? [] : Wrapped.choices + ["off"] }
    package static var isSecret: Bool { Wrapped.isSecret }
    package static var acceptsFile: Bool { Wrapped.acceptsFile }
    package static var acceptsLabel: Bool { Wrapped.acceptsLabel }
    package var settingText: String { self?.settingText ?? "off" }
    package var shown: String { self?.shown ?? "off" }
    package var raw: RawSetting { self?.raw ?? .text("off") }

    package init(setting text: String) throws(Mismatch) {
        self = try Self.read(.text(text))
    }

    package static func read(_ raw: RawSetting) throws(Mismatch) -> Wrapped? {
        switch raw {
        case .null: return nil
        case .text(let text) where ["none", "null"].contains(text.lowercased()): return nil
        // An optional boolean keeps `off` as its own false.
        case .text(let text) where text.lowercased() == "off" && Wrapped.self != Bool.self: return nil
        default: break
        }
        do throws(Mismatch) {
            return try Wrapped.read(raw)
        } catch {
            throw Mismatch("\(error.expected), or off")
        }
    }
}

/// A YAML list, or text with commas between; `\,` is a comma within an element.
extension Array: SettingValue where Element: SettingValue {
    package static var typeName: String { "list of \(Element.typeName)" }
    package static var expectation: String { "a list, each \(Element.expectation)" }
    package static var jsonSchema: JSON {
        ["anyOf": [["type": "array", "items": Element.jsonSchema], ["type": "string"]]]
    }
    package static var unit: String? { Element.unit }
    package static var choices: [String] { Element.choices }
    package static var isSecret: Bool { Element.isSecret }
    package static var acceptsFile: Bool { Element.acceptsFile }
    package static var acceptsLabel: Bool { Element.acceptsLabel }
    package var settingText: String { map { $0.settingText.escapingCommas }.joined(separator: ",") }
    package var shown: String { map(\.shown).joined(separator: ",") }
    package var raw: RawSetting { .list(map(\.raw)) }

    package init(setting text: String) throws(Mismatch) {
        self = []
        for part in text.splitAtCommas { append(try Element(setting: part)) }
    }

    package static func read(_ raw: RawSetting) throws(Mismatch) -> [Element] {
        switch raw {
        case .null, .map: throw Mismatch(expectation)
        case .text(let text): return try Self(setting: text)
        case .list(let items):
            var result: [Element] = []
            for item in items { result.append(try Element.read(item)) }
            return result
        }
    }
}

/// A YAML map, or text such as `key=value,other=value`.
extension Dictionary: SettingValue where Key == String, Value: SettingValue {
    package static var typeName: String { "map of \(Value.typeName)" }
    package static var expectation: String { "a map, or key=value,key=value, each value \(Value.expectation)" }
    package static var jsonSchema: JSON {
        ["anyOf": [["type": "object", "additionalProperties": Value.jsonSchema], ["type": "string"]]]
    }
    package static var unit: String? { Value.unit }
    package static var isSecret: Bool { Value.isSecret }
    package static var acceptsFile: Bool { Value.acceptsFile }
    package static var acceptsLabel: Bool { Value.acceptsLabel }
    private var sortedPairs: [(key: String, value: Value)] { sorted { $0.key < $1.key } }
    package var settingText: String {
        sortedPairs.map { "\($0.key)=\($0.value.settingText.escapingCommas)" }.joined(separator: ",")
    }
    package var shown: String { sortedPairs.map { "\($0.key)=\($0.value.shown)" }.joined(separator: ",") }
    package var raw: RawSetting { .map(sortedPairs.map { RawSetting.Pair($0.key, $0.value.raw) }) }

    package init(setting text: String) throws(Mismatch) {
        self = [:]
        for part in text.splitAtCommas {
            guard let equals = part.firstIndex(of: "=") else { throw Mismatch(Self.expectation) }
            let value = String(part[part.index(after: equals)...]).trimmed
            try insert(String(part[..<equals]).trimmed, try Value(setting: value))
        }
    }

    package static func read(_ raw: RawSetting) throws(Mismatch) -> [String: Value] {
        switch raw {
        case .null, .list: throw Mismatch(expectation)
        case .text(let text): return try Self(setting: text)
        case .map(let pairs):
            var result: Self = [:]
            for pair in pairs { try result.insert(pair.key, try Value.read(pair.value)) }
            return result
        }
    }

    private mutating func insert(_ key: String, _ value: Value) throws(Mismatch) {
        guard !key.isEmpty, updateValue(value, forKey: key) == nil else {
            throw Mismatch("a map whose keys are not empty and differ")
        }
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    var trimmed: String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }

    fileprivate var escapingCommas: String {
        var result = ""
        for character in self { result += character == "," ? "\\," : String(character) }
        return result
    }

    /// The parts between commas, trimmed; `\,` does not separate, and blank text has no parts.
    fileprivate var splitAtCommas: [String] {
        guard !trimmed.isEmpty else { return [] }
        var parts = [""]
        var pendingBackslash = false
        for character in self {
            if character == "," {
                if pendingBackslash {
                    parts[parts.count - 1].removeLast()
                    parts[parts.count - 1].append(",")
                } else {
                    parts.append("")
                }
            } else {
                parts[parts.count - 1].append(character)
            }
            pendingBackslash = character == "\\" && !pendingBackslash
        }
        return parts.map(\.trimmed)
    }
}
