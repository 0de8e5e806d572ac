import Alerting
package import Basics
import Procfs
package import Settings

/// Which disks are watched, and what is slow for which.
package struct DiskioSettings: SettingsGroup {
    package var hddWarning: Duration? = .milliseconds(50)
    package var hddCritical: Duration? = .milliseconds(200)
    package var ssdWarning: Duration? = .milliseconds(20)
    package var ssdCritical: Duration? = .milliseconds(100)
    package var nvmeWarning: Duration? = .milliseconds(10)
    package var nvmeCritical: Duration? = .milliseconds(50)
    package var otherWarning: Duration? = .milliseconds(100)
    package var otherCritical: Duration? = .milliseconds(500)
    package var awaitFor: Duration = .seconds(300)
    package var leastIos = 30
    package var include: [Glob] = []
    package var exclude = Self.unreal

    package init() {}

    /// Memory and images as disks, drives for what people put in, volumes of disks that are watched.
    private static let unreal = ["loop*", "ram*", "zram*", "zd*", "fd*", "sr*"].compactMap { Glob($0) }

    package static var schema: Schema<Self> {
        let slow = Duration.milliseconds(1) ... .seconds(600)
        return Schema {
            Field("hdd_warning", \.hddWarning, "Warns when a turning disk takes this long for an I/O.", in: slow)
            Field("hdd_critical", \.hddCritical, "Alarms when a turning disk takes this long for an I/O.", in: slow)
            Field("ssd_warning", \.ssdWarning, "Warns when a solid-state disk takes this long for an I/O.", in: slow)
            Field("ssd_critical", \.ssdCritical, "Alarms when a solid-state disk takes this long for an I/O.", in: slow)
            Field("nvme_warning", \.nvmeWarning, "Warns when an NVMe disk takes this long for an I/O.", in: slow)
            Field("nvme_critical", \.nvmeCritical, "Alarms when an NVMe disk takes this long for an I/O.", in: slow)
            Field(
                "other_warning",
                \.otherWarning,
                "Warns when a memory card, a disk behind a network or one of unknown kind takes this long for an I/O.",
                in: slow
            )
            Field(
                "other_critical",
                \.otherCritical,
                "Alarms when a memory card, a disk behind a network or one of unknown kind takes this long for an I/O.",
                in: slow
            )
            Field(
                "await_for",
                \.awaitFor,
                "Fires only when a disk has been slow for this long: a backup that keeps it busy is no trouble.",
                in: .zero ... .seconds(86400)
            )
            Field(
                "least_ios",
                \.leastIos,
                "Judges only disks that ended this many I/Os since the sweep before, or were busy half of the time.",
                in: 1...1_000_000
            )
            Field(
                "include",
                \.include,
                "Watches only disks with these names, also such as are made of others; all when empty."
            )
            Field("exclude", \.exclude, "Leaves out disks with these names.")
        }
    }

    /// Whether enough was done to say how long it takes: one slow I/O in a quiet minute is none.
    func judges(_ activity: DiskActivity) -> Bool {
        activity.count >= UInt64(leastIos) || activity.busy >= 0.5 || activity.isStalled
    }

    /// What is slow for a disk of this kind, in seconds.
    func levels(_ medium: BlockDevice.Medium) -> Observation.OwnLevels {
        let (warning, critical) =
            switch medium {
            case .hdd: (hddWarning, hddCritical)
            case .ssd: (ssdWarning, ssdCritical)
            case .nvme: (nvmeWarning, nvmeCritical)
            case .other: (otherWarning, otherCritical)
            }
        return Observation.OwnLevels(warning: warning?.inSeconds, critical: critical?.inSeconds)
    }

    /// Whether a device is a target, given what each device is.
    ///
    /// One that is made of others is left out unless it is named, or none of the others is watched.
    func covers(_ name: String, _ known: [String: BlockDevice]) -> Bool {
        guard let device = known[name] else { return false }
        if !include.isEmpty {
            let names = [name, device.mapperName].compactMap(\.self)
            return names.contains { name in include.contains { $0.matches(name) } }
        }
        return !device.members.contains { member in
            known[member] != nil || known.keys.contains { member.isPartition(of: $0) }
        }
    }
}

extension String {
    /// Whether the kernel would name a partition of that disk so: `sda1` of `sda`, `nvme0n1p2` of `nvme0n1`.
    func isPartition(of disk: String) -> Bool {
        guard !disk.isEmpty, hasPrefix(disk), utf8.count > disk.utf8.count else { return false }
        var number = dropFirst(disk.count)
        if disk.last?.isNumber == true {
            guard number.first == "p" else { return false }
            number = number.dropFirst()
        }
        return !number.isEmpty && number.allSatisfy(\.isNumber)
    }
}
