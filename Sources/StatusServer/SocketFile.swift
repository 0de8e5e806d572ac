import Glibc

/// The place of a unix socket in the file system.
enum SocketFile {
    /// What is at the place and must not be removed.
    enum Occupant: Error, Equatable {
        /// A program answers there.
        case listener
        /// A socket that we may not connect to, so that nobody can say whether a program answers.
        case foreign
        /// Something else than a socket.
        case other
    }

    /// Removes what a killed predecessor left, and only that: a socket on which nobody listens.
    static func clear(_ path: String) throws(Occupant) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else { throw .other }
        switch probe(path) {
        case 0, EAGAIN, EPROTOTYPE: throw .listener
        case EACCES, EPERM: throw .foreign
        default: unlink(path)
        }
    }

    /// 0 when somebody takes the connection, else the reason: `ECONNREFUSED` when nobody listens, `EAGAIN` when somebody
    /// does who is busy (`unix(7)`).
    private static func probe(_ path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // One byte stays for the final NUL.
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        // Without blocking, for a listener whose queue is full would hold us.
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let handle = socket(AF_UNIX, flags, 0)
        guard handle >= 0 else { return errno }
        defer { close(handle) }
        let isConnected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        return isConnected ? 0 : errno
    }
}
