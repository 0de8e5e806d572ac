package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when a process has nearly as many descriptors open as it may: the next file or connection fails.
///
/// Reads: `<proc>/<pid>/stat` of every process, in the pass that all process checks share; the size of `<pid>/fd`;
/// `<pid>/limits`, of a process that has few open and is far from its limit only now and then.
/// Unknown when: descriptors cannot be counted, which needs Linux 6.2 or `CAP_SYS_PTRACE`; only a container's own procfs
/// is there, or it hides other users' processes (`hidepid`).
package struct ProcfdCheck: Check {
    package static let kind = "procfd"
    package static let summary = "A process has nearly as many files and connections open as it may."
    package static let runsByDefault = false
    package static let instances = Instances.both

    package struct Settings: SettingsGroup {
        package var warning: Percent? = 80
        package var critical: Percent? = 90
        package var selection = ProcessSelection()

        package init() {}
    }

    static let used = Measure(
        name: "procfd_used_ratio",
        unit: .ratio,
        summary: "Share of its limit that a process has open; of each that is, or was, over a threshold."
    )
    static let highest = Measure(
        name: "procfd_highest_used_ratio",
        unit: .ratio,
        summary: "Share of its limit that the process nearest to it has open."
    )
    package static let measures = [used, highest]

    private let settings: Settings
    /// Those that were over a threshold: they are told until they end, by the name that they had at first.
    private let watched = Kept<[ProcessStat.Key: String]>([:])

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        [Rule(Self.used, .above(warning: settings.warning?.ratio, critical: settings.critical?.ratio))]
    }

    /// What one process has open.
    private struct Use {
        var process: ProcessStat
        var open: UInt64
        /// Nil for no limit.
        var limit: UInt64?

        var ratio: Double { FileUse.ratio(open, of: limit) }
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let pass = try world.everyProcess()
        let watched = watched.withLock(\.self)
        let found = try await settings.selection.find(in: pass, world, known: Set(watched.keys))
        let places = found.places.filter { !pass.processes[$0].isKernelThread }
        guard !places.isEmpty else {
            self.watched.withLock { $0 = [:] }
            let none = Observation.Value.unknown(because: "no process fits the selection")
            return [Observation(Self.highest, of: .host, found.unread > 0 ? found.unknown : none)]
        }
        let least = [settings.warning, settings.critical].compactMap(\.self).min()?.ratio ?? .infinity
        let files = world.processes.openFiles(of: pass, at: places)
        let limits = world.processes.filesLimits(of: pass, at: places, open: files, exactAbove: least)
        var uses: [Use] = []
        var highest: Use?
        var hidden = 0
        for (place, (files, limit)) in zip(places, zip(files, limits)) {
            guard case .number(let open) = files, let limit else {
                if files == .hidden { hidden += 1 }
                continue
            }
            let use = Use(process: pass.processes[place], open: open, limit: limit.number)
            if use.ratio > highest?.ratio ?? -1 { highest = use }
            if use.ratio > least || watched[use.process.key] != nil { uses.append(use) }
        }
        let all = told(uses, over: least, world.host)
        guard found.unread == 0 else {
            return all + [Observation(Self.highest, of: .host, found.unknown)]
        }
        return all + [Self.highest(highest, hidden: hidden, of: places.count)]
    }

    /// Each process over a threshold, and each that was.
    private func told(_ uses: [Use], over least: Double, _ host: Host) -> [Observation] {
        watched.withLock { watched in
            let told = uses.filter { use in
                // A file that was read after the pass may be another process's with the same number.
                watched[use.process.key] != nil || use.ratio > least && host.isStillThere(use.process)
            }
            let former = watched
            let titles = told.map { ($0.process.key, former[$0.process.key] ?? $0.process.title) }
            watched = Dictionary(titles, uniquingKeysWith: { first, _ in first })
            return zip(told, titles).map { use, title in
                Observation(
                    Self.used,
                    of: Target(title.1),
                    .number(use.ratio),
                    summary: Self.text(use),
                    annotations: Self.evidence(use, group: host.controlGroup(of: use.process))
                )
            }
        }
    }

    private static func highest(_ highest: Use?, hidden: Int, of all: Int) -> Observation {
        guard hidden == 0, let highest else {
            return Observation(Self.highest, of: .host, FileUse.uncounted(hidden, of: all))
        }
        return Observation(
            Self.highest,
            of: .host,
            .number(highest.ratio),
            summary: text(highest),
            annotations: evidence(highest, group: nil)
        )
    }

    private static func text(_ use: Use) -> String {
        let limit = use.limit.map { "\($0)" } ?? "unlimited"
        return "process \(use.process.title) has \(use.open) of \(limit) descriptors open"
    }

    private static func evidence(_ use: Use, group: String?) -> [String: String] {
        var evidence = [
            "process": use.process.name.text, "pid": "\(use.process.pid)", "open": "\(use.open)",
            "limit": use.limit.map { "\($0)" } ?? "unlimited",
        ]
        evidence["cgroup"] = group
        return evidence
    }
}

extension ProcfdCheck.Settings {
    package static var schema: Schema<Self> {
        Schema {
            Field("warning", \.warning, "Warns when a process has this share of its soft limit open.", in: 1...100)
            Field("critical", \.critical, "Alarms when a process has this share of its soft limit open.", in: 1...100)
            Field(
                "name",
                \.selection.names,
                "Watches processes with these names, as `ps -o comm` shows them; longer ones than 15 bytes by their program."
            )
            Field(
                "command",
                \.selection.commands,
                "Watches processes with these command lines; `*app.jar*` finds a word anywhere."
            )
            Field("user", \.selection.users, "Watches processes of these users, by the host's names or by number.")
            Field(
                "cgroup",
                \.selection.groups,
                "Watches processes of these control groups: `/system.slice/ssh.service`."
            )
            Field("pid_file", \.selection.pidFile, "Watches the process whose number is in this file of the host.")
        }
    }
}
