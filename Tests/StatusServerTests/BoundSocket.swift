import Glibc

/// A unix socket of another program; its file outlives it, as after a kill.
struct BoundSocket {
    private let handle: Int32

    /// Listens with room for `backlog` connections that nobody accepts, or not at all; nil when it cannot be had.
    init?(_ path: String, type: __socket_type = SOCK_STREAM, backlog: Int32? = nil) {
        handle = socket(AF_UNIX, Int32(type.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let handle = handle
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { return nil }
        if let backlog, listen(handle, backlog) != 0 { return nil }
    }

    func close() { Glibc.close(handle) }
}
