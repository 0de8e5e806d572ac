/// A regular expression as its text; the check that uses it compiles it (PCRE2).
///
/// What would surely not compile is refused here, where the problem still has a line number.
package struct Pattern: Hashable, Sendable, SettingValue, CustomStringConvertible {
    package let description: String

    package static var typeName: String { "pattern" }
    package static var expectation: String { "a regular expression with closed brackets and at most 4096 bytes" }
    package static var acceptsFile: Bool { true }
    package var settingText: String { description }

    package init(setting text: String) throws(Mismatch) {
        guard !text.isEmpty, text.utf8.count <= 4096, !text.utf8.contains(0), Self.isClosed(text) else {
            throw Mismatch(Self.expectation)
        }
        description = text
    }

    /// Whether every bracket and escape ends.
    private static func isClosed(_ text: String) -> Bool {
        var depth = 0
        var classStart: Int?
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let escaped = bytes.popFirst() else { return false }
                if escaped == UInt8(ascii: "Q") { skipLiteral(&bytes) }
            case UInt8(ascii: "[") where classStart == nil:
                if bytes.first == UInt8(ascii: "^") { bytes.removeFirst() }
                classStart = bytes.startIndex
            // A bracket right after the opening one is a member.
            case UInt8(ascii: "]"): if let start = classStart, bytes.startIndex - 1 > start { classStart = nil }
            case UInt8(ascii: "(") where classStart == nil: depth += 1
            case UInt8(ascii: ")") where classStart == nil:
                depth -= 1
                guard depth >= 0 else { return false }
            default: break
            }
        }
        return depth == 0 && classStart == nil
    }

    /// Passes over `\Q…\E`, whose end may be left out.
    private static func skipLiteral(_ bytes: inout ArraySlice<UInt8>) {
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "\\"), bytes.first == UInt8(ascii: "E") {
                bytes.removeFirst()
                return
            }
        }
    }
}
