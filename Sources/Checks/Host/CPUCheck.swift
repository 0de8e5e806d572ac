package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when the processors have had no time left for long, or when many more tasks wait than there are processors.
///
/// Reads: `<proc>/stat`, compared with the reading of the sweep before; `<proc>/loadavg`.
/// Unknown when: there is no reading to compare with, on the first sweep.
package struct CPUCheck: Check {
    package static let kind = "cpu"
    package static let summary = "The processors have no time left, or many more tasks wait than there are processors."

    /// Over what span the load is averaged.
    package enum LoadPeriod: String, SettingChoice {
        case one = "1m"
        case five = "5m"
        case fifteen = "15m"
    }

    package struct Settings: SettingsGroup {
        package var warning: Percent? = 95
        package var critical: Percent?
        package var hysteresis: Percent = 5
        package var busyFor: Duration = .seconds(900)
        package var cores = false
        package var iowaitWarning: Percent?
        package var iowaitCritical: Percent?
        package var stealWarning: Percent?
        package var stealCritical: Percent?
        package var loadWarning: Double? = 3
        package var loadCritical: Double? = 5
        package var loadPeriod = LoadPeriod.five

        package init() {}
    }

    static let busy = Measure(
        name: "cpu_busy_ratio",
        unit: .ratio,
        summary: "Share of the processors' time that was not idle, since the sweep before."
    )
    static let iowait = Measure(
        name: "cpu_iowait_ratio",
        unit: .ratio,
        summary: "Share of the processors' time that was idle while a disk was waited for."
    )
    static let steal = Measure(
        name: "cpu_steal_ratio",
        unit: .ratio,
        summary: "Share of the processors' time that the hypervisor gave to other machines."
    )
    static let coreBusy = Measure(
        name: "cpu_core_busy_ratio",
        unit: .ratio,
        summary: "Share of one processor's time that was not idle, since the sweep before."
    )
    static let load = Measure(
        name: "cpu_load_per_core",
        unit: .none,
        summary: "Tasks that run or wait, for a processor or a disk, on average and for each processor."
    )
    package static let measures = [busy, iowait, steal, coreBusy, load]

    private let settings: Settings
    /// The reading of the sweep before; each instance has its own, so that nobody shortens another's span.
    private let former = Kept<CPUTimes?>(nil)

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        func above(_ warning: Percent?, _ critical: Percent?) -> Rule.Shape {
            .share(above: warning, critical, hysteresis: settings.hysteresis)
        }
        let busy = above(settings.warning, settings.critical)
        let iowait = above(settings.iowaitWarning, settings.iowaitCritical)
        let steal = above(settings.stealWarning, settings.stealCritical)
        return [
            Rule(Self.busy, busy, holdFor: settings.busyFor),
            Rule(Self.iowait, iowait, holdFor: settings.busyFor),
            Rule(Self.steal, steal, holdFor: settings.busyFor),
            Rule(Self.coreBusy, busy, holdFor: settings.busyFor),
            Rule(Self.load, .above(warning: settings.loadWarning, critical: settings.loadCritical)),
        ]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let (times, average) = try looking { () throws(HostFileError) in
            (try world.host.cpuTimes(), try world.host.loadAverage())
        }
        var observations = shares(times)
        observations.append(load(average, processors: times.cores.count))
        return observations
    }

    /// Ticks of one processor that make a share: what is closer together makes noise.
    private static let leastTicks: UInt64 = 20

    private func shares(_ times: CPUTimes) -> [Observation] {
        func unknown(_ because: String) -> [Observation] {
            [Self.busy, Self.iowait, Self.steal].map {
                Observation($0, of: .host, .unknown(because: "no judgement yet: \(because)"))
            }
        }
        let least = Self.leastTicks * UInt64(times.cores.count)
        let (last, shares) = former.withLock { former in
            let last = former
            let shares = last.flatMap { CPUShares(from: $0.all, to: times.all, least: least) }
            let isReset = last.map { times.all.idle < $0.all.idle } ?? true
            // Where this one is too recent, the earlier reading stays the base.
            if shares != nil || isReset { former = times }
            return (last, shares)
        }
        guard let last else { return unknown("a share of time needs two readings") }
        guard let shares else { return unknown("the last reading is too recent") }
        let text = Unit.ratio.text
        let parts = "\(text(shares.user)) programs, \(text(shares.system)) kernel, \(text(shares.steal)) stolen"
        let number = times.cores.count == 1 ? "the processor was" : "the \(times.cores.count) processors were"
        return [
            Observation(
                Self.busy,
                of: .host,
                .number(shares.busy),
                summary: "\(number) \(text(shares.busy)) busy: \(parts)"
            ),
            Observation(Self.iowait, of: .host, .number(shares.iowait)),
            Observation(Self.steal, of: .host, .number(shares.steal)),
        ] + (settings.cores ? Self.each(from: last, to: times) : [])
    }

    /// Each processor by itself; one that was offline at the last reading has no share yet.
    private static func each(from last: CPUTimes, to present: CPUTimes) -> [Observation] {
        let former = Dictionary(last.cores.map { ($0.number, $0.ticks) }, uniquingKeysWith: { first, _ in first })
        return present.cores.map { core in
            let shares = former[core.number].flatMap { CPUShares(from: $0, to: core.ticks, least: leastTicks / 2) }
            return Observation(
                coreBusy,
                of: Target("cpu\(core.number)"),
                shares.map { .number($0.busy) } ?? .unknown(because: "no judgement yet: it was just switched on")
            )
        }
    }

    private func load(_ average: LoadAverage, processors: Int) -> Observation {
        let chosen =
            switch settings.loadPeriod {
            case .one: average.one
            case .five: average.five
            case .fifteen: average.fifteen
            }
        let text = Unit.none.text
        return Observation(
            Self.load,
            of: .host,
            .number(chosen / Double(max(1, processors))),
            summary: "the load over \(settings.loadPeriod.rawValue) is \(text(chosen)) for \(processors) processors",
            annotations: [
                "load1": text(average.one), "load5": text(average.five), "load15": text(average.fifteen),
                "processors": "\(processors)",
            ]
        )
    }
}

