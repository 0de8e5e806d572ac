import Basics
package import Settings

/// A systemd unit's name or a glob over names; `.service` is added to a name without a type.
package struct UnitPattern: Hashable, Sendable, SettingValue, CustomStringConvertible {
    package let description: String
    private let glob: Glob?

    package static var typeName: String { "unit" }
    package static var expectation: String {
        "a unit's name such as nginx or backup.timer, or a glob such as app-*.service"
    }
    package var settingText: String { description }

    package init(setting text: String) throws(Mismatch) {
        let isPlain = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "/" }
        guard !text.isEmpty, text.utf8.count <= 255, isPlain else { throw Mismatch(Self.expectation) }
        guard text.contains(where: { "*?[".contains($0) }) else {
            let type = text.split(separator: ".", omittingEmptySubsequences: false).last.map(String.init) ?? ""
            description = Self.types.contains(type) ? text : text + ".service"
            glob = nil
            return
        }
        guard let glob = Glob(text) else { throw Mismatch(Self.expectation) }
        description = text
        self.glob = glob
    }

    /// The unit's name; nil for a glob.
    var name: String? { glob == nil ? description : nil }

    func matches(_ unit: String) -> Bool { glob?.matches(unit) ?? (unit == description) }

    private static let types: Set = [
        "service", "socket", "target", "device", "mount", "automount", "swap", "timer", "path", "slice", "scope",
    ]
}

/// What a unit can be doing, as systemd calls it.
package enum UnitState: String, SettingChoice {
    case active, reloading, refreshing, inactive, failed, activating, deactivating, maintenance
}
