package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when the machine is running out of process numbers, or may start no more threads: then nothing can be started,
/// a shell to look into it included.
///
/// Reads: `<proc>/loadavg`, `<proc>/sys/kernel/{pid_max,threads-max}`; all are the machine's in every container, but
/// `pid_max` since Linux 6.14, which gives each PID namespace its own.
/// Out of sight: `pid_max`, where on such a kernel Custos has a PID namespace of its own; the limit of threads is judged
/// all the same.
package struct PidsCheck: Check {
    package static let kind = "pids"
    package static let summary = "The machine is running out of process numbers, or may start no more threads."

    package struct Settings: SettingsGroup {
        package var warning: Percent? = 80
        package var critical: Percent? = 90

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("warning", \.warning, "Warns when this share of a limit is used.", in: 1...100)
                Field("critical", \.critical, "Alarms when this share of a limit is used.", in: 1...100)
            }
        }
    }

    static let threads = Measure(
        name: "pids_threads",
        unit: .none,
        summary: "Threads of the whole machine; each needs a process number."
    )
    static let used = Measure(
        name: "pids_used_ratio",
        unit: .ratio,
        summary: "Share of the process numbers (pid_max) in use."
    )
    static let threadsUsed = Measure(
        name: "pids_threads_used_ratio",
        unit: .ratio,
        summary: "Share of the threads that the machine may have (threads-max)."
    )
    package static let measures = [threads, used, threadsUsed]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        let shape = Rule.Shape.above(warning: settings.warning?.ratio, critical: settings.critical?.ratio)
        return [Rule(Self.used, shape), Rule(Self.threadsUsed, shape)]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let host = world.host
        let (load, threads) = try looking { () throws(HostFileError) in
            (try host.loadAverage(), try host.threadLimit().maximum)
        }
        guard let tasks = load.tasks else {
            throw .degraded(because: "the kernel does not tell how many tasks there are", remedy: nil)
        }
        return [
            Observation(Self.threads, of: .host, .number(Double(tasks))),
            Self.numbers(tasks, host),
            Self.share(Self.threadsUsed, tasks, of: threads, "threads that the machine may have"),
        ]
    }

    private static func numbers(_ tasks: UInt64, _ host: Host) -> Observation {
        do throws(HostFileError) {
            let limit = try host.pidLimit().maximum
            guard try host.kernelRelease().isAtLeast(6, 14), host.sharesProcesses != true else {
                return share(used, tasks, of: limit, "process numbers")
            }
            let because = "since Linux 6.14 each PID namespace has its own pid_max; `pid: host` shows the host's"
            return .outOfSight(used, of: .host, because: because)
        } catch {
            return Observation(used, of: .host, .unknown(because: "the limit is unknown: \(error)"))
        }
    }

    private static func share(_ measure: Measure, _ tasks: UInt64, of limit: UInt64, _ what: String) -> Observation {
        Observation(
            measure,
            of: .host,
            .number(Double(tasks) / Double(max(1, limit))),
            summary: "\(tasks) of \(limit) \(what) are in use",
            annotations: ["threads": "\(tasks)", "limit": "\(limit)"]
        )
    }
}
