package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when the machine, a process or a control group is running out of file descriptors.
///
/// Reads: `<proc>/sys/fs/file-nr`. Where its limit is astronomical (systemd raises it to 2^63−1), also
/// `<proc>/meminfo`, for the limit that the kernel would have set, and `<proc>/<pid>/{fd,limits,cgroup}`.
/// Unknown when: processes cannot be counted, which needs the host's procfs and Linux 6.2 or `CAP_SYS_PTRACE`.
package struct FilefdCheck: Check {
    package static let kind = "filefd"
    package static let summary = "The machine, a process or a control group is running out of file descriptors."

    package struct Settings: SettingsGroup {
        package var warning: Percent? = 80
        package var critical: Percent? = 90
        package var processWarning: Percent? = 80
        package var processCritical: Percent? = 90

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("warning", \.warning, "Warns when this share of the machine's limit is open.", in: 1...100)
                Field("critical", \.critical, "Alarms when this share of the machine's limit is open.", in: 1...100)
                Field(
                    "process_warning",
                    \.processWarning,
                    "Warns when a process has this share of its own limit open; only where the machine has no limit.",
                    in: 1...100
                )
                Field(
                    "process_critical",
                    \.processCritical,
                    "Alarms when a process has this share of its own limit open; only where the machine has no limit.",
                    in: 1...100
                )
            }
        }
    }

    static let allocated = Measure(name: "filefd_allocated", unit: .none, summary: "File handles of the whole machine.")
    static let used = Measure(
        name: "filefd_used_ratio",
        unit: .ratio,
        summary: "Share of the machine's file handles in use; without a limit, of those the kernel would allow itself."
    )
    static let process = Measure(
        name: "filefd_process_used_ratio",
        unit: .ratio,
        summary: "Share of its limit that the process nearest to it has open."
    )
    static let group = Measure(
        name: "filefd_group_used_ratio",
        unit: .ratio,
        summary: "Share of the file handles that the kernel would allow, held by the control group with most."
    )
    package static let measures = [allocated, used, process, group]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        let machine = Rule.Shape.above(warning: settings.warning?.ratio, critical: settings.critical?.ratio)
        let process = Rule.Shape.above(
            warning: settings.processWarning?.ratio,
            critical: settings.processCritical?.ratio
        )
        return [Rule(Self.used, machine), Rule(Self.process, process), Rule(Self.group, machine)]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let host = world.host
        let handles = try looking { () throws(HostFileError) in try host.fileHandles() }
        let allocated = Observation(Self.allocated, of: .host, .number(Double(handles.allocated)))
        guard handles.isUnlimited else {
            return [allocated, share(of: handles, maximum: handles.maximum, note: nil)]
        }
        guard let maximum = Self.kernelsOwnMaximum(host) else {
            return [allocated, Observation(Self.used, of: .host, .unknown(because: "fs.file-max limits nothing"))]
        }
        return [
            allocated,
            share(of: handles, maximum: maximum, note: "fs.file-max is \(handles.maximum), which limits nothing"),
        ] + processes(world, maximum: maximum)
    }

    /// What the kernel sets at boot: a tenth of the memory, at 1 KiB for each open file.
    private static func kernelsOwnMaximum(_ host: Host) -> UInt64? {
        do {
            return max(8192, try host.memInfo().total / 10240)
        } catch {
            return nil
        }
    }

    private func share(of handles: FileHandles, maximum: UInt64, note: String?) -> Observation {
        var annotations = ["allocated": "\(handles.allocated)", "maximum": "\(maximum)"]
        annotations["note"] = note
        return Observation(
            Self.used,
            of: .host,
            .number(Double(handles.allocated) / Double(max(1, maximum))),
            summary: "\(handles.allocated) of \(maximum) file handles are in use",
            annotations: annotations
        )
    }

    private func processes(_ world: World, maximum: UInt64) -> [Observation] {
        func both(_ value: Observation.Value) -> [Observation] {
            [Self.process, Self.group].map { Observation($0, of: .host, value) }
        }
        guard world.host.scope == .host else {
            let remedy = CheckError.ownContainerOnly.remedy ?? ""
            return both(.unknown(because: "the host's processes are not visible: \(remedy)"))
        }
        let use: FileUse
        do {
            let least = [settings.processWarning, settings.processCritical].compactMap(\.self).min()
            use = try world.processes.fileUse(by: world.time, exactAbove: least?.ratio ?? .infinity)
        } catch {
            return both(.unknown(because: error.description))
        }
        guard use.hidden == 0, let fullest = use.fullest else {
            return both(FileUse.uncounted(use.hidden, of: use.hidden + use.counted))
        }
        let limit = fullest.limit.map { "\($0)" } ?? "unlimited"
        return [
            Observation(
                Self.process,
                of: .host,
                .number(fullest.ratio),
                summary: "process \(fullest.name) (\(fullest.pid)) has \(fullest.open) of \(limit) descriptors open",
                annotations: [
                    "process": fullest.name, "pid": "\(fullest.pid)", "open": "\(fullest.open)", "limit": limit,
                ]
            ),
            Observation(
                Self.group,
                of: .host,
                .number(Double(use.largestGroup?.open ?? 0) / Double(maximum)),
                annotations: use.largestGroup.map { ["group": $0.path, "open": "\($0.open)"] } ?? [:]
            ),
        ]
    }
}
