package import Basics

/// A host and a port: `127.0.0.1:9797`, `[::1]:9797`, `example.org:443`; `:9797` means every address.
package struct HostPort: Hashable, Sendable, SettingValue, CustomStringConvertible {
    /// Without brackets; empty for every address.
    package let host: String
    package let port: Int

    package static var typeName: String { "host:port" }
    package static var expectation: String { "a host and port such as 127.0.0.1:9797 or [::1]:9797" }
    package static var jsonSchema: JSON { ["type": "string", "pattern": "^.*:[0-9]+$"] }
    package static var acceptsFile: Bool { true }
    package var settingText: String { description }
    package var description: String { "\(Self.bracketed(host)):\(port)" }

    package init(setting text: String) throws(Mismatch) {
        guard let parsed = Self.parse(text[...]), let port = parsed.port else { throw Mismatch(Self.expectation) }
        host = parsed.host
        self.port = port
    }

    package init(_ host: String, _ port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port` and `:port`.
    static func parse(_ text: Substring) -> (host: String, port: Int?)? {
        guard text.utf8.count <= 300 else { return nil }
        var host = text
        var rest: Substring = ""
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
            guard host.contains(":"),
                host.allSatisfy({ $0.isHexDigit && $0.isASCII || $0 == ":" || $0 == "." || $0 == "%" })
            else { return nil }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
            guard host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || "-._".contains($0) }) else {
                return nil
            }
        }
        guard !rest.isEmpty else { return (String(host), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.allSatisfy(\.isASCIIDigit), let port = Int(digits), (0...65535).contains(port)
        else { return nil }
        return (String(host), port)
    }

    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
