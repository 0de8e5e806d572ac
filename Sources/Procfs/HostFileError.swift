import Basics
package import SystemPackage

/// Why a file of the host gave no value.
package enum HostFileError: Error, Sendable, Equatable {
    /// There is no such file: a feature that this kernel lacks, a process that ended, a tree that is not mounted.
    case absent(path: String, hint: String? = nil)
    /// It exists, or should, and we may not read it.
    case denied(path: String, hint: String)
    /// Reading it failed: `EIO`, `EAGAIN`, `ENODEV`.
    case unreadable(path: String, errno: Errno)
    /// Its content is not what the kernel documents.
    case malformed(path: String, line: Int, because: String)
    /// It is longer than any such file should be.
    case tooLarge(path: String, limit: Int)

    /// The file as it was opened.
    package var path: String {
        switch self {
        case .absent(let path, _), .denied(let path, _), .unreadable(let path, _), .malformed(let path, _, _),
            .tooLarge(let path, _):
            path
        }
    }

    /// What the operator can do about it, if anything.
    package var hint: String? {
        switch self {
        case .absent(_, let hint): hint
        case .denied(_, let hint): hint
        case .unreadable, .malformed, .tooLarge: nil
        }
    }
}

extension HostFileError: CustomStringConvertible {
    /// What and where, without the hint.
    package var description: String {
        switch self {
        case .absent(let path, _): "\(path.safe()) does not exist"
        case .denied(let path, _): "\(path.safe()) must not be read"
        case .unreadable(let path, let errno): "\(path.safe()) cannot be read: \(errno)"
        case .malformed(let path, let line, let because): "\(path.safe()):\(line): \(because.safe(limit: 200))"
        case .tooLarge(let path, let limit): "\(path.safe()) is longer than \(limit) bytes"
        }
    }
}
