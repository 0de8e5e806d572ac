/// A host, with or without a port: `ntp.example.org`, `192.0.2.1:1123`, `[2001:db8::1]`.
package struct Endpoint: Hashable, Sendable, SettingValue, CustomStringConvertible {
    /// Without brackets.
    package let host: String
    package let port: Int?

    package static var typeName: String { "host[:port]" }
    package static var expectation: String { "a host such as ntp.example.org, 192.0.2.1:123 or [2001:db8::1]" }
    package var settingText: String { description }
    package var description: String { HostPort.bracketed(host) + (port.map { ":\($0)" } ?? "") }

    package init(setting text: String) throws(Mismatch) {
        guard let parsed = HostPort.parse(text[...]), !parsed.host.isEmpty, parsed.port != 0 else {
            throw Mismatch(Self.expectation)
        }
        host = parsed.host
        port = parsed.port
    }
}
