import Glibc

// Addresses and identifiers, wherever they stand.

extension Scrubber {
    /// Replaces addresses, UUIDs and long identifiers.
    mutating func figures(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        var rest = text[...]
        // Runs of what addresses and identifiers are written with, and what lies between.
        while !rest.isEmpty {
            let between = rest.prefix { !Self.isPart($0) }
            result += between
            rest = rest[between.endIndex...]
            let run = rest.prefix(while: Self.isPart)
            rest = rest[run.endIndex...]
            // A run in the middle of a word is part of it: the `fe` of `life`.
            let isWhole =
                !Self.isJoined(between.utf8.last, run.utf8.first) && !Self.isJoined(run.utf8.last, rest.utf8.first)
            result += self.run(run, isWhole: isWhole)
        }
        return result
    }

    private static func isJoined(_ left: UInt8?, _ right: UInt8?) -> Bool {
        guard let left, let right else { return false }
        return left.isWord && right.isWord
    }

    private static func isPart(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return false }
        return byte.hexadecimalDigit != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "-")
    }

    private mutating func run(_ run: Substring, isWhole: Bool) -> String {
        guard run.utf8.count > 2 else { return String(run) }
        if isWhole, let address = ipv6(text: String(run)) { return address }
        if let mac = mac(run, separator: ":") ?? mac(run, separator: "-") { return mac }
        // Of what is joined by colons each part may be an address; of a socket's the port is none.
        if run.contains(":") {
            return parts(run, ":") { scrubber, part, isInner in scrubber.run(part, isWhole: isWhole || isInner) }
        }
        if let address = ipv4(text: run) { return address }
        if let uuid = uuid(run) { return uuid }
        return parts(run, "-") { scrubber, part, _ in
            scrubber.ipv4(text: part) ?? scrubber.parts(part, ".") { $0.identifier($1, isWhole: isWhole || $2) }
        }
    }

    private mutating func parts(
        _ run: Substring,
        _ separator: Character,
        _ scrub: (inout Scrubber, Substring, Bool) -> String
    ) -> String {
        let parts = run.split(separator: separator, omittingEmptySubsequences: false)
        var result: [String] = []
        for (index, part) in parts.enumerated() {
            result.append(scrub(&self, part, index > 0 && index < parts.count - 1))
        }
        return result.joined(separator: String(separator))
    }

    // MARK: - Identifiers

    /// Five groups of hexadecimal digits, perhaps with more behind.
    private mutating func uuid(_ run: Substring) -> String? {
        // A full stop behind it begins an ending such as `.slice`.
        if run.hasSuffix("."), let made = uuid(run.dropLast()) { return made + "." }
        let groups = run.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.count >= 5 else { return nil }
        for start in 0...(groups.count - 5)
        where zip(groups[start..<(start + 5)], [8, 4, 4, 4, 12]).allSatisfy({ $0.utf8.count == $1 }) {
            let found = groups[start..<(start + 5)].joined(separator: "-").lowercased()
            let made =
                found.hasPrefix("00000000-0000-4000-8000-00000")
                ? keep(.uuid, found)
                : substitute(.uuid, found) { "00000000-0000-4000-8000-" + Self.digits($0, 12) }
            let before = groups[..<start].map(String.init)
            let after = groups[(start + 5)...].map(String.init)
            return (before + [made] + after).joined(separator: "-")
        }
        return nil
    }

    /// A run of at least twelve hexadecimal digits that is no number; from thirty-two on, of any.
    private mutating func identifier(_ run: Substring, isWhole: Bool) -> String {
        let count = run.utf8.count
        guard count >= 12, isWhole || count >= 32, count >= 32 || !run.utf8.allSatisfy(\.isDigit),
            run.utf8.allSatisfy({ $0.hexadecimalDigit != nil })
        else { return String(run) }
        if run.utf8.prefix(count - 6).allSatisfy({ $0 == UInt8(ascii: "0") }) { return keep(.identifier, String(run)) }
        return substitute(.identifier, run.lowercased()) { Self.digits($0, count) }
    }

    /// A number in hexadecimal with zeros before it.
    static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    // MARK: - Addresses

    private mutating func mac(_ run: Substring, separator: Character) -> String? {
        let groups = run.split(separator: separator, omittingEmptySubsequences: false)
        guard groups.count == 6, groups.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
        let digits = groups.joined().lowercased()
        return mac(digits: digits, separator: String(separator))
    }

    /// The substitute for twelve hexadecimal digits: of the range for documentation (RFC 7042).
    mutating func mac(digits: String, separator: String) -> String {
        let made: String
        if digits.hasPrefix("00005e0053") || ["000000000000", "ffffffffffff"].contains(digits) {
            made = keep(.mac, digits)
        } else {
            made = substitute(.mac, digits) { "00005e0053" + Self.digits($0 & 0xFF, 2) }
        }
        let bytes = Array(made)
        return stride(from: 0, to: 12, by: 2).map { String(bytes[$0...($0 + 1)]) }.joined(separator: separator)
    }

    private mutating func ipv4(text: Substring) -> String? {
        var text = text
        // A full stop behind it ends a sentence.
        let end = text.hasSuffix(".") ? "." : ""
        if !end.isEmpty { text.removeLast() }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let number = UInt8(part), part.utf8.allSatisfy(\.isDigit) else { return nil }
            value = value << 8 | UInt32(number)
        }
        return Self.dotted(ipv4(value)) + end
    }

    static func dotted(_ address: UInt32) -> String {
        stride(from: 24, through: 0, by: -8).map { String(address >> UInt32($0) & 0xFF) }.joined(separator: ".")
    }

    private mutating func ipv6(text: String) -> String? {
        guard text.contains("::") || text.count(where: { $0 == ":" }) == 7 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        let made = ipv6(bytes)
        var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = inet_ntop(AF_INET6, made, &written, socklen_t(written.count))
        return String(decoding: written.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
