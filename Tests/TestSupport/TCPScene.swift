import Glibc

/// TCP connections over the loopback interface of the calling thread's network namespace, in the states that are asked
/// for.
package struct TCPScene {
    /// What could not be made.
    package struct Failure: Error {
        package var what: String
        package var errno: Int32
    }

    /// Where the server listens.
    package private(set) var port: UInt16 = 0
    private var address = sockaddr_in6()
    private let family: Int32
    private var handles: [Int32] = []

    /// Both ends of `established` connections stay open; of `closeWait` ones the client has closed and the server has
    /// not.
    package init(closeWait: Int, established: Int, backlog: Int32 = 128, isIPv6: Bool = false) throws {
        family = isIPv6 ? AF_INET6 : AF_INET
        let listener = try open()
        try bind(listener)
        try Self.check("listen", listen(listener, backlog))
        for number in 0..<(closeWait + established) {
            let client = try open()
            try Self.check("connect", with { connect(client, $0, $1) })
            let server = accept(listener, nil, nil)
            try Self.check("accept", min(server, 0))
            handles.append(server)
            guard number < closeWait else { continue }
            handles.removeAll { $0 == client }
            Glibc.close(client)
        }
    }

    /// Begins connections that nobody accepts.
    package mutating func connectWithoutAccepting(_ count: Int) {
        for _ in 0..<count {
            let client = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            handles.append(client)
            _ = with { connect(client, $0, $1) }
        }
    }

    package func close() { for handle in handles { Glibc.close(handle) } }

    private mutating func open() throws -> Int32 {
        let handle = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        try Self.check("socket", min(handle, 0))
        handles.append(handle)
        return handle
    }

    private mutating func bind(_ listener: Int32) throws {
        // struct sockaddr_in6 has the family and the port where sockaddr_in has them, and the address in the next field.
        address.sin6_family = sa_family_t(family)
        if family == AF_INET6 {
            address.sin6_addr = in6addr_loopback
        } else {
            address.sin6_flowinfo = UInt32(0x7F00_0001).bigEndian
        }
        try Self.check("bind", with { Glibc.bind(listener, $0, $1) })
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        try Self.check("getsockname", named)
        port = UInt16(bigEndian: address.sin6_port)
    }

    private func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        let size = family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }

    private static func check(_ what: String, _ code: Int32) throws {
        guard code == 0 else { throw Failure(what: what, errno: errno) }
    }
}
