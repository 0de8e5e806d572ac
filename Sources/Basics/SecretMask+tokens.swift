/// Secrets that are known by what they look like.
extension SecretMask {
    // MARK: - Tokens

    /// A token that the word is, known by how it begins.
    func token(in word: Range<Int>) -> Range<Int>? {
        let bytes = text[word]
        for (beginning, least) in Self.beginnings
        where bytes.count >= least && bytes.starts(with: beginning.utf8) { return word }
        if bytes.starts(with: "eyJ".utf8), isWebToken(bytes) { return word }
        return isCloudKey(bytes) ? word : nil
    }

    /// How the tokens of some services begin, and how many bytes they have at least.
    private static let beginnings: [(String, Int)] = [
        ("ghp_", 24), ("gho_", 24), ("ghu_", 24), ("ghs_", 24), ("ghr_", 24), ("github_pat_", 24), ("glpat-", 20),
        ("xoxa-", 16), ("xoxb-", 16), ("xoxp-", 16), ("xoxs-", 16), ("sk_live_", 16), ("rk_live_", 16), ("AIza", 35),
        ("dckr_pat_", 20), ("npm_", 36), ("hvs.", 24),
    ]

    /// A JSON web token (RFC 7519): `{"…` in base64url, then its other parts behind dots.
    private func isWebToken(_ word: ArraySlice<UInt8>) -> Bool {
        guard let dot = word.firstIndex(of: UInt8(ascii: ".")) else { return word.count >= 32 }
        return dot - word.startIndex >= 12 && word.endIndex - dot > 8
    }

    /// An access key of Amazon's: four letters, then sixteen capitals and digits.
    private func isCloudKey(_ word: ArraySlice<UInt8>) -> Bool {
        let key = word.prefix { Self.isUppercase($0) || Self.isDigit($0) }
        guard key.count == 20, key.starts(with: "AKIA".utf8) || key.starts(with: "ASIA".utf8) else { return false }
        return word.dropFirst(20).allSatisfy { !Self.isAlphanumeric($0) }
    }

    /// What follows `Bearer` or `Basic`, unless it is the next word of a sentence.
    func credentials(after word: Range<Int>) -> Range<Int>? {
        guard word.count == 5 || word.count == 6 else { return nil }
        let scheme = String(decoding: text[word].map { $0 | 0x20 }, as: UTF8.self)
        guard scheme == "bearer" || scheme == "basic" else { return nil }
        let start = end(of: Self.isBlank, from: word.upperBound)
        let signs = "._~+/=-".utf8
        let end = end(of: { Self.isAlphanumeric($0) || signs.contains($0) }, from: start)
        return start > word.upperBound && isRandom(start..<end) ? start..<end : nil
    }

    /// Whether nobody would write it as a word.
    private func isRandom(_ range: Range<Int>) -> Bool {
        let bytes = text[range]
        if bytes.count >= 20 { return true }
        if bytes.count >= 6, bytes.contains(where: Self.isDigit) { return true }
        return bytes.count >= 8 && bytes.dropFirst().contains(where: Self.isUppercase)
            && bytes.contains { Self.isLetter($0) && !Self.isUppercase($0) }
    }

    // MARK: - Addresses

    /// The longest beginning of an address that is searched for a password, in bytes.
    private static let addressLimit = 512

    /// Blots out the password of `scheme://user:password@host`; reading stands before `://`.
    mutating func readAddress() {
        show(to: place + 3)
        let start = place
        let signs = "/?#".utf8
        let edge = min(end(of: { !Self.isEdge($0) }, from: start, atMost: Self.addressLimit), text.count)
        let authority = start..<(text[start..<edge].firstIndex { signs.contains($0) } ?? edge)
        var at = text[authority].lastIndex(of: UInt8(ascii: "@"))
        let colon = text[authority].firstIndex(of: UInt8(ascii: ":"))
        if at == nil, let colon, text[start] != UInt8(ascii: "["),
            !text[colon + 1..<authority.upperBound].allSatisfy(Self.isDigit)
        {
            // What stands behind the colon is no port: a password with a slash in it.
            at = text[start..<edge].lastIndex(of: UInt8(ascii: "@"))
        }
        guard let at else { return }
        if let colon, colon < at {
            if colon + 1 < at { blot(colon + 1..<at) }
        } else if isRandom(start..<at) {
            blot(start..<at)
        }
    }

    private func end(of fits: (UInt8) -> Bool, from start: Int, atMost count: Int) -> Int {
        text[start...].prefix(count).firstIndex { !fits($0) } ?? min(text.count, start + count)
    }

    /// The secret part of a chat's webhook: `hooks.slack.com/services/…`, `/api/webhooks/…`.
    func path(after word: Range<Int>) -> Range<Int>? {
        let rest = text[word.upperBound...]
        let isChat: Bool
        if text[word].elementsEqual("hooks.slack.com".utf8) {
            isChat = rest.starts(with: "/services/".utf8)
        } else {
            isChat =
                text[word].elementsEqual("webhooks".utf8) && rest.first == UInt8(ascii: "/")
                && text[..<word.lowerBound].suffix(5).elementsEqual("/api/".utf8)
        }
        let start = word.upperBound + 1
        return isChat ? start..<end(of: { !Self.isEdge($0) }, from: start) : nil
    }

    // MARK: - Private keys

    /// Blots out a private key in PEM (RFC 7468), also one whose end or beginning is cut off; false for anything else.
    mutating func readKey(_ word: Range<Int>) -> Bool {
        let line = text[word.lowerBound...].prefix(72).prefix { $0 != 0x0A }
        let isBeginning = line.starts(with: "-----BEGIN".utf8)
        guard isBeginning || line.starts(with: "-----END".utf8), line.holds("PRIVATE KEY") else { return false }
        if isBeginning {
            let end = text[word.upperBound...].firstRange(of: Array("-----END".utf8))?.lowerBound
            blot(word.lowerBound..<(end.map(endOfMark) ?? text.count))
        } else {
            // The beginning was not in the text: what could be the key's lines before it.
            while let last = shown.last, Self.isOfKey(last) { shown.removeLast() }
            blot(word.lowerBound..<endOfMark(word.lowerBound))
        }
        return true
    }

    /// Where `-----END … KEY-----` ends: behind its second row of dashes, or with its line.
    private func endOfMark(_ start: Int) -> Int {
        let line = text[start...].prefix(72).prefix { $0 != 0x0A }
        return line.dropFirst(8).firstRange(of: Array("-----".utf8))?.upperBound ?? line.endIndex
    }

    private static func isOfKey(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "+/=\\\r\n".utf8.contains(byte)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func holds(_ words: String) -> Bool { firstRange(of: Array(words.utf8)) != nil }
}
