import Glibc

/// What tells that a file, or a folder of files, has changed: identity, size and modification time of what the path leads
/// to now.
///
/// Following the path each time sees Kubernetes' symlink swap; size and time see a bind-mounted file that is rewritten in
/// place, for which inotify on the folder says nothing.
package struct FileFingerprint: Equatable, Sendable {
    private var entries: [String]
    /// Whether the path leads to anything.
    package var exists: Bool

    /// The state of the path now; one that is missing has a state as well.
    package static func of(_ path: String) -> FileFingerprint {
        var paths = [path]
        if let folder = opendir(path) {
            defer { closedir(folder) }
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { paths.append("\(path)/\(name)") }
            }
        }
        return FileFingerprint(entries: paths.sorted().map(state), exists: access(path, F_OK) == 0)
    }

    private static func state(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "\(path) \(errno)" }
        let changed = status.st_mtim
        return "\(path) \(status.st_dev) \(status.st_ino) \(status.st_size) \(changed.tv_sec).\(changed.tv_nsec)"
    }
}
