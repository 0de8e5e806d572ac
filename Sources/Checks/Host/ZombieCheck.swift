package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when many processes have ended and their parent does not collect them: each keeps a process number.
///
/// Reads: `<proc>/<pid>/stat` of every process, in the pass that all process checks share.
/// Unknown when: only a container's own procfs is there, or it hides other users' processes (`hidepid`).
package struct ZombieCheck: Check {
    package static let kind = "zombie"
    package static let summary = "Many processes have ended and their parent does not collect them."

    package struct Settings: SettingsGroup {
        package var warning: Int? = 20
        package var critical: Int? = 100
        package var uncollectedFor: Duration = .seconds(120)

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("warning", \.warning, "Warns when there are more zombies than this.", in: 0...4_194_304)
                Field("critical", \.critical, "Alarms when there are more zombies than this.", in: 0...4_194_304)
                Field(
                    "uncollected_for",
                    \.uncollectedFor,
                    "Warns only when there have been so many for this long; alarms at once.",
                    in: .zero ... .seconds(86400)
                )
            }
        }
    }

    static let zombies = Measure(
        name: "zombie_processes",
        unit: .none,
        summary: "Processes that have ended and were not collected by their parent."
    )
    package static let measures = [zombies]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        [
            Rule(
                Self.zombies,
                .above(warning: settings.warning.map(Double.init), critical: nil),
                holdFor: settings.uncollectedFor,
                name: "lasting"
            ),
            Rule(Self.zombies, .above(warning: nil, critical: settings.critical.map(Double.init)), name: "many"),
        ]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let pass = try world.everyProcess()
        let zombies = pass.processes.filter(\.isZombie)
        var observation = Observation(Self.zombies, of: .host, .number(Double(zombies.count)))
        if !zombies.isEmpty {
            let parents = Self.parents(of: zombies, in: pass)
            observation.annotations = ["zombies": zombies.frequentNames(), "parents": parents.joined(separator: ", ")]
            let number = zombies.count == 1 ? "1 process has" : "\(zombies.count) processes have"
            observation.summary = "\(number) ended and not been collected; to be by \(parents.first ?? "nobody")"
        }
        return [observation]
    }

    /// The parents that leave most uncollected: `make (812): 30`.
    private static func parents(of zombies: [ProcessStat], in pass: ProcessPass) -> [String] {
        var counts: [Int32: Int] = [:]
        for zombie in zombies { counts[zombie.parent, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5).map { pid, count in
            "\(pass[pid]?.title ?? "process \(pid)"): \(count)"
        }
    }
}
