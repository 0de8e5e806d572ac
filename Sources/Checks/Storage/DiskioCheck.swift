package import Alerting
import Basics
import Procfs
import Settings
import Synchronization

/// Fires when a disk takes long for its I/Os, or ends none of those that it was given.
///
/// Reads: `<proc>/diskstats`, compared with the reading of the sweep before; `<sys>/block/<name>/` for what each device
/// is. Partitions are no targets, nor is a device that is made of others that are watched.
/// Unknown when: a device has no earlier reading to compare with, or its counters started anew.
package struct DiskioCheck: Check {
    package static let kind = "diskio"
    package static let summary = "A disk takes long for its I/Os, or ends none of them."

    package typealias Settings = DiskioSettings

    static let time = Measure(
        name: "diskio_await_seconds",
        unit: .seconds,
        summary: "Time that a disk took for an I/O on average since the sweep before, with the time that it waited."
    )
    static let busy = Measure(
        name: "diskio_busy_ratio",
        unit: .ratio,
        summary: "Share of time in which any I/O of the disk was under way."
    )
    static let rate = Measure(
        name: "diskio_ios_per_second",
        unit: .perSecond,
        summary: "Reads and writes that the disk ended."
    )
    package static let measures = [Self.time, busy, rate]

    private let settings: DiskioSettings
    private let former = FormerDisks()

    package init(_ settings: DiskioSettings) { self.settings = settings }

    package var rules: [Rule] {
        let levels = settings.levels(.other)
        return [
            Rule(
                Self.time,
                .above(warning: levels.warning, critical: levels.critical),
                holdFor: settings.awaitFor
            )
        ]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let stats = try looking { () throws(HostFileError) in try world.host.diskStats() }
        let devices = stats.devices.filter { device in !settings.exclude.contains { $0.matches(device.name) } }
        let now = world.time.uptime
        let known = try kinds(of: devices, world.host, now)
        let watched = devices.filter { settings.covers($0.name, known) }
        guard !watched.isEmpty else {
            throw .notApplicable(because: "there is no disk that is watched", remedy: nil)
        }
        let last = former.swap(watched, at: now)
        return watched.flatMap { device -> [Observation] in
            guard let kind = known[device.name] else { return [] }
            let target = Target(kind.mapperName ?? device.name.safe(limit: 200))
            guard let last, let base = last.devices[device.name],
                let activity = DiskActivity(from: base, to: device, over: (now - last.at).inSeconds)
            else {
                return [Observation(Self.time, of: target, .unknown(because: "no judgement yet: no earlier reading"))]
            }
            return observations(of: target, kind, activity, over: (now - last.at).inSeconds)
        }
    }

    /// What each device is, without partitions; looked up anew when devices come or go, and now and then.
    private func kinds(
        of devices: [DiskStats.Device],
        _ host: Host,
        _ now: Duration
    ) throws(CheckError) -> [String: BlockDevice] {
        let names = devices.map(\.name)
        if let kinds = former.kinds(of: names, at: now) { return kinds }
        let kinds = try looking { () throws(HostFileError) in
            var kinds: [String: BlockDevice] = [:]
            for name in names { kinds[name] = try host.blockDevice(name) }
            return kinds
        }
        former.keep(kinds, of: names, at: now)
        return kinds
    }

    private func observations(
        of target: Target,
        _ kind: BlockDevice,
        _ activity: DiskActivity,
        over seconds: Double
    ) -> [Observation] {
        let rate = Double(activity.count) / seconds
        let text = Unit.seconds.text
        // Nothing ended, so each I/O under way has taken all that time at least.
        let taken = activity.isStalled ? seconds : activity.awaitSeconds ?? 0
        let name = "\(target.name) (\(kind.medium.rawValue))"
        var annotations = [
            "medium": kind.medium.rawValue, "busy": Unit.ratio.text(activity.busy), "in_flight": "\(activity.inFlight)",
            "reads_per_second": Unit.none.text(Double(activity.reads) / seconds),
            "writes_per_second": Unit.none.text(Double(activity.writes) / seconds),
        ]
        if activity.reads > 0 { annotations["await_read"] = text(activity.readSeconds / Double(activity.reads)) }
        if activity.writes > 0 { annotations["await_write"] = text(activity.writeSeconds / Double(activity.writes)) }
        var timed = Observation(
            Self.time,
            of: target,
            .number(taken),
            summary: activity.isStalled
                ? "\(name) has ended nothing for \(text(seconds)); I/Os under way: \(activity.inFlight)"
                : "\(name) took \(text(taken)) for each of \(activity.count) I/Os",
            annotations: annotations
        )
        timed.levels = settings.judges(activity) ? settings.levels(kind.medium) : .init(warning: nil, critical: nil)
        return [
            timed,
            Observation(Self.busy, of: target, .number(activity.busy)),
            Observation(Self.rate, of: target, .number(rate)),
        ]
    }
}

/// The readings of the sweep before; each instance has its own, so that nobody shortens another's span.
private final class FormerDisks: Sendable {
    struct Reading: Sendable {
        var devices: [String: DiskStats.Device]
        var at: Duration
    }

    private struct Kinds: Sendable {
        var names: [String]
        var kinds: [String: BlockDevice]
        var at: Duration
    }

    private let reading = Mutex<Reading?>(nil)
    private let known = Mutex<Kinds?>(nil)

    /// An array may get another member while its name stays.
    private static let patience = Duration.seconds(600)

    func swap(_ devices: [DiskStats.Device], at now: Duration) -> Reading? {
        let new = Reading(
            devices: Dictionary(devices.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
            at: now
        )
        return reading.withLock { reading in
            defer { reading = new }
            return reading
        }
    }

    func kinds(of names: [String], at now: Duration) -> [String: BlockDevice]? {
        known.withLock { known in
            guard let known, known.names == names, now - known.at < Self.patience else { return nil }
            return known.kinds
        }
    }

    func keep(_ kinds: [String: BlockDevice], of names: [String], at now: Duration) {
        known.withLock { $0 = Kinds(names: names, kinds: kinds, at: now) }
    }
}
