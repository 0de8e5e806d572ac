package import Basics

/// A setting with a few named values: conform a `String` enum with `CaseIterable` and it is done.
///
/// Spelling ignores case, and `-` equals `_`.
package protocol SettingChoice: SettingValue, CaseIterable, RawRepresentable where RawValue == String {}

extension SettingChoice {
    package static var typeName: String { allCases.map { "`\($0.rawValue)`" }.joined(separator: " ") }
    package static var expectation: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
    package static var choices: [String] { allCases.map(\.rawValue) }
    package static var jsonSchema: JSON { ["enum": .array(allCases.map { .string($0.rawValue) })] }
    package var settingText: String { rawValue }

    package init(setting text: String) throws(Mismatch) {
        let wanted = Names.canonical(text.lowercased())
        guard let match = Self.allCases.first(where: { Names.canonical($0.rawValue.lowercased()) == wanted }) else {
            throw Mismatch(Self.expectation)
        }
        self = match
    }
}

extension Severity: SettingChoice {}
