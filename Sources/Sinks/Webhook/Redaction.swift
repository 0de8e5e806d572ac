import Basics
import FoundationEssentials

/// Takes known secrets out of what a receiver said, so that an answer that repeats its own address can be shown.
struct Redaction: Sendable {
    /// Shorter texts are no secrets, and would riddle every answer with holes.
    private static let shortest = 4

    private let secrets: [String]

    init(_ secrets: [String]) {
        // The longest first: a secret may be part of another.
        self.secrets = Set(secrets).filter { $0.utf8.count >= Self.shortest }.sorted {
            ($1.utf8.count, $0) < ($0.utf8.count, $1)
        }
    }

    /// Everything in a URL that may be a token: user information, the path and its segments, the query and its values.
    static func parts(of url: String) -> [String] {
        guard let rest = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).dropFirst(2).first
        else { return [url] }
        let slash = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<slash]
        let user = authority.lastIndex(of: "@").map { authority[..<$0] } ?? ""
        let path = rest[slash...]
        var parts = [url, String(user), String(path)]
        parts += user.split(separator: ":").map(String.init)
        parts += path.split { "/?&=#;".contains($0) }.map(String.init)
        return parts + parts.map(\.percentDecoded)
    }

    /// One short line of `body`, or nothing when it is not text.
    func excerpt(of body: [UInt8], limit: Int = 160) -> String {
        guard let text = String(validating: body.prefix(2048), as: UTF8.self) else { return "" }
        // Markup tells people nothing; an answer of it comes from a proxy or a wrong address.
        let line = text.drop(while: \.isWhitespace).prefix { !$0.isNewline }
        guard !line.isEmpty, !line.hasPrefix("<") else { return "" }
        return masked(String(line)).safe(limit: limit)
    }

    func masked(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            [secret, secret.replacing("/", by: "\\/")].reduce(text) { $0.replacing($1, by: "…") }
        }
    }
}

extension String {
    /// RFC 4648: how basic authentication writes user and password.
    var base64: String { Data(utf8).base64EncodedString() }

    /// Every `wanted` replaced, compared byte by byte.
    fileprivate func replacing(_ wanted: String, by other: String) -> String {
        let wanted = Array(wanted.utf8)
        let bytes = Array(utf8)
        guard !wanted.isEmpty, bytes.count >= wanted.count else { return self }
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == wanted[0], bytes[place...].starts(with: wanted) {
                result += other.utf8
                place += wanted.count
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `%41` → `A`; malformed sequences stay.
    fileprivate var percentDecoded: String {
        var result: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
