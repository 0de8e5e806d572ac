/// Blots out what looks like a secret in text from outside: a health check's output, the last lines of a log.
///
/// It knows values behind telling names (`DB_PASSWORD=…`, `"api_key": "…"`, `--token …`, `Authorization: …`),
/// `Bearer` and `Basic` credentials, passwords in addresses, private keys in PEM, JSON web tokens, and the tokens of a few
/// well-known services by how they begin. It takes one pass, in a time that grows with the text's length alone. What looks
/// like nothing of this stays: a mask is a net below people's care, no proof that a text holds no secret.
package struct SecretMask {
    /// What stands in a secret's place: the same word as for a setting's.
    static let blot = Array("<redacted>".utf8)

    let text: [UInt8]
    /// What is shown so far.
    var shown: [UInt8] = []
    /// Where reading goes on.
    var place = 0
    private var hasBlotted = false

    /// The text with each secret blotted out.
    package static func mask(_ text: String) -> String {
        var mask = SecretMask(Array(text.utf8))
        mask.run()
        return mask.hasBlotted ? String(decoding: mask.shown, as: UTF8.self) : text
    }

    private init(_ text: [UInt8]) {
        self.text = text
    }

    /// From word to word; what stands between words is shown as it is.
    private mutating func run() {
        shown.reserveCapacity(text.count)
        while place < text.count {
            guard Self.isOfWord(text[place]) else {
                shown.append(text[place])
                place += 1
                continue
            }
            let end = self.end(of: Self.isOfWord, from: place)
            read(place..<end)
        }
    }

    private mutating func read(_ word: Range<Int>) {
        if text[word].starts(with: "-----".utf8), readKey(word) { return }
        if let token = token(in: word) { return blot(token) }
        show(to: word.upperBound)
        if text[place...].starts(with: "://".utf8) { return readAddress() }
        if let value = value(named: word) ?? credentials(after: word) ?? path(after: word) { blot(value) }
    }

    /// Shows all up to `end`.
    mutating func show(to end: Int) {
        shown += text[place..<end]
        place = end
    }

    /// Shows what stands before a secret, and the blot in its place.
    mutating func blot(_ secret: Range<Int>) {
        show(to: secret.lowerBound)
        shown += Self.blot
        place = secret.upperBound
        hasBlotted = true
    }

    /// Where a run of such bytes ends.
    func end(of fits: (UInt8) -> Bool, from start: Int) -> Int {
        var end = start
        while end < text.count, fits(text[end]) { end += 1 }
        return end
    }

    /// Letters, digits and what joins them in names, tokens and options.
    static func isOfWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    static func isUppercase(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }

    static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
    }

    /// Spaces within a line.
    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 }

    static func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 }

    /// Where a text within a line ends for sure: quotes, angles, white space.
    static func isEdge(_ byte: UInt8) -> Bool {
        isSpace(byte) || isQuote(byte) || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
    }
}
