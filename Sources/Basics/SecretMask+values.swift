/// Secrets that stand behind their names.
extension SecretMask {
    /// How a name and its value are joined.
    private enum Bond {
        /// `=`, or a quoted name and `:`: what follows is a value for sure.
        case tight
        /// `name: value`, as people write sentences too.
        case loose
        /// `--name value`.
        case option
        /// `<name>value</name>`.
        case element
    }

    /// The value that belongs to the word just shown, if its name says that it is secret.
    func value(named word: Range<Int>) -> Range<Int>? {
        guard let (bond, start) = bond(after: word), start < text.count else { return nil }
        let name = SecretName(text[word])
        let isSure = bond == .tight || bond == .element
        switch name.kind {
        case .ordinary: return nil
        case .doubtful: if bond != .tight { return nil }
        case .secret, .line: if speaks(from: start, isSure ? Self.literals : Self.talk) { return nil }
        }
        let isAssignment = bond == .tight && (word.lowerBound == 0 || text[word.lowerBound - 1] == 0x0A)
        let value = extent(from: start, isLine: name.kind == .line, isAssignment: isAssignment, bond)
        guard let first = text[value].first, text[value].contains(where: Self.isAlphanumeric) else { return nil }
        if name.isFolder, first == UInt8(ascii: "/") || first == UInt8(ascii: "~") { return nil }
        // `pass=5 fail=0`: a count.
        if name.kind == .doubtful, value.count <= 4, text[value].allSatisfy(Self.isDigit) { return nil }
        return value
    }

    /// What joins the word that ends here to a value, and where that begins.
    private func bond(after word: Range<Int>) -> (Bond, start: Int)? {
        var next = word.upperBound
        let isElement = word.lowerBound > 0 && text[word.lowerBound - 1] == UInt8(ascii: "<")
        guard next < text.count else { return nil }
        if isElement, text[next] == UInt8(ascii: ">") { return (.element, next + 1) }
        next = end(of: { $0 == UInt8(ascii: "\\") }, from: next)
        let isQuoted = next < text.count && Self.isQuote(text[next])
        if isQuoted { next += 1 }
        if next < text.count, text[next] == UInt8(ascii: "]") { next += 1 }
        let sign = end(of: Self.isBlank, from: next)
        guard sign < text.count else { return nil }
        switch text[sign] {
        case UInt8(ascii: "="):
            let start = end(of: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ">") }, from: sign)
            return (.tight, end(of: Self.isBlank, from: start))
        case UInt8(ascii: ":"):
            guard sign + 1 < text.count, text[sign + 1] != UInt8(ascii: ":") else { return nil }
            let isAssignment = text[sign + 1] == UInt8(ascii: "=")
            let start = end(of: Self.isBlank, from: sign + (isAssignment ? 2 : 1))
            let isTight = isQuoted || isAssignment || start == sign + 1
            return (isTight ? .tight : .loose, start)
        default:
            guard sign > next, !isQuoted, text[word].starts(with: "--".utf8), text[sign] != UInt8(ascii: "-") else {
                return nil
            }
            return (.option, sign)
        }
    }

    /// How far a value reaches: its quotes, its element, its line, or to white space and what parts values in addresses
    /// and lists, which the value of a whole line's assignment may hold.
    private func extent(from start: Int, isLine: Bool, isAssignment: Bool, _ bond: Bond) -> Range<Int> {
        let slashes = end(of: { $0 == UInt8(ascii: "\\") }, from: start)
        if slashes < text.count, Self.isQuote(text[slashes]) {
            return slashes + 1..<closing(text[slashes], escaped: slashes - start, from: slashes + 1)
        }
        if bond == .element { return start..<end(of: { $0 != UInt8(ascii: "<") && $0 != 0x0A }, from: start) }
        if isLine { return start..<end(of: { $0 != 0x0A && $0 != 0x0D && !Self.isQuote($0) }, from: start) }
        if isAssignment { return start..<end(of: { !Self.isSpace($0) }, from: start) }
        let parts = "&;".utf8
        return start..<end(of: { !Self.isEdge($0) && !parts.contains($0) }, from: start)
    }

    /// Where a quoted text ends whose opening quote had so many backslashes before it: at the next one like it, or with its
    /// line.
    private func closing(_ quote: UInt8, escaped: Int, from start: Int) -> Int {
        var slashes = 0
        for place in start..<max(start, text.count) {
            switch text[place] {
            case UInt8(ascii: "\\"): slashes += 1
            case quote where slashes == escaped || (escaped == 0 && slashes.isMultiple(of: 2)): return place - escaped
            case 0x0A: return place
            default: slashes = 0
            }
        }
        return text.count
    }

    /// Whether what stands there is one of these words: those of a sentence about a secret (`password: required`), or those
    /// that say that there is none.
    private func speaks(from start: Int, _ words: Set<String>) -> Bool {
        let word = text[start...].prefix(16).prefix { !Self.isSpace($0) }
        let letters = word.prefix { Self.isLetter($0) }
        guard word.dropFirst(letters.count).allSatisfy({ ".,!?:)]}".utf8.contains($0) }) else { return false }
        return words.contains(String(decoding: letters.map { $0 | 0x20 }, as: UTF8.self))
    }

    private static let literals: Set = ["false", "nil", "none", "null", "true", "undefined"]

    private static let talk = literals.union([
        "a", "an", "and", "are", "be", "can", "cannot", "changed", "could", "denied", "did", "does", "empty", "error",
        "expected", "expired", "failed", "failure", "for", "found", "from", "had", "has", "in", "incorrect", "invalid",
        "is", "mismatch", "missing", "must", "no", "not", "of", "on", "rejected", "required", "reset", "revoked", "set",
        "should", "the", "to", "too", "unexpected", "unknown", "unset", "updated", "was", "were", "with", "wrong",
    ])
}