extension CPUCheck.Settings {
    package static var schema: Schema<Self> {
        Schema {
            Field("warning", \.warning, "Warns when the processors are busy for this share of time.", in: 1...100)
            Field("critical", \.critical, "Alarms when the processors are busy for this share of time.", in: 1...100)
            Field(
                "hysteresis",
                \.hysteresis,
                "Resolves only when the share is less than its threshold by more than this; half the threshold at most.",
                in: 0...50
            )
            Field(
                "busy_for",
                \.busyFor,
                "Fires only when the processors have been busy, or waiting, for this long.",
                in: .zero ... .seconds(86400)
            )
            Field("cores", \.cores, "Judges each processor by itself as well.")
            Field(
                "iowait_warning",
                \.iowaitWarning,
                "Warns when this share of the processors' time is idle waiting for disks.",
                in: 1...100
            )
            Field(
                "iowait_critical",
                \.iowaitCritical,
                "Alarms when this share of the processors' time is idle waiting for disks.",
                in: 1...100
            )
            Field(
                "steal_warning",
                \.stealWarning,
                "Warns when the hypervisor takes this share of the processors' time.",
                in: 1...100
            )
            Field(
                "steal_critical",
                \.stealCritical,
                "Alarms when the hypervisor takes this share of the processors' time.",
                in: 1...100
            )
            Field(
                "load_warning",
                \.loadWarning,
                "Warns when this many tasks run or wait for each processor.",
                in: 0.01...10000
            )
            Field(
                "load_critical",
                \.loadCritical,
                "Alarms when this many tasks run or wait for each processor.",
                in: 0.01...10000
            )
            Field("load_period", \.loadPeriod, "Judges the load as averaged over this span.")
        }
    }
}
