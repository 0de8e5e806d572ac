package import Alerting
import Basics
import Procfs
package import Settings
import Synchronization

/// Fires when a filesystem is nearly full or will be soon, is out of inodes, became read-only, or does not answer.
///
/// Reads: `<proc>/1/mountinfo`, then asks each filesystem once, however often it is mounted, below the host's root
/// (statvfs(3)).
/// Unknown when: the host's root is not mounted, or a filesystem is not visible below it. One that lies behind a folder
/// which Custos' user may not enter is not covered.
package struct DiskCheck: Check {
    package static let kind = "disk"
    package static let summary = "A filesystem is nearly full or will be soon, became read-only or does not answer."

    package typealias Settings = DiskSettings

    private let settings: DiskSettings
    private let probe: FileSystemProbe
    private let writing: WriteProbe
    /// Other instances' settings: what they include is told by them.
    private let others: [DiskSettings]
    private let choice = Choice()

    private final class Choice: Sendable {
        let known = Mutex<(edition: MountInfo.Edition, systems: [FileSystem])?>(nil)
    }

    package static let instances = Instances.both
    package static let sharesTargets = true

    package init(_ settings: DiskSettings) { self.init(InstanceShare(settings)) }

    package init(_ share: InstanceShare<DiskSettings>) { self.init(share, probe: FileSystemProbe()) }

    init(_ share: InstanceShare<DiskSettings>, probe: FileSystemProbe) {
        settings = share.settings
        // Whoever includes something means it, whoever else does.
        others = share.settings.include.isEmpty ? share.others : []
        self.probe = probe
        writing = WriteProbe(file: share.settings.writeTestFile.description)
    }

    package static func missingChoice(_ settings: DiskSettings) -> String? {
        settings.include.isEmpty ? "include" : nil
    }

    package var rules: [Rule] {
        var rules = [
            Rule(Self.used, .share(above: settings.warning, settings.critical, hysteresis: settings.hysteresis)),
            Rule(
                Self.used,
                .trend(reaching: 1, warning: settings.fullWithinWarning, critical: settings.fullWithinCritical),
                holdFor: settings.fullWithinFor
            ),
            Rule(
                Self.inodes,
                .share(above: settings.inodesWarning, settings.inodesCritical, hysteresis: settings.hysteresis)
            ),
            Rule(Self.answers, .state(bad: ["hung": .critical, "failing": .warning])),
            Rule(Self.engineData, .state(bad: EngineRoom.bad)),
        ]
        if let severity = settings.writeTestSeverity {
            rules.append(Rule(Self.writing, .state(bad: ["hung": severity, "failed": severity])))
        }
        if let severity = settings.readOnly {
            rules.append(Rule(Self.writable, .became(bad: [FileSystem.Access.readOnly.rawValue: severity])))
            rules.append(Rule(Self.writable, .state(bad: [FileSystem.Access.error.rawValue: severity])))
        }
        return rules
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let host = world.host
        let (mounts, root) = try looking { () throws(HostFileError) in (try host.mountInfo(), try host.rootFolder()) }
        guard host.scope != .container else { throw .ownContainerOnly }
        let systems = chosen(mounts)
        guard !systems.isEmpty else {
            throw .notApplicable(because: "no filesystem is mounted that is watched", remedy: nil)
        }
        // At once: each may take twice `hung_after`, which must fit into one timeout.
        async let written = written(mounts, root, world.time)
        let answers = await probe.answers(of: systems, below: root, patience: settings.hungAfter, time: world.time)
        guard answers.contains(where: { $0 != .notThere }) else {
            throw .degraded(because: "\(root.safe(limit: 200)) is not the host's root", remedy: Host.rootHint)
        }
        let told = zip(systems, answers).flatMap(Self.observations) + (await written)
        guard let containers = world.containers else { return told }
        var rooms: [Observation] = []
        for (engine, folder) in await containers.dataFolders.sorted(by: { $0.key < $1.key }) {
            guard let room = EngineRoom(folder, of: engine, mounts, among: zip(systems, answers)) else { continue }
            rooms.append(room.observation(room.isBad ? await containers.running(of: engine) : BlastRadius([])))
        }
        return told + rooms
    }

    /// The filesystems that are watched, found anew only when something was mounted or unmounted.
    private func chosen(_ mounts: MountInfo) -> [FileSystem] {
        choice.known.withLock { known in
            if let known, known.edition === mounts.edition { return known.systems }
            // Types are few and mounts may be thousands: each is matched once.
            var watched: [String: Bool] = [:]
            let systems = mounts.fileSystems { mount in
                if watched[mount.type] == nil {
                    watched[mount.type] = !settings.excludeTypes.contains { $0.matches(mount.type) }
                }
                return watched[mount.type] == true && settings.covers(mount.point)
            }
            let taken = Set(mounts.mounts.lazy.filter { mount in others.contains { $0.covers(mount) } }.map(\.device))
            let own = systems.filter { !taken.contains($0.device) }
            known = (mounts.edition, own)
            return own
        }
    }

    /// What came of writing into each folder that is named for it.
    private func written(_ mounts: MountInfo, _ root: String, _ time: any TimeSource) async -> [Observation] {
        guard !settings.writeTest.isEmpty else { return [] }
        let folders = settings.writeTest.map(\.description)
        let answers = await writing.answers(of: folders, below: root, patience: settings.hungAfter, time: time)
        return zip(folders, answers).map { folder, answer in
            Self.writing(into: folder, answer, isWritable: mounts.isWritable(at: folder))
        }
    }
}
