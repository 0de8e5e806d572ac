package import Basics

extension Bool: SettingValue {
    package static var typeName: String { "boolean" }
    package static var expectation: String { "true or false (also yes, no, on, off, 1, 0)" }
    package static var jsonSchema: JSON { ["enum": [true, false, "yes", "no", "on", "off", 1, 0]] }
    package var settingText: String { self ? "true" : "false" }

    package init(setting text: String) throws(Mismatch) {
        switch text.lowercased() {
        case "true", "yes", "on", "1": self = true
        case "false", "no", "off", "0": self = false
        default: throw Mismatch(Self.expectation)
        }
    }
}

extension Int: SettingValue {
    package static var typeName: String { "integer" }
    package static var expectation: String { "a whole number" }
    package static var jsonSchema: JSON { ["type": "integer"] }
    package var settingText: String { String(self) }

    package init(setting text: String) throws(Mismatch) {
        guard let value = Int(text) else { throw Mismatch(Self.expectation) }
        self = value
    }
}

extension Double: SettingValue {
    package static var typeName: String { "number" }
    package static var jsonSchema: JSON { ["type": "number"] }

    package var settingText: String { plainText }

    package init(setting text: String) throws(Mismatch) {
        guard text.utf8.count <= 64, let value = Double(text), value.isFinite else { throw Mismatch(Self.expectation) }
        self = value
    }

    /// Decimal, without `.0` for a whole number.
    var plainText: String {
        if let whole = Int(exactly: self) { String(whole) } else { String(self) }
    }
}

extension String: SettingValue {
    package static var typeName: String { "text" }
    package static var expectation: String { "text" }
    package static var jsonSchema: JSON { ["type": ["string", "number", "boolean"]] }
    package static var acceptsFile: Bool { true }
    package var settingText: String { self }

    package init(setting text: String) throws(Mismatch) {
        guard !text.utf8.contains(0) else { throw Mismatch("text without NUL") }
        self = text
    }
}

extension Duration: SettingValue {
    package static var typeName: String { "duration" }
    package static var expectation: String { "a duration such as 30s, 1m30s, 2h or 3d" }
    package static var unit: String? { "ms, s, m, h, d or w" }
    package static var jsonSchema: JSON {
        ["type": ["string", "integer"], "pattern": #"^(0|([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+)$"#, "maximum": 0]
    }
    package var settingText: String { text }

    package init(setting text: String) throws(Mismatch) {
        guard text.utf8.count <= 64, let value = Duration(text: text) else { throw Mismatch(Self.expectation) }
        self = value
    }
}

extension Glob: SettingValue {
    package static var typeName: String { "glob" }
    package static var expectation: String { "a glob such as web-*, with closed brackets" }
    package static var jsonSchema: JSON { ["type": ["string", "number"]] }
    package var settingText: String { description }

    package init(setting text: String) throws(Mismatch) {
        guard !text.isEmpty, text.utf8.count <= 4096, let glob = Glob(text) else { throw Mismatch(Self.expectation) }
        self = glob
    }
}

extension Secret: SettingValue {
    package static var typeName: String { "secret" }
    package static var expectation: String { "a secret that is not empty" }
    package static var jsonSchema: JSON { ["type": ["string", "number"]] }
    package static var isSecret: Bool { true }
    package static var acceptsFile: Bool { true }
    package static var acceptsLabel: Bool { false }
    package var settingText: String { reveal() }
    package var shown: String { description }

    package init(setting text: String) throws(Mismatch) {
        guard !text.isEmpty else { throw Mismatch(Self.expectation) }
        guard !text.utf8.contains(0) else { throw Mismatch("a secret without NUL") }
        self.init(text)
    }
}
