/// What the name of a value says of it: `DB_PASSWORD`, `apiKey`, `X-Auth-Token`.
struct SecretName {
    enum Kind {
        /// A secret stands behind it.
        case secret
        /// A secret that fills the rest of its line.
        case line
        /// A secret where it is written as a setting, not as a sentence: `pass=…`.
        case doubtful
        case ordinary
    }

    let kind: Kind
    /// Whether the name is a shell's for the present folder as well.
    let isFolder: Bool

    /// Reads the end of a name: what it begins with says whose secret it is.
    init(_ name: ArraySlice<UInt8>) {
        var letters: [UInt8] = []
        // Where the last of its words begins: behind a sign, or at a capital behind a small letter.
        var last = 0
        var former: UInt8 = 0
        for byte in name.suffix(64) {
            if SecretMask.isAlphanumeric(byte) {
                if SecretMask.isUppercase(byte), SecretMask.isLetter(former), !SecretMask.isUppercase(former) {
                    last = letters.count
                }
                letters.append(SecretMask.isLetter(byte) ? byte | 0x20 : byte)
            } else {
                last = letters.count
            }
            former = byte
        }
        func ends(in words: [StaticString]) -> Bool { words.contains { letters.ends(in: $0) } }
        let word = letters[last...]
        isFolder = ends(in: ["pwd"])
        if ends(in: Self.lines) {
            kind = .line
        } else if ends(in: Self.secrets) {
            kind = .secret
        } else {
            let isDoubtful = Self.doubtful.contains { word.count == $0.utf8CodeUnitCount && word.ends(in: $0) }
            kind = isDoubtful ? .doubtful : .ordinary
        }
    }

    private static let lines: [StaticString] = ["authorization", "cookie", "passphrase"]
    private static let secrets: [StaticString] = [
        "password", "passwd", "passwordhash", "passcode", "pwd", "secret", "token", "apikey", "accesskey", "secretkey",
        "privatekey", "encryptionkey", "signingkey", "accountkey", "masterkey", "credential", "credentials",
    ]
    private static let doubtful: [StaticString] = [
        "auth", "pass", "sig", "signature", "sessionid", "jsessionid", "phpsessid",
    ]
}

extension RandomAccessCollection<UInt8> {
    fileprivate func ends(in word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        return self.count >= count && word.withUTF8Buffer { suffix(count).elementsEqual($0) }
    }
}
