import Glibc

/// The files of one database: the main file, its log and index, and the lock beside it.
package struct DatabaseFile: Sendable, Equatable {
    package var path: String

    package init(path: String) {
        self.path = path
    }

    package var exists: Bool { access(path, F_OK) == 0 }

    /// Whether nothing is written ahead: then the main file alone is the whole database.
    package var isLogEmpty: Bool {
        var status = stat()
        return stat(path + "-wal", &status) != 0 || status.st_size == 0
    }

    /// Makes the folders above, and an empty file that only we may read; what cannot be made shows when it is opened.
    package func create() {
        var folders: [String] = []
        var rest = path[...]
        while let slash = rest.lastIndex(of: "/"), slash != rest.startIndex {
            rest = rest[..<slash]
            folders.append(String(rest))
        }
        for folder in folders.reversed() where access(folder, F_OK) != 0 { mkdir(folder, 0o700) }
        let made = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if made >= 0 { close(made) }
    }

    /// Renames a damaged database with its log.
    ///
    /// - Parameter stamp: Ends the new name, and is made unique.
    /// - Returns: The new name.
    package func setAside(stamp: String) -> String {
        var aside = "\(path).\(stamp)"
        var count = 1
        while access(aside, F_OK) == 0 {
            count += 1
            aside = "\(path).\(stamp)-\(count)"
        }
        for ending in ["", "-wal", "-shm"] { rename(path + ending, aside + ending) }
        return aside
    }

    /// Takes the lock beside the file, so that two processes never share it.
    ///
    /// - Parameter patience: How long to wait for whoever holds it, in milliseconds.
    /// - Returns: What holds the lock until it is released.
    /// - Throws: `locked`, or why the lock file cannot be made.
    package func lock(patience: Int) throws(DatabaseError) -> FileLock {
        do throws(FileLock.Refusal) {
            return try FileLock(path: path + ".lock", patience: patience)
        } catch {
            switch error {
            case .held: throw DatabaseError(.locked, message: "another process uses \(path)")
            case .cannotOpen(let code): throw DatabaseError(errno: code, path: path + ".lock")
            }
        }
    }
}

extension DatabaseError {
    /// From the system's error on a file that is not SQLite's own.
    init(errno code: Int32, path: String) {
        let kind: Kind =
            switch code {
            case ENOSPC, EDQUOT: .full
            case EROFS: .readOnly
            case EIO: .io
            default: .cannotOpen
            }
        self.init(kind, code: code, message: "\(path): \(String(cString: strerror(code)))")
    }
}
