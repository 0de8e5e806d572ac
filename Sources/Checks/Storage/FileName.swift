package import Settings

/// A file's name without a folder.
package struct FileName: Hashable, Sendable, SettingValue, ExpressibleByStringLiteral, CustomStringConvertible {
    package let description: String

    package static var typeName: String { "file name" }
    package static var expectation: String { "a file's name without a folder, of at most 128 plain characters" }
    package var settingText: String { description }

    package init(stringLiteral value: String) { description = value }

    package init(setting text: String) throws(Mismatch) {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
        guard !text.isEmpty, text != ".", text != "..", text.utf8.count <= 128, isPlain else {
            throw Mismatch(Self.expectation)
        }
        description = text
    }
}
