/// A shell-like pattern over a whole name: `*` any run, `?` any one character, `[a-z]`, `[!a]`, `\` quotes.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    private let parts: [Part]

    private enum Part: Hashable {
        case any, one, literal(UInt8), set([ClosedRange<UInt8>], negated: Bool)
    }

    /// Nil when a bracket is not closed or a backslash ends the pattern.
    package init?(_ pattern: String) {
        description = pattern
        var parts: [Part] = []
        var bytes = pattern.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "*"): if parts.last != .any { parts.append(.any) }
            case UInt8(ascii: "?"): parts.append(.one)
            case UInt8(ascii: "\\"):
                guard let quoted = bytes.next() else { return nil }
                parts.append(.literal(quoted))
            case UInt8(ascii: "["):
                guard let set = Self.set(&bytes) else { return nil }
                parts.append(set)
            default: parts.append(.literal(byte))
            }
        }
        self.parts = parts
    }

    private static func set(_ bytes: inout String.UTF8View.Iterator) -> Part? {
        var members: [UInt8] = []
        var negated = false
        while let byte = bytes.next() {
            if byte == UInt8(ascii: "]"), !members.isEmpty { return .set(ranges(members), negated: negated) }
            if (byte == UInt8(ascii: "!") || byte == UInt8(ascii: "^")), members.isEmpty, !negated {
                negated = true
            } else {
                members.append(byte)
            }
        }
        return nil
    }

    private static func ranges(_ members: [UInt8]) -> [ClosedRange<UInt8>] {
        var ranges: [ClosedRange<UInt8>] = []
        var index = 0
        while index < members.count {
            if index + 2 < members.count, members[index + 1] == UInt8(ascii: "-"), members[index] <= members[index + 2]
            {
                ranges.append(members[index]...members[index + 2])
                index += 3
            } else {
                ranges.append(members[index]...members[index])
                index += 1
            }
        }
        return ranges
    }

    /// Whether the pattern fits the whole of `name`; linear in practice, never exponential.
    package func matches(_ name: some StringProtocol) -> Bool { matches(bytes: Array(name.utf8)) }

    /// The same for a name that is not made a string first: one of thousands that do not fit.
    package func matches<Text: RandomAccessCollection<UInt8>>(bytes text: Text) -> Bool where Text.Index == Int {
        var part = 0
        var place = text.startIndex
        var retry: (part: Int, place: Int)?
        while place < text.endIndex {
            if part < parts.count, parts[part] == .any {
                retry = (part, place)
                part += 1
            } else if part < parts.count, Self.fits(parts[part], text[place]) {
                part += 1
                place += 1
            } else if let last = retry {
                retry = (last.part, last.place + 1)
                part = last.part + 1
                place = last.place + 1
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .any }
    }

    private static func fits(_ part: Part, _ byte: UInt8) -> Bool {
        switch part {
        case .any, .one: true
        case .literal(let wanted): wanted == byte
        case .set(let ranges, let negated): ranges.contains { $0.contains(byte) } != negated
        }
    }
}
