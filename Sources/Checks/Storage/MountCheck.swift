package import Alerting
package import Basics
import Procfs
package import Settings

/// Fires when something is not mounted as it should be: missing, of another type, without an option, or changed.
///
/// Reads: `<proc>/1/mounts`, which is `<proc>/1/mountinfo` with all options in one list, and `<root>/etc/fstab`.
/// Unknown when: the host's root is not mounted, for what its fstab asks for.
package struct MountCheck: Check {
    package static let kind = "mount"
    package static let summary = "Something is not mounted as it should be, or is mounted otherwise than before."
    package static let runsByDefault = false

    package typealias Settings = MountSettings

    static let compliance = Measure(
        name: "mount_compliance",
        unit: .none,
        summary: "Whether what is mounted is what the settings or fstab ask for."
    )
    static let present = Measure(
        name: "mount_present",
        unit: .none,
        summary: "Whether a mount that need not be there is there."
    )
    static let options = Measure(
        name: "mount_options",
        unit: .none,
        summary: "Type and options of the mount, compared with those kept."
    )
    package static let measures = [compliance, present, options]

    private let settings: MountSettings
    /// What fstab asked for when it could be read last.
    private let asked = Kept<[FSTab.Entry]>([])

    package init(_ settings: MountSettings) { self.settings = settings }

    package var rules: [Rule] {
        var rules = [
            Rule(Self.compliance, .state(bad: Compliance.bad)),
            Rule(Self.present, .became(bad: [Self.missing: settings.fstab ?? .warning])),
        ]
        if let severity = settings.changeSeverity { rules.append(Rule(Self.options, .changed(severity))) }
        return rules
    }

    private static let missing = "missing"

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let host = world.host
        let table = try looking { () throws(HostFileError) in try host.mountTable() }
        guard host.scope != .container else { throw .ownContainerOnly }
        var demands =
            settings.critical.map { MountDemand($0, .critical) }
            + settings.warning.map { MountDemand($0, .warning) }
        var observations: [Observation] = []
        if let severity = settings.fstab {
            do throws(HostFileError) {
                demands += try fsTab(host).map { MountDemand($0, severity) }
            } catch {
                let own = Set(demands.map(\.point))
                let lost = asked.withLock(\.self).filter { !own.contains($0.point) }.map { MountDemand($0, severity) }
                observations += Self.unreadable(error, lost)
            }
        }
        guard !demands.isEmpty || !observations.isEmpty else {
            throw .notApplicable(because: "neither the settings nor fstab name a mount", remedy: nil)
        }
        for (point, demands) in Dictionary(grouping: demands, by: \.point).sorted(by: { $0.key < $1.key }) {
            observations += Self.observations(point, demands, table.mount(at: point))
        }
        return observations
    }

    /// The lines of fstab that are judged.
    private func fsTab(_ host: Host) throws(HostFileError) -> [FSTab.Entry] {
        let entries: [FSTab.Entry]
        do throws(HostFileError) {
            entries = try host.fsTab().entries.filter(settings.covers)
        } catch .absent(_, nil) {
            // A host without fstab asks for nothing.
            entries = []
        }
        asked.withLock { $0 = entries }
        return entries
    }

    /// The file's own target says why; what fstab asked for before keeps its alerts.
    private static func unreadable(_ error: HostFileError, _ lost: [MountDemand]) -> [Observation] {
        let because = "fstab is not known: \(error); \(error.hint ?? "correct the line")"
        func unknown(_ measure: Measure, _ target: String) -> Observation {
            Observation(measure, of: Target(target), .unknown(because: because))
        }
        return [unknown(compliance, "etc/fstab")]
            + Dictionary(grouping: lost, by: \.point).sorted { $0.key < $1.key }.flatMap { point, demands in
                let measures = [compliance] + (demands.contains(where: \.isRequired) ? [] : [present]) + [options]
                return measures.map { unknown($0, point.safe(limit: 400)) }
            }
    }

    private static func observations(
        _ point: String,
        _ demands: [MountDemand],
        _ mount: MountTable.Mount?
    ) -> [Observation] {
        let target = Target(point.safe(limit: 400))
        let found = demands.compactMap { demand in demand.deviation(of: mount).map { (demand.severity, $0) } }
            .max { $0.0 < $1.0 }
        let description = mount.map(Self.description)
        var annotations = ["wanted": wanted(demands)]
        annotations["found"] = description
        var observations = [
            Observation(
                compliance,
                of: target,
                .state(Compliance(breaking: found?.0).rawValue),
                summary: "\(target.name) \(found?.1 ?? "is as expected")",
                annotations: annotations
            )
        ]
        if !demands.contains(where: \.isRequired) {
            observations.append(
                Observation(
                    present,
                    of: target,
                    .state(mount == nil ? missing : "mounted"),
                    summary: "\(target.name) \(mount == nil ? "was mounted and is so no more" : "is mounted")"
                )
            )
        }
        let isTrap = mount?.type == "autofs" && demands.contains { $0.isAutomounted }
        observations.append(kept(target, description, isDeviating: found != nil, isTrap: isTrap, annotations))
        return observations
    }

    /// What is compared with the baseline; one cause is told once, so what deviates or is away keeps it.
    private static func kept(
        _ target: Target,
        _ description: String?,
        isDeviating: Bool,
        isTrap: Bool,
        _ annotations: [String: String]
    ) -> Observation {
        func unknown(_ because: String) -> Observation {
            Observation(options, of: target, .unknown(because: because))
        }
        guard let description else { return unknown("it is not mounted") }
        if isDeviating { return unknown("it is not as expected, which is told by itself") }
        if isTrap { return unknown("it is mounted when somebody looks into it") }
        return Observation(options, of: target, .state(description.keptAsBaseline), annotations: annotations)
    }

    /// Type and options, without those that differ each time.
    private static func description(_ mount: MountTable.Mount) -> String {
        let options = mount.options.filter { option in !volatile.contains { option.hasPrefix($0) } }
        return "\(mount.type) \(options.joined(separator: ","))".safe(limit: 2048)
    }

    private static let volatile = ["fd=", "pgrp=", "pipe_ino=", "mountport=", "clientaddr="]

    private static func wanted(_ demands: [MountDemand]) -> String {
        Set(demands.map { "\($0.wanted.isEmpty ? "any" : $0.wanted) \($0.options.joined(separator: ","))" })
            .sorted().joined(separator: "; ").safe(limit: 400)
    }
}

