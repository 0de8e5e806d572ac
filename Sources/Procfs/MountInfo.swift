/// What is mounted where in the host's mount namespace.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts>.
/// Blanks, line breaks and backslashes in names are written in octal.
/// ```
/// 27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
/// 44 27 259:3 / /mnt/my\040disk rw,noatime shared:9 - xfs /dev/nvme1n1p1 rw
/// 51 27 254:0 /srv/www /var/www ro,relatime shared:1 - ext4 /dev/vda rw,discard
/// ```
package struct MountInfo: HostFile {
    package static let source = HostPath(.proc, "1/mountinfo")

    /// One mount; a filesystem may have many.
    package struct Mount: Sendable, Equatable {
        /// `major:minor` of the filesystem; major 0 where it lies on no block device.
        package var device: String
        /// The folder of the filesystem that is mounted: `/`, for a bind mount mostly another.
        package var folder: String
        /// Where it is mounted.
        package var point: String
        /// `ext4`, `nfs4`, `fuse.sshfs`.
        package var type: String
        /// `/dev/vda`, `server:/export`.
        package var origin: String
        /// Whether this mount is read-only.
        package var isReadOnly: Bool
        /// Whether the filesystem as a whole is.
        package var isFilesystemReadOnly: Bool
        /// Whether the filesystem says that it shut itself down after an error.
        package var isShutDown: Bool
    }

    /// In the kernel's order: what was mounted over another mount comes after it.
    package var mounts: [Mount]
    /// So many bytes of the file may change without a mount: to the end of the last line whose filesystem an error may
    /// make read-only.
    private(set) var lively = 0
    /// The same object as long as a `Host` sees no mount come, go or change.
    package let edition = Edition()

    package final class Edition: Sendable {}

    package static func == (left: MountInfo, right: MountInfo) -> Bool { left.mounts == right.mounts }

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        mounts = []
        while var line = try lines.next() {
            // The numbers of the mount and of its parent.
            _ = try lines.decimal(&line, "the mount's number")
            _ = try lines.decimal(&line, "the parent's number")
            guard let device = line.next(), let (major, minor) = device.parted(at: UInt8(ascii: ":")),
                major.decimal != nil, minor.decimal != nil
            else { throw lines.malformed("the device is not major:minor") }
            guard let folder = line.next(), let point = line.next(), point.first == UInt8(ascii: "/"),
                let options = line.next()
            else { throw lines.malformed("the mount's place is missing") }
            while let field = line.next(), !field.spells("-") {}
            guard let type = line.next(), let origin = line.next() else { throw lines.malformed("the type is missing") }
            if Self.mayFail(type) { lively = lines.position }
            // An empty source leaves one field fewer.
            let state = line.next() ?? origin
            mounts.append(
                Mount(
                    device: device.text,
                    folder: folder.withoutOctal,
                    point: point.withoutOctal,
                    type: type.text,
                    origin: origin.withoutOctal,
                    isReadOnly: Self.has("ro", in: options),
                    isFilesystemReadOnly: Self.has("ro", in: state),
                    isShutDown: Self.has("emergency_ro", in: state) || Self.has("shutdown", in: state)
                )
            )
        }
    }

    /// Any type may fail but those that containers bring by the hundred and that no error changes; the others cost little.
    private static func mayFail(_ type: ArraySlice<UInt8>) -> Bool {
        !(type.spells("overlay") || type.spells("tmpfs") || type.spells("ramfs") || type.spells("nsfs"))
    }

    private static func has(_ option: StaticString, in list: ArraySlice<UInt8>) -> Bool {
        list.split(separator: UInt8(ascii: ",")).contains { $0.spells(option) }
    }
}
