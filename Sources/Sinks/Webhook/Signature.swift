import Basics
import COpenSSL

/// Proves to the receiver that a body comes from this Custos: `Custos-Signature: t=<unix>,v1=<hex>`, where `v1` is the
/// HMAC-SHA256 of `<t>.<body>` under the shared secret.
enum Signature {
    static let header = "Custos-Signature"

    static func value(body: [UInt8], secret: Secret, at now: Timestamp) -> String {
        let seconds = String(now.milliseconds / 1000)
        return "t=\(seconds),v1=" + hex(hmac(Array("\(seconds).".utf8) + body, key: Array(secret.reveal().utf8)))
    }

    private static func hmac(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let done = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &digest, &length)
        // With SHA-256 built in, HMAC cannot fail; an empty signature would be refused by the receiver.
        return done == nil ? [] : Array(digest.prefix(Int(length)))
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
