import Basics
import Procfs
package import Settings

/// What is expected of one mount: `/data`, `/data ext4`, `/data ext4|xfs noexec nosuid`.
///
/// Blanks in the path are written `\040`, as in fstab(5). `any` stands for every type.
package struct MountExpectation: Hashable, Sendable, SettingValue {
    /// Where; no slash at its end.
    package var point: String
    /// Alternatives; every type when empty.
    package var types: [String]
    /// What must be among its options.
    package var options: [String]

    package static var typeName: String { "mount" }
    package static var expectation: String {
        "a mount such as `/data`, `/data ext4|xfs` or `/data any noexec nosuid`, its path from the root"
    }
    package static var acceptsLabel: Bool { false }

    package init(setting text: String) throws(Mismatch) {
        let fields = text.split { " \t,".contains($0) }.map(String.init)
        guard text.utf8.count <= 4096, let first = fields.first, first.hasPrefix("/"), text == text.safe() else {
            throw Mismatch(Self.expectation)
        }
        var point = first.split(separator: "\\040", omittingEmptySubsequences: false).joined(separator: " ")
        while point.utf8.count > 1, point.hasSuffix("/") { point.removeLast() }
        self.point = point
        let types = fields.dropFirst().first?.split(separator: "|").map(String.init) ?? []
        self.types = types.contains("any") ? [] : types
        options = Array(fields.dropFirst(2))
    }

    package var settingText: String {
        let place = point.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "\\040")
        guard !types.isEmpty || !options.isEmpty else { return place }
        return ([place, types.isEmpty ? "any" : types.joined(separator: "|")] + options).joined(separator: " ")
    }
}

/// What a mount should be, and how grave it is when it is not.
struct MountDemand {
    var point: String
    /// The severity of a deviation.
    var severity: Severity
    /// Whether it has to be there; where not, only its going is told.
    var isRequired = true
    var isAutomounted = false
    /// As people read it: `ext4|xfs`.
    var wanted: String
    var options: [String]
    var allows: @Sendable (String) -> Bool

    init(_ expectation: MountExpectation, _ severity: Severity) {
        point = expectation.point
        self.severity = severity
        wanted = expectation.types.joined(separator: "|")
        options = expectation.options
        allows = { [types = expectation.types] type in types.isEmpty || types.contains(type) }
    }

    init(_ entry: FSTab.Entry, _ severity: Severity) {
        point = entry.point
        self.severity = severity
        isRequired = !entry.mayFail
        isAutomounted = entry.isAutomounted
        wanted = entry.types.joined(separator: "|")
        options = entry.demandedOptions
        allows = { entry.allows(type: $0) }
    }

    /// What is wrong with what is mounted there, in words; nil when nothing is.
    func deviation(of mount: MountTable.Mount?) -> String? {
        guard let mount else { return isRequired ? "is not mounted" : nil }
        let type = mount.type
        // A trap that mounts on access waits there.
        if isAutomounted, type == "autofs" { return nil }
        guard allows(type) else { return "is \(type.safe(limit: 64)), not \(wanted.safe(limit: 200))" }
        let present = Set(mount.options)
        let missing = options.filter { !present.contains($0) }
        return missing.isEmpty ? nil : "is mounted without \(missing.joined(separator: ", ").safe(limit: 200))"
    }
}
