import Glibc
package import SystemPackage

/// Why the kernel gave no list.
package enum NetlinkError: Error, Sendable, Equatable {
    /// The kernel has no such protocol, or its module is not loaded.
    case unsupported
    /// A security module or a seccomp profile forbids it; for what is asked here no privilege is needed.
    case denied
    /// Asking or receiving failed; `EINTR` when the list changed each time while the kernel told it.
    case failed(Errno)
    /// What came is not what the kernel documents.
    case malformed(because: String)
    /// The list is longer, in bytes, than any such list should be.
    case tooLong(limit: Int)

    init(errno: Int32) {
        switch errno {
        case EACCES, EPERM: self = .denied
        case EAFNOSUPPORT, EOPNOTSUPP, EPROTONOSUPPORT, ENOENT: self = .unsupported
        default: self = .failed(Errno(rawValue: errno))
        }
    }
}
