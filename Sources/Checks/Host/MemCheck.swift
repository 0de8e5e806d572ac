package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when programs have little memory left, or when the machine keeps reading memory back from swap; on request when
/// memory would soon be used up at its present rate.
///
/// Reads: `<proc>/meminfo`, `<proc>/vmstat`.
/// Unknown when: the kernel is older than 3.14 and does not estimate what is available. Without swap its use is not
/// observed.
package struct MemCheck: Check {
    package static let kind = "mem"
    package static let summary = "Programs have little memory left, or much of it is read back from swap."

    package struct Settings: SettingsGroup {
        package var warning: Percent? = 85
        package var critical: Percent? = 90
        package var hysteresis: Percent = 5
        package var usedFor: Duration = .seconds(60)
        package var fullWithinWarning: Duration?
        package var fullWithinCritical: Duration?
        package var fullWithinFor: Duration = .seconds(1800)
        package var swapWarning: Percent?
        package var swapCritical: Percent?
        package var swapInWarning: Double? = 1000
        package var swapInCritical: Double?
        package var swapInFor: Duration = .seconds(300)

        package init() {}
    }

    static let used = Measure(
        name: "mem_used_ratio",
        unit: .ratio,
        summary: "Share of the memory that programs cannot get any more without swapping."
    )
    static let available = Measure(
        name: "mem_available_bytes",
        unit: .bytes,
        summary: "Memory that programs can still get without swapping."
    )
    static let swapUsed = Measure(name: "mem_swap_used_ratio", unit: .ratio, summary: "Share of the swap space in use.")
    static let swapIn = Measure(
        name: "mem_swap_in_total",
        unit: .total,
        summary: "Pages read back from swap: memory that was needed and not there."
    )
    static let swapOut = Measure(name: "mem_swap_out_total", unit: .total, summary: "Pages written to swap.")
    package static let measures = [used, available, swapUsed, swapIn, swapOut]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        var rules = [
            Rule(
                Self.used,
                .share(above: settings.warning, settings.critical, hysteresis: settings.hysteresis),
                holdFor: settings.usedFor
            ),
            Rule(
                Self.swapUsed,
                .share(above: settings.swapWarning, settings.swapCritical, hysteresis: settings.hysteresis),
                holdFor: settings.usedFor
            ),
            Rule(
                Self.swapIn,
                .rate(warning: settings.swapInWarning, critical: settings.swapInCritical),
                holdFor: settings.swapInFor
            ),
        ]
        if settings.fullWithinWarning != nil || settings.fullWithinCritical != nil {
            rules.append(
                Rule(
                    Self.used,
                    .trend(reaching: 1, warning: settings.fullWithinWarning, critical: settings.fullWithinCritical),
                    holdFor: settings.fullWithinFor
                )
            )
        }
        return rules
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let (memory, pages) = try looking { () throws(HostFileError) in
            (try world.host.memInfo(), try world.host.vmStat())
        }
        var observations = Self.memory(memory)
        if let swap = Self.swap(memory) { observations.append(swap) }
        for (measure, count) in [(Self.swapIn, pages.swappedIn), (Self.swapOut, pages.swappedOut)] {
            guard let count else { continue }
            observations.append(Observation(measure, of: .host, .number(Double(count))))
        }
        return observations
    }

    private static func memory(_ memory: MemInfo) -> [Observation] {
        guard let available = memory.available, memory.total > 0 else {
            let because = "the kernel does not tell how much memory is available: needs Linux 3.14"
            return [Observation(used, of: .host, .unknown(because: because))]
        }
        let share = 1 - min(1, Double(available) / Double(memory.total))
        let text = { Unit.bytes.text(Double($0)) } as (UInt64) -> String
        var annotations = ["total": text(memory.total), "available": text(available)]
        annotations["cached"] = memory.cached.map(text)
        annotations["shared"] = memory.shared.map(text)
        if let total = memory.swapTotal { annotations["swap"] = total > 0 ? text(total) : "none" }
        return [
            Observation(
                used,
                of: .host,
                .number(share),
                summary: "\(text(available)) of \(text(memory.total)) memory are left: "
                    + "\(Unit.ratio.text(share)) are used",
                annotations: annotations
            ),
            Observation(Self.available, of: .host, .number(Double(available))),
        ]
    }

    /// How full the swap space is; nil without any.
    private static func swap(_ memory: MemInfo) -> Observation? {
        guard let total = memory.swapTotal, let free = memory.swapFree, total > 0 else { return nil }
        let taken = total - min(total, free)
        return Observation(
            swapUsed,
            of: .host,
            .number(Double(taken) / Double(total)),
            summary: "\(Unit.bytes.text(Double(taken))) of \(Unit.bytes.text(Double(total))) swap space are used"
        )
    }
}

extension MemCheck.Settings {
    package static var schema: Schema<Self> {
        Schema {
            Field("warning", \.warning, "Warns when programs cannot get this share of the memory.", in: 1...100)
            Field("critical", \.critical, "Alarms when programs cannot get this share of the memory.", in: 1...100)
            Field(
                "hysteresis",
                \.hysteresis,
                "Resolves only when the share is less than its threshold by more than this; half the threshold at most.",
                in: 0...50
            )
            Field(
                "used_for",
                \.usedFor,
                "Fires only when memory, or swap space, has been used up for this long.",
                in: .zero ... .seconds(86400)
            )
            Field(
                "full_within_warning",
                \.fullWithinWarning,
                "Warns when memory would be used up within this time at its present rate: a program that leaks.",
                in: .seconds(600) ... .seconds(30 * 86400)
            )
            Field(
                "full_within_critical",
                \.fullWithinCritical,
                "Alarms when memory would be used up within this time at its present rate.",
                in: .seconds(600) ... .seconds(30 * 86400)
            )
            Field(
                "full_within_for",
                \.fullWithinFor,
                "Foretells only what has gone on for this long: a program that fills its caches is no trouble.",
                in: .zero ... .seconds(86400)
            )
            Field("swap_warning", \.swapWarning, "Warns when this share of the swap space is used.", in: 1...100)
            Field("swap_critical", \.swapCritical, "Alarms when this share of the swap space is used.", in: 1...100)
            Field(
                "swap_in_warning",
                \.swapInWarning,
                "Warns when more pages than this are read back from swap in a second.",
                in: 0.001...1_000_000_000
            )
            Field(
                "swap_in_critical",
                \.swapInCritical,
                "Alarms when more pages than this are read back from swap in a second.",
                in: 0.001...1_000_000_000
            )
            Field(
                "swap_in_for",
                \.swapInFor,
                "Fires only when pages have been read back for this long: a program that wakes up is no trouble.",
                in: .zero ... .seconds(86400)
            )
        }
    }
}
