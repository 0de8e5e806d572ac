package import Basics
import Procfs
package import Settings

/// Which filesystems are watched, and when they are too full.
package struct DiskSettings: SettingsGroup {
    package var warning: Percent? = 90
    package var critical: Percent? = 95
    package var hysteresis: Percent = 2
    package var inodesWarning: Percent? = 90
    package var inodesCritical: Percent? = 95
    package var fullWithinWarning: Duration? = .seconds(24 * 3600)
    package var fullWithinCritical: Duration? = .seconds(4 * 3600)
    package var fullWithinFor: Duration = .seconds(1800)
    package var readOnly: Severity? = .critical
    package var writeTest: [Path] = []
    package var writeTestFile: FileName = FileName(stringLiteral: WriteProbe.usualFile)
    package var writeTestSeverity: Severity? = .critical
    package var hungAfter: Duration = .seconds(3)
    package var include: [Glob] = []
    package var exclude = Self.removable
    package var excludeTypes = Self.unwritten

    package init() {}

    /// Where desktops mount what people plug in, full or not.
    private static let removable = ["/media/*", "/run/media/*"].compactMap { Glob($0) }

    /// Images that are full by nature, filesystems without storage of their own, and memory.
    private static let unwritten = [
        "squashfs", "fuse.squashfuse*", "fuse.snapfuse", "iso9660", "udf", "erofs", "cramfs", "romfs", "overlay",
        "aufs",
        "fuse.fuse-overlayfs", "tmpfs", "ramfs", "devtmpfs", "rootfs", "proc", "sysfs", "cgroup*", "devpts", "mqueue",
        "hugetlbfs", "securityfs", "selinuxfs", "smackfs", "apparmorfs", "debugfs", "tracefs", "configfs", "pstore",
        "efivarfs", "bpf", "fusectl", "binfmt_misc", "binder", "nsfs", "rpc_pipefs", "nfsd", "autofs", "resctrl",
        "fuse.lxcfs", "fuse.gvfsd-fuse", "fuse.portal",
    ].compactMap { Glob($0) }

    package static var schema: Schema<Self> {
        Schema {
            Field("warning", \.warning, "Warns when this share of a filesystem's space is used.", in: 1...100)
            Field("critical", \.critical, "Alarms when this share of a filesystem's space is used.", in: 1...100)
            Field(
                "hysteresis",
                \.hysteresis,
                "Resolves only when the share is less than its threshold by more than this; half the threshold at most.",
                in: 0...50
            )
            Field("inodes_warning", \.inodesWarning, "Warns when this share of its inodes is used.", in: 1...100)
            Field("inodes_critical", \.inodesCritical, "Alarms when this share of its inodes is used.", in: 1...100)
            Field(
                "full_within_warning",
                \.fullWithinWarning,
                "Warns when the filesystem would be full within this time at its present rate.",
                in: .seconds(600) ... .seconds(30 * 86400)
            )
            Field(
                "full_within_critical",
                \.fullWithinCritical,
                "Alarms when the filesystem would be full within this time at its present rate.",
                in: .seconds(600) ... .seconds(30 * 86400)
            )
            Field(
                "full_within_for",
                \.fullWithinFor,
                "Foretells only what has gone on for this long: a build that cleans up after itself is no trouble.",
                in: .zero ... .seconds(86400)
            )
            Field(
                "read_only",
                \.readOnly,
                "Says with this severity that a filesystem may be written no more; what was so from the first is well."
            )
            Field(
                "write_test",
                \.writeTest,
                "Writes a small file into these folders of the host, reads it back and removes it, at each sweep."
            )
            Field(
                "write_test_file",
                \.writeTestFile,
                "Names that file; one of another name than the usual is replaced only if Custos wrote it."
            )
            Field(
                "write_test_severity",
                \.writeTestSeverity,
                "Says with this severity that nothing could be written into one of those folders."
            )
            Field(
                "hung_after",
                \.hungAfter,
                "Alarms when a filesystem has not answered within this time; twice this must be less than `timeout`.",
                in: .milliseconds(100) ... .seconds(300)
            )
            Field(
                "include",
                \.include,
                "Watches only filesystems mounted at these places; all when empty, but for those that a named instance includes."
            )
            Field("exclude", \.exclude, "Leaves out filesystems mounted at these places.")
            Field("exclude_types", \.excludeTypes, "Leaves out filesystems of these types.")
        }
    }

    /// Whether what is mounted there is watched.
    func covers(_ mount: MountInfo.Mount) -> Bool {
        covers(mount.point) && !excludeTypes.contains { $0.matches(mount.type) }
    }

    func covers(_ point: String) -> Bool {
        guard include.isEmpty || include.contains(where: { $0.matches(point) }) else { return false }
        return !exclude.contains { $0.matches(point) }
    }
}
