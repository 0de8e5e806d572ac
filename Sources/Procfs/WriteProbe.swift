package import Basics
import CLinux
import Glibc
import SystemPackage

/// Writes a small file into folders of the host, on threads as `FileSystemProbe` does.
package struct WriteProbe: Sendable {
    private let probe: FileSystemProbe

    /// The name of the file that is written: what is there of that name is ours.
    package static let usualFile = ".custos-write-test"

    /// - Parameter file: Another name, without a folder: what is there of that name is replaced only if we wrote it.
    package init(file: String = usualFile) {
        probe = FileSystemProbe { folder, root in Self.tryWriting(folder.name, file, below: root) }
    }

    /// For each folder: written, denied, not there, failed, hung or not asked.
    package func answers(
        of folders: [String],
        below root: String,
        patience: Duration,
        time: any TimeSource
    ) async -> [FileSystemAnswer] {
        let asked = folders.map { folder in
            FileSystem(device: "", type: "", origin: "", points: [folder], access: .writable)
        }
        return await probe.answers(of: asked, below: root, patience: patience, time: time)
    }

    private static func tryWriting(_ folder: String, _ file: String, below root: String) -> FileSystemAnswer {
        let relative = ".\(folder.hasPrefix("/") ? "" : "/")\(folder)"
        return switch custos_try_writing(root, relative, file, file == usualFile ? 1 : 0) {
        case 0: .written
        case EACCES, EPERM: .denied
        case ENOENT, ENOTDIR, ELOOP: .notThere
        case EROFS: .readOnly
        case EEXIST: .taken
        case let errno: .failed(Errno(rawValue: errno))
        }
    }
}

extension MountInfo {
    /// Whether neither the mount that holds a folder nor its filesystem is read-only.
    package func isWritable(at folder: String) -> Bool {
        guard let mount = mount(holding: folder) else { return true }
        return !mount.isReadOnly && !mount.isFilesystemReadOnly && !mount.isShutDown
    }
}