/// Which mounts are expected.
package struct MountSettings: SettingsGroup {
    package var warning: [MountExpectation] = []
    package var critical: [MountExpectation] = []
    package var fstab: Severity? = .warning
    package var exclude: [Glob] = []
    package var excludeTypes = ["tmpfs", "devtmpfs", "squashfs", "overlay"].compactMap { Glob($0) }
    package var changeSeverity: Severity? = .warning

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "warning",
                \.warning,
                "Warns when one of these is not mounted, has another type or lacks an option: `/data ext4|xfs noexec`."
            )
            Field(
                "critical",
                \.critical,
                "Alarms when one of these is not mounted, has another type or lacks an option."
            )
            Field(
                "fstab",
                \.fstab,
                "Says with this severity that something is not mounted as the host's fstab asks."
            )
            Field("exclude", \.exclude, "Leaves out what fstab asks for at these places.")
            Field("exclude_types", \.excludeTypes, "Leaves out what fstab asks for with these types.")
            Field(
                "change_severity",
                \.changeSeverity,
                "Says with this severity that type or options of a mount changed, after its first sight."
            )
        }
    }

    /// Whether a line of fstab is judged.
    func covers(_ entry: FSTab.Entry) -> Bool {
        entry.isMount && !entry.isByHand && !exclude.contains { $0.matches(entry.point) }
            && !entry.types.contains { type in excludeTypes.contains { $0.matches(type) } }
    }
}
