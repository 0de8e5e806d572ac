import CLinux
import Glibc
import SystemPackage

extension Host {
    /// Where the host's root directory is mounted for us.
    package func rootFolder() throws(HostFileError) -> String {
        guard let root = roots.root else { throw .absent(path: "<root>", hint: Self.hint(toMount: .root)) }
        return root
    }

    /// How to mount the host's root directory.
    package static var rootHint: String { hint(toMount: .root) }
}

extension FileSystem {
    /// How full it is, seen below the host's root; blocks for as long as its server is away.
    ///
    /// Looks at its other places where the first may not be entered.
    func look(below root: String) -> FileSystemAnswer {
        var answer = FileSystemAnswer.notThere
        for point in points.prefix(Self.placeLimit) {
            var facts = custos_filesystem()
            let relative = point == "/" ? "." : String(point.dropFirst())
            switch custos_look_at_filesystem(root, relative, &facts) {
            case 0:
                guard isSame(isMount: facts.is_mount, facts.major, facts.minor) else { continue }
                return .use(FileSystemUse(facts))
            case EACCES, EPERM: answer = .denied
            case ENOENT, ENOTDIR, ELOOP: continue
            case let errno: if answer == .notThere { answer = .failed(Errno(rawValue: errno)) }
            }
        }
        return answer
    }

    private static let placeLimit = 4

    /// Whether what was found is this filesystem: below a root that lacks a mount lies the folder under it.
    ///
    /// `isMount` is 0 for such a folder, and -1 before Linux 5.8, which does not tell.
    func isSame(isMount: Int32, _ major: UInt32, _ minor: UInt32) -> Bool {
        guard isMount != 0 else { return false }
        // Filesystems without a block device may show another number to each folder, but never a device's.
        return device.hasPrefix("0:") ? major == 0 : device == "\(major):\(minor)"
    }
}

extension FileSystemUse {
    fileprivate init(_ facts: custos_filesystem) {
        self.init(
            size: facts.size,
            free: facts.free,
            available: facts.available,
            files: facts.files,
            freeFiles: facts.free_files
        )
    }
}
