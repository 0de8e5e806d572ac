package import Netlink

/// A listening TCP socket, and how many connections wait in its accept queue.
///
/// Kernel document: <https://docs.kernel.org/networking/proc_net_tcp.html>. Of a listening socket (`st` 0A) `rx_queue`
/// is the length of the accept queue, hexadecimal; how long it may get is not in the file.
/// ```
///   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
///    0: 0100007F:0CEA 00000000:0000 0A 00000000:00000081 00:00000000 00000000   999        0 24158 1 …
/// ```
package struct ListenQueue: Sendable, Equatable {
    package var family: AddressFamily
    package var port: UInt16
    /// Connections that the kernel has set up and the program has not accepted yet.
    package var waiting: UInt64
    /// How many may wait.
    ///
    /// One more is let in, the next are dropped. Only netlink tells.
    package var limit: UInt64?
    /// Connections that this socket dropped: only netlink tells, since Linux 4.7.
    package var drops: UInt32?
    /// The socket's number, by which the process that holds it is found: only netlink tells.
    package var inode: UInt64?

    /// Whether the next connection is dropped; nil where the limit is not known.
    package var isFull: Bool? { limit.map { waiting > $0 } }

    init(family: AddressFamily, port: UInt16, waiting: UInt64) {
        self.family = family
        self.port = port
        self.waiting = waiting
    }

    init(_ socket: TCPSocket) {
        self.init(family: socket.family, port: socket.local.port, waiting: socket.received)
        limit = socket.unsent
        drops = socket.drops
        inode = socket.inode
    }

    /// Every listening socket in the file.
    static func parse(
        _ bytes: [UInt8],
        path: String,
        family: AddressFamily
    ) throws(HostFileError) -> [ListenQueue] {
        var lines = LineScanner(bytes, path: path)
        var queues: [ListenQueue] = []
        guard try lines.required("the line of names").rest.starts(with: "sl ".utf8) else {
            throw lines.malformed("the line of names is missing")
        }
        while var line = try lines.next() {
            guard line.next() != nil, let local = line.next(), line.next() != nil, let state = line.next(),
                let queue = line.next()
            else { throw lines.malformed("fewer values than names") }
            guard state.spells("0A") else { continue }
            guard let (_, port) = local.parted(at: UInt8(ascii: ":")), let port = port.hexadecimal,
                let port = UInt16(exactly: port)
            else { throw lines.malformed("the local address has no port") }
            guard let (_, received) = queue.parted(at: UInt8(ascii: ":")), let waiting = received.hexadecimal else {
                throw lines.malformed("rx_queue is not a number")
            }
            queues.append(ListenQueue(family: family, port: port, waiting: waiting))
        }
        return queues
    }

    /// Whether `bytes` already hold every listening socket: the kernel lists them first, and a busy host has tens of
    /// thousands of others behind them.
    static func isComplete(_ bytes: [UInt8]) -> Bool {
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return false }
        let start = bytes[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        guard start > 0 else { return false }
        var line = Fields(bytes[start..<end])
        for _ in 0..<3 { _ = line.next() }
        guard let state = line.next() else { return false }
        return !state.spells("0A")
    }
}

/// Listening sockets over IPv4.
package struct IPv4ListenQueues: HostFile {
    package static let source = HostPath.network(.host, "tcp")
    package var queues: [ListenQueue]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        queues = try ListenQueue.parse(bytes, path: path, family: .ipv4)
    }
}

/// Listening sockets over IPv6, which mostly take IPv4 as well; absent where IPv6 is switched off.
package struct IPv6ListenQueues: HostFile {
    package static let source = HostPath.network(.host, "tcp6")
    package var queues: [ListenQueue]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        queues = try ListenQueue.parse(bytes, path: path, family: .ipv6)
    }
}
