/// What the administrator wants to be mounted.
///
/// Document: fstab(5). Blanks in names are written in octal; the last two fields may be left out.
/// ```
/// # <file system>  <mount point>  <type>  <options>                  <dump> <pass>
/// UUID=0a3407de    /              ext4    errors=remount-ro          0      1
/// server:/export   /mnt/share     nfs     nofail,x-systemd.automount 0      0
/// /srv/www         /var/www       none    bind,ro
/// /swapfile        none           swap    sw
/// ```
package struct FSTab: HostFile {
    package static let source = HostPath(.root, "etc/fstab")

    /// One line.
    package struct Entry: Sendable, Equatable {
        /// Without a slash at its end; `none` and `swap` for swap space.
        package var point: String
        /// Several types are alternatives.
        package var types: [String]
        package var options: [String]
    }

    package var entries: [Entry]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        entries = []
        guard !bytes.isEmpty else { return }
        // A file that people write may lack its last newline.
        var lines = LineScanner(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")], path: path)
        while var line = try lines.next() {
            guard let origin = line.next(), origin.first != UInt8(ascii: "#") else { continue }
            guard let point = line.next(), let types = line.next() else {
                throw lines.malformed("a line has fewer than three fields")
            }
            let options = line.next()?.split(separator: UInt8(ascii: ",")).map(\.withoutOctal) ?? []
            entries.append(
                Entry(
                    point: Self.trimmed(point.withoutOctal),
                    types: types.split(separator: UInt8(ascii: ",")).map(\.withoutOctal),
                    options: options
                )
            )
        }
    }

    private static func trimmed(_ point: String) -> String {
        var point = point
        while point.utf8.count > 1, point.hasSuffix("/") { point.removeLast() }
        return point
    }
}

extension FSTab.Entry {
    /// What the options ask of the system beside the mount itself.
    private func has(_ names: String...) -> Bool { options.contains { names.contains($0) } }

    /// Whether anything is to be mounted at a place at all.
    package var isMount: Bool { point.hasPrefix("/") && types != ["swap"] }

    /// Whether it is mounted by hand only.
    package var isByHand: Bool { has("noauto") && !isAutomounted }

    /// Whether its absence is no fault.
    package var mayFail: Bool { has("nofail") }

    /// Whether it is mounted when somebody looks into its place.
    package var isAutomounted: Bool { has("x-systemd.automount", "comment=systemd.automount") }

    /// Whether a folder, not a filesystem, is mounted: its type is the folder's.
    package var isBind: Bool { has("bind", "rbind") }

    /// Whether a mount of this type is what the entry asks for.
    ///
    /// The kernel names some otherwise: `nfs` is `nfs4` mostly, what a program serves is `fuse.…`.
    package func allows(type: String) -> Bool {
        guard !isBind, !types.isEmpty else { return true }
        return types.contains { wanted in
            if wanted == type || ["auto", "none"].contains(wanted) { return true }
            if let others = Self.otherNames[wanted], others.contains(type) { return true }
            return type == "fuse.\(wanted)" || wanted == "fuse" && type.hasPrefix("fuse")
        }
    }

    private static let otherNames = [
        "nfs": ["nfs4"], "nfs4": ["nfs"], "cifs": ["smb3"], "smb3": ["cifs"],
        "ntfs": ["fuseblk", "ntfs3"], "ntfs-3g": ["fuseblk", "ntfs3"], "lowntfs-3g": ["fuseblk"],
        "exfat": ["fuseblk"], "exfat-fuse": ["fuseblk"], "davfs": ["fuse"], "fuse.ceph": ["fuse.ceph-fuse"],
    ]

    /// The options that a mount must have: of `ro`, `nosuid`, `nodev`, `noexec` those asked for, and `rw` without `ro`.
    ///
    /// Of two that contradict each other the last counts.
    package var demandedOptions: [String] {
        var demanded = [
            ("ro", "rw", false), ("nosuid", "suid", false), ("nodev", "dev", false), ("noexec", "exec", false),
        ]
        for option in options {
            for (index, pair) in demanded.enumerated() {
                if option == pair.0 { demanded[index].2 = true }
                if option == pair.1 || option == "defaults" { demanded[index].2 = false }
            }
        }
        let isReadOnly = demanded[0].2 || !types.isEmpty && types.allSatisfy { Self.unwritable.contains($0) }
        return (isReadOnly ? [] : ["rw"]) + demanded.filter(\.2).map(\.0)
    }

    /// Images, which are read-only without being asked.
    private static let unwritable: Set = ["squashfs", "iso9660", "erofs", "cramfs", "romfs"]
}

extension Host {
    package func fsTab() throws(HostFileError) -> FSTab { try read(FSTab.self) }
}
