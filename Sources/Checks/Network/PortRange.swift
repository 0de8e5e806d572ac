package import Basics
package import Settings

/// A range of ports as a setting: `32768-60999`.
package struct PortRange: SettingValue, Hashable {
    package let ports: ClosedRange<UInt16>

    package static var typeName: String { "port range" }
    package static var expectation: String { "two ports with a dash between, such as 32768-60999" }
    package static var jsonSchema: JSON { ["type": "string", "pattern": "^[0-9]+-[0-9]+$"] }
    package var settingText: String { "\(ports.lowerBound)-\(ports.upperBound)" }

    package init(setting text: String) throws(Mismatch) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = UInt16(parts[0]), let last = UInt16(parts[1]), first > 0, first <= last
        else { throw Mismatch(Self.expectation) }
        ports = first...last
    }
}
