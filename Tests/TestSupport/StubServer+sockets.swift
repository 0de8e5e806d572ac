import Basics
import Glibc

extension StubServer {
    /// A socket that listens on 127.0.0.1; port 0 takes a free one.
    static func listen(port: UInt16) throws(SystemFailure) -> (socket: Int32, port: UInt16) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let socket = try makeSocket(AF_INET)
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        try bind(socket, &address)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &size) }
        }
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    /// A socket that listens at `path`, which it replaces.
    static func listen(path: String) throws(SystemFailure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw SystemFailure(call: "bind \(path)", errno: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        unlink(path)
        let socket = try makeSocket(AF_UNIX)
        try bind(socket, &address)
        return socket
    }

    private static func makeSocket(_ family: Int32) throws(SystemFailure) -> Int32 {
        let socket = socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw SystemFailure(call: "socket", errno: errno) }
        return socket
    }

    private static func bind<Address>(_ socket: Int32, _ address: inout Address) throws(SystemFailure) {
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(socket, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard bound == 0, Glibc.listen(socket, 128) == 0 else {
            let failure = SystemFailure(call: "bind", errno: errno)
            close(socket)
            throw failure
        }
    }
}

/// Runs `body` on a thread of its own, so that it may block.
package func spawnThread(_ body: @escaping @Sendable () -> Void) {
    final class Errand {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 << 10)
    var id = pthread_t()
    let result = pthread_create(
        &id,
        &attributes,
        { context in
            guard let context else { return nil }
            Unmanaged<Errand>.fromOpaque(context).takeRetainedValue().body()
            return nil
        },
        Unmanaged.passRetained(Errand(body)).toOpaque()
    )
    precondition(result == 0, "a stub server needs a thread")
    pthread_attr_destroy(&attributes)
}

/// What a test waited for did not come.
package struct Impatience: Error, CustomStringConvertible {
    package var description: String
}

/// Looks again and again until `look` gives a value; how a test awaits what another thread does.
///
/// - Throws: `Impatience` after `limit`.
package func eventually<Value>(
    _ what: String,
    within limit: Duration = .seconds(10),
    _ look: () async -> Value?
) async throws -> Value {
    let time = SystemTime()
    let start = time.uptime
    while true {
        if let value = await look() { return value }
        guard time.uptime - start < limit else { throw Impatience(description: "no \(what) within \(limit.text)") }
        try await time.sleep(for: .milliseconds(1))
    }
}
