package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when tasks lose much of their time waiting for processors, memory or disks.
///
/// Reads: `<proc>/pressure/{cpu,memory,io}`, which the kernel averages itself.
/// Unknown when: never. Not applicable where the kernel does not measure pressure: before Linux 4.20, or without `psi=1`.
package struct PressureCheck: Check {
    package static let kind = "pressure"
    package static let summary = "Tasks lose much of their time waiting for processors, memory or disks."

    /// Over what span the kernel averages.
    package enum Period: String, SettingChoice {
        case tenSeconds = "10s"
        case minute = "1m"
        case fiveMinutes = "5m"
    }

    package struct Settings: SettingsGroup {
        package var cpuWarning: Percent? = 60
        package var cpuCritical: Percent?
        package var cpuFor: Duration = .seconds(900)
        package var memoryWarning: Percent? = 10
        package var memoryCritical: Percent? = 30
        package var memoryFullWarning: Percent?
        package var memoryFullCritical: Percent?
        package var memoryFor: Duration = .seconds(60)
        package var ioWarning: Percent? = 40
        package var ioCritical: Percent? = 60
        package var ioFullWarning: Percent? = 20
        package var ioFullCritical: Percent?
        package var ioFor: Duration = .seconds(300)
        package var period = Period.minute

        package init() {}
    }

    static let cpu = Measure(
        name: "pressure_cpu_some_ratio",
        unit: .ratio,
        summary: "Share of time in which a task waited for a processor."
    )
    static let memory = Measure(
        name: "pressure_memory_some_ratio",
        unit: .ratio,
        summary: "Share of time in which a task waited for memory: reclaim, swap, pages thrown out too early."
    )
    static let memoryFull = Measure(
        name: "pressure_memory_full_ratio",
        unit: .ratio,
        summary: "Share of time in which nothing was done because all tasks waited for memory."
    )
    static let io = Measure(
        name: "pressure_io_some_ratio",
        unit: .ratio,
        summary: "Share of time in which a task waited for a disk."
    )
    static let ioFull = Measure(
        name: "pressure_io_full_ratio",
        unit: .ratio,
        summary: "Share of time in which nothing was done because all tasks waited for disks."
    )
    package static let measures = [cpu, memory, memoryFull, io, ioFull]

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        func rule(_ measure: Measure, _ warning: Percent?, _ critical: Percent?, _ span: Duration) -> Rule {
            Rule(measure, .above(warning: warning?.ratio, critical: critical?.ratio), holdFor: span)
        }
        let (mine, own) = (settings, Self.self)
        return [
            rule(own.cpu, mine.cpuWarning, mine.cpuCritical, mine.cpuFor),
            rule(own.memory, mine.memoryWarning, mine.memoryCritical, mine.memoryFor),
            rule(own.memoryFull, mine.memoryFullWarning, mine.memoryFullCritical, mine.memoryFor),
            rule(own.io, mine.ioWarning, mine.ioCritical, mine.ioFor),
            rule(own.ioFull, mine.ioFullWarning, mine.ioFullCritical, mine.ioFor),
        ]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let cpu = try Self.stall(.cpu, world.host)
        let memory = try Self.stall(.memory, world.host)
        let io = try Self.stall(.io, world.host)
        var observations = [
            observation(Self.cpu, cpu.some, "some task waited for a processor"),
            observation(Self.memory, memory.some, "some task waited for memory"),
            observation(Self.io, io.some, "some task waited for a disk"),
        ]
        if let full = memory.full { observations.append(observation(Self.memoryFull, full, "all waited for memory")) }
        if let full = io.full { observations.append(observation(Self.ioFull, full, "all waited for disks")) }
        return observations
    }

    private static func stall(_ resource: PressureResource, _ host: Host) throws(CheckError) -> PressureStall {
        do throws(HostFileError) {
            return try host.pressure(on: resource)
        } catch .absent(_, nil) {
            throw unmeasured
        } catch {
            throw CheckError(error)
        }
    }

    private static let unmeasured = CheckError.notApplicable(
        because: "this kernel does not measure pressure",
        remedy: "boot Linux 4.20 or newer with psi=1 on its command line"
    )

    private func observation(_ measure: Measure, _ line: PressureStall.Line, _ what: String) -> Observation {
        let share =
            switch settings.period {
            case .tenSeconds: line.tenSeconds
            case .minute: line.minute
            case .fiveMinutes: line.fiveMinutes
            }
        let text = Unit.ratio.text
        return Observation(
            measure,
            of: .host,
            .number(share),
            summary: "\(what) for \(text(share)) of the last \(settings.period.rawValue)",
            annotations: [
                "avg10": text(line.tenSeconds), "avg60": text(line.minute), "avg300": text(line.fiveMinutes),
                "total": Unit.seconds.text(Double(line.total) / 1_000_000),
            ]
        )
    }
}

extension PressureCheck.Settings {
    package static var schema: Schema<Self> {
        let span = Duration.zero ... .seconds(86400)
        return Schema {
            Field(
                "cpu_warning",
                \.cpuWarning,
                "Warns when a task waits for a processor this share of time.",
                in: 1...100
            )
            Field(
                "cpu_critical",
                \.cpuCritical,
                "Alarms when a task waits for a processor this share of time.",
                in: 1...100
            )
            Field(
                "cpu_for",
                \.cpuFor,
                "Fires only when processors have been waited for this long: a build that uses them all is no trouble.",
                in: span
            )
            Field(
                "memory_warning",
                \.memoryWarning,
                "Warns when a task waits for memory this share of time.",
                in: 1...100
            )
            Field(
                "memory_critical",
                \.memoryCritical,
                "Alarms when a task waits for memory this share of time.",
                in: 1...100
            )
            Field(
                "memory_full_warning",
                \.memoryFullWarning,
                "Warns when all tasks wait for memory this share of time.",
                in: 1...100
            )
            Field(
                "memory_full_critical",
                \.memoryFullCritical,
                "Alarms when all tasks wait for memory this share of time.",
                in: 1...100
            )
            Field("memory_for", \.memoryFor, "Fires only when memory has been waited for this long.", in: span)
            Field("io_warning", \.ioWarning, "Warns when a task waits for a disk this share of time.", in: 1...100)
            Field("io_critical", \.ioCritical, "Alarms when a task waits for a disk this share of time.", in: 1...100)
            Field(
                "io_full_warning",
                \.ioFullWarning,
                "Warns when all tasks wait for disks this share of time.",
                in: 1...100
            )
            Field(
                "io_full_critical",
                \.ioFullCritical,
                "Alarms when all tasks wait for disks this share of time.",
                in: 1...100
            )
            Field("io_for", \.ioFor, "Fires only when disks have been waited for this long.", in: span)
            Field("period", \.period, "Judges what the kernel averages over this span.")
        }
    }
}
