package import Basics

/// A complete `http` or `https` URL; its description hides what may be secret in it.
package struct HTTPAddress: Hashable, Sendable, SettingValue, CustomStringConvertible, CustomReflectable {
    /// The whole URL, credentials included: for the transfer, never for a log.
    package let text: String

    /// Whether the scheme is `https`.
    package let isTLS: Bool

    /// The name or address, without brackets.
    package let host: String

    /// As written, or the scheme's own.
    package let port: Int

    /// `user:password` as written in the URL, still percent-encoded.
    package let credentials: Secret?

    /// Path, query and fragment as written; may be empty.
    package let resource: String

    package static var typeName: String { "URL" }
    package static var expectation: String { "an address such as https://example.org/path" }
    package static var jsonSchema: JSON { ["type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://"] }
    package static var acceptsFile: Bool { true }
    package var settingText: String { text }
    package var shown: String { description }
    package var customMirror: Mirror { Mirror(self, children: [("address", description)]) }

    package init(setting text: String) throws(Mismatch) {
        guard let address = Self(text) else { throw Mismatch(Self.expectation) }
        self = address
    }

    /// Nil for anything but an absolute http or https URL of printable ASCII, at most 4096 bytes.
    package init?(_ text: String) {
        guard text.utf8.count <= 4096, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.forbidden.contains($0) }),
            let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://")
        else { return nil }
        switch text[..<colon].lowercased() {
        case "http": isTLS = false
        case "https": isTLS = true
        default: return nil
        }
        let rest = text[text.index(colon, offsetBy: 3)...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        resource = String(rest[authority.endIndex...])
        let at = authority.lastIndex(of: "@")
        credentials = at.map { Secret(String(authority[..<$0])) }
        let place = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard let parsed = HostPort.parse(place) else { return nil }
        guard !parsed.host.isEmpty else { return nil }
        host = parsed.host
        port = parsed.port ?? (isTLS ? 443 : 80)
        self.text = text
    }

    /// Scheme, host and port: `https://hooks.example.org`.
    package var origin: String {
        let standard = isTLS ? 443 : 80
        return (isTLS ? "https://" : "http://") + HostPort.bracketed(host) + (port == standard ? "" : ":\(port)")
    }

    /// The URL with `***` in place of credentials and of each query value.
    package var description: String {
        let path = resource.prefix { $0 != "?" && $0 != "#" }
        var result = origin
        if credentials != nil, let slashes = result.firstRange(of: "://") {
            result.insert(contentsOf: "***@", at: slashes.upperBound)
        }
        result += path
        guard resource[path.endIndex...].first == "?" else { return result }
        let query = resource[path.endIndex...].dropFirst().prefix { $0 != "#" }
        return result + "?"
            + query.split(separator: "&").map { pair in
                pair.contains("=") ? pair.prefix { $0 != "=" } + "=***" : "***"
            }.joined(separator: "&")
    }

    private static let forbidden = Set("\"<>\\^`".utf8)
}
