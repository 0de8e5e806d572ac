extension AlertID {
    /// Equal for the same alert for ever (S3): the first 16 hexadecimal digits of SHA-256 over check, measure, target and
    /// the identity labels sorted by name, each text as its length in bytes (eight, big-endian) and its UTF-8.
    package var fingerprint: String {
        var message: [UInt8] = []
        func add(_ text: String) {
            let bytes = Array(text.utf8)
            message += (0..<8).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } + bytes
        }
        for text in [check.description, measure, target.name] { add(text) }
        for (name, value) in target.identity.sorted(by: { $0.key < $1.key }) {
            add(name)
            add(value)
        }
        return SHA256.digest(of: message).prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}
