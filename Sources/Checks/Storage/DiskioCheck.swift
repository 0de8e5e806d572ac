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
        let devices = try looking { () throws(HostFileError) in try world.host.diskStats() }.devices
        let now = world.time.uptime
        let targets = try targets(among: devices, world.host, now)
        guard !targets.isEmpty else {
            throw .notApplicable(because: "there is no disk that is watched", remedy: nil)
        }
        let last = former.swap(devices, at: now)
        var observations: [Observation] = []
        for target in targets {
            guard let last, let base = last.device(devices[target.place].name, near: target.place),
                let activity = DiskActivity(from: base, to: devices[target.place], over: (now - last.at).inSeconds)
            else {
                let because = "no judgement yet: no earlier reading"
                observations.append(Observation(Self.time, of: target.name, .unknown(because: because)))
                continue
            }
            observations += told(of: target.name, target.kind, activity, over: (now - last.at).inSeconds)
        }
        return observations
    }

    /// The devices to tell of; looked for anew when devices come or go, and now and then.
    private func targets(
        among devices: [DiskStats.Device],
        _ host: Host,
        _ now: Duration
    ) throws(CheckError) -> [DiskTarget] {
        let names = devices.map(\.name)
        if let targets = former.targets(of: names, at: now) { return targets }
        let known = try looking { () throws(HostFileError) in
            var known: [String: BlockDevice] = [:]
            for name in names where !settings.exclude.contains(where: { $0.matches(name) }) {
                known[name] = try host.blockDevice(name)
            }
            return known
        }
        let targets = names.enumerated().compactMap { place, name -> DiskTarget? in
            guard let kind = known[name], settings.covers(name, known) else { return nil }
            return DiskTarget(place: place, name: Target(kind.mapperName ?? name.safe(limit: 200)), kind: kind)
        }
        former.keep(targets, of: names, at: now)
        return targets
    }

    private func told(
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

/// A device that is told of.
private struct DiskTarget: Sendable {
    /// Its line in `diskstats`.
    var place: Int
    var name: Target
    var kind: BlockDevice
}

/// The readings of the sweep before; each instance has its own, so that nobody shortens another's span.
private final class FormerDisks: Sendable {
    struct Reading: Sendable {
        var devices: [DiskStats.Device]
        var at: Duration

        /// The device of that name, which mostly is where it is now.
        func device(_ name: String, near place: Int) -> DiskStats.Device? {
            if place < devices.count, devices[place].name == name { return devices[place] }
            return devices.first { $0.name == name }
        }
    }

    private struct Known: Sendable {
        var names: [String]
        var targets: [DiskTarget]
        var at: Duration
    }

    private let reading = Mutex<Reading?>(nil)
    private let known = Mutex<Known?>(nil)

    /// An array may get another member while its name stays.
    private static let patience = Duration.seconds(600)

    func swap(_ devices: [DiskStats.Device], at now: Duration) -> Reading? {
        reading.withLock { reading in
            defer { reading = Reading(devices: devices, at: now) }
            return reading
        }
    }

    func targets(of names: [String], at now: Duration) -> [DiskTarget]? {
        known.withLock { known in
            guard let known, known.names == names, now - known.at < Self.patience else { return nil }
            return known.targets
        }
    }

    func keep(_ targets: [DiskTarget], of names: [String], at now: Duration) {
        known.withLock { $0 = Known(names: names, targets: targets, at: now) }
    }
}
