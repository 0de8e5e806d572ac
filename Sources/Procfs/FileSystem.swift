package import SystemPackage

/// A filesystem of the host, wherever and however often it is mounted.
package struct FileSystem: Hashable, Sendable {
    /// `major:minor`, the same for all its mounts.
    package var device: String
    /// `ext4`, `nfs4`, `fuse.sshfs`.
    package var type: String
    /// `/dev/vda`, `server:/export`.
    package var origin: String
    /// Where it is mounted: the place by which it is known first.
    package var points: [String]
    /// Whether it may be written.
    package var access: Access

    /// Whether a filesystem may be written, and if not, whose doing it is.
    package enum Access: String, Hashable, Sendable {
        case writable
        /// It was mounted or remounted so.
        case readOnly = "read_only"
        /// Its mount may be written, it may not: the kernel did that after an error.
        case error = "error_read_only"
    }

    /// The place by which it is known.
    package var name: String { points.first ?? origin }
}

/// How full a filesystem is.
package struct FileSystemUse: Sendable, Equatable {
    /// In bytes.
    package var size: UInt64
    /// Not in use, in bytes, with what is reserved for root.
    package var free: UInt64
    /// What everybody may still take, in bytes.
    package var available: UInt64
    /// Inodes; 0 where the filesystem makes as many as it needs.
    package var files: UInt64
    /// Inodes that are not in use.
    package var freeFiles: UInt64

    /// What is in use, in bytes.
    package var used: UInt64 { size - min(size, free) }

    /// Share of what everybody may take that is in use, as df(1) counts; nil without a size.
    package var usedRatio: Double? {
        let all = Double(used) + Double(available)
        return size > 0 && all > 0 ? Double(used) / all : nil
    }

    /// Share of the inodes in use; nil where they are not limited.
    package var usedFilesRatio: Double? {
        files > 0 ? Double(files - min(files, freeFiles)) / Double(files) : nil
    }
}

/// What came of looking at a filesystem.
package enum FileSystemAnswer: Sendable, Equatable {
    case use(FileSystemUse)
    /// A file could be written, read back and removed.
    case written
    /// No file was made: somebody else's has its name.
    case taken
    /// No file could be made, because the filesystem or a mount of it is read-only.
    case readOnly
    /// It, or a folder above it, may not be entered or written by us.
    case denied
    /// It is not mounted below the host's root as we see it.
    case notThere
    /// It answers with an error.
    case failed(Errno)
    /// It has not answered for this long.
    case hung(Duration)
    /// Too many others hang.
    case notAsked
}
