/// The path of a file, folder or socket, as its text.
package struct Path: Hashable, Sendable, SettingValue, CustomStringConvertible {
    package let description: String

    package static var typeName: String { "path" }
    package static var expectation: String { "a path of at most 4096 bytes" }
    package static var acceptsFile: Bool { true }
    package static var acceptsLabel: Bool { false }
    package var settingText: String { description }

    package init(setting text: String) throws(Mismatch) {
        guard !text.isEmpty, text.utf8.count <= 4096, !text.utf8.contains(0) else { throw Mismatch(Self.expectation) }
        description = text
    }
}

extension Path: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { description = value }
}
