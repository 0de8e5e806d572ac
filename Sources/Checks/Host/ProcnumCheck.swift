package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when too few or too many processes of a kind run, or when they are started again and again.
///
/// Reads: `<proc>/<pid>/stat` of every process, in the pass that all process checks share; `status`, `cgroup` and
/// `cmdline` only of those that fit so far and only if asked for; users from the host's `/etc/passwd`.
/// Unknown when: only a container's own procfs is there, or it hides other users' processes (`hidepid`).
package struct ProcnumCheck: Check {
    package static let kind = "procnum"
    package static let summary = "Too few or too many processes of a kind run, or they are started again and again."
    package static let runsByDefault = false
    package static let instances = Instances.both

    package typealias Settings = ProcnumSettings

    static let count = Measure(name: "procnum_processes", unit: .none, summary: "Processes that run and fit.")
    static let threads = Measure(name: "procnum_threads", unit: .none, summary: "Their threads, all together.")
    static let restarts = Measure(
        name: "procnum_restarts_total",
        unit: .total,
        summary: "How often one of them was started in the place of one that had ended; their children do not count."
    )
    package static let measures = [count, threads, restarts]

    private let settings: ProcnumSettings
    private let last = Kept(Past())

    /// What the last look found: a process is told from a later one with its number by its start.
    private struct Past: Sendable {
        var fitting: Set<ProcessStat.Key> = []
        var first: Set<ProcessStat.Key> = []
        /// Those that have no successor yet.
        var ends: [End] = []
    }

    /// One that has ended.
    private struct End: Sendable {
        /// When it was missing, by monotonic time.
        var at: Duration
        /// When it was started, as `ProcessStat.start` says it.
        var start: UInt64
    }

    package init(_ settings: ProcnumSettings) { self.settings = settings }

    package var rules: [Rule] {
        func number(_ value: Int?) -> Double? { value.map(Double.init) }
        var rules = [
            Rule(
                Self.count,
                .below(warning: number(settings.warningBelow), critical: number(settings.criticalBelow))
            ),
            Rule(
                Self.count,
                .above(warning: number(settings.warningAbove), critical: number(settings.criticalAbove))
            ),
            Rule(
                Self.threads,
                .above(warning: number(settings.threadsWarning), critical: number(settings.threadsCritical))
            ),
        ]
        for (least, severity) in [
            (settings.restartsWarning, Severity.warning), (settings.restartsCritical, .critical),
        ] {
            guard let least else { continue }
            let shape = Rule.Shape.occurred(atLeast: least, within: settings.restartsWithin, severity)
            rules.append(Rule(Self.restarts, shape, name: severity.rawValue))
        }
        return rules
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let pass = try world.everyProcess()
        let known = last.withLock(\.fitting)
        let found = try await settings.selection.find(in: pass, world, known: known)
        // What has ended and was not collected does not run.
        let fitting = found.places.map { pass.processes[$0] }.filter { !$0.isZombie }
        var annotations = ["processes": fitting.prefix(10).map(\.title).joined(separator: ", ")]
        annotations["selection"] = settings.selection.text
        if found.unread > 0 { annotations["unread"] = "\(found.unread) of \(found.asked) command lines" }
        let number = fitting.count == 1 ? "1 process fits" : "\(fitting.count) processes fit"
        return [
            Observation(
                Self.count,
                of: .host,
                count(fitting.count, found),
                summary: "\(number): \(settings.selection.text)",
                annotations: annotations
            ),
            Observation(Self.threads, of: .host, .number(fitting.reduce(0) { $0 + Double($1.threads) })),
            Observation(
                Self.restarts,
                of: .host,
                .occurrences(restarts(of: fitting, at: world.time.uptime)),
                annotations: annotations
            ),
        ]
    }

    /// How many fit; unknown where those that may fit as well decide whether they are too few.
    private func count(_ count: Int, _ found: ProcessSelection.Found) -> Observation.Value {
        let isOpen = [settings.warningBelow, settings.criticalBelow].contains { least in
            least.map { count < $0 && $0 <= count + found.unread } ?? false
        }
        return isOpen ? found.unknown : .number(Double(count))
    }

    /// How many first processes began in the place of one that ended, now or some time ago.
    ///
    /// First is one whose parent does not fit, such as the main process of a service; its workers come and go.
    private func restarts(of fitting: [ProcessStat], at now: Duration) -> Int {
        let pids = Set(fitting.map(\.pid))
        let first = fitting.filter { !pids.contains($0.parent) }
        let runs = Set(fitting.map(\.key))
        return last.withLock { last in
            var ends = last.ends.filter { now - $0.at < settings.restartsWithin }
            // Not asked of the pass: what ended after it was made has no command line any more.
            ends += last.first.filter { !runs.contains($0) }.map { End(at: now, start: $0.start) }
            let oldest = ends.map(\.start).min() ?? .max
            // One that has only lost its parent fitted before. One that became what it is by exec keeps its start.
            let begun = first.count { $0.start > oldest && !last.fitting.contains($0.key) }
            let restarts = min(ends.count, begun)
            last = Past(
                fitting: runs,
                first: Set(first.map(\.key)),
                ends: Array(ends.dropFirst(restarts).suffix(Self.most))
            )
            return restarts
        }
    }

    /// Ends that are kept: more restarts than that are judged alike.
    private static let most = 1000
}
