import Glibc

/// An exclusive lock on a file, held until it is released, also by a kill; taken with flock(2), which works between
/// containers that share a volume.
package final class FileLock: Sendable {
    /// Why the lock could not be taken.
    package enum Refusal: Error, Sendable, Equatable {
        case held
        /// The lock file cannot be opened or created: `errno`.
        case cannotOpen(Int32)
    }

    private let descriptor: Int32

    /// Takes the lock, waiting at most `patience` milliseconds for whoever holds it.
    package init(path: String, patience: Int) throws(Refusal) {
        let opened = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw .cannotOpen(errno) }
        var left = patience
        while flock(opened, LOCK_EX | LOCK_NB) != 0 {
            let trouble = errno
            guard trouble == EWOULDBLOCK || trouble == EINTR, left > 0 else {
                close(opened)
                throw trouble == EWOULDBLOCK ? .held : .cannotOpen(trouble)
            }
            usleep(20_000)
            left -= 20
        }
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }
}
