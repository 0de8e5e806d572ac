import Basics
import Glibc

/// A conversation with a message bus over its socket: signed in by our user id, calls out, answers in.
///
/// Documents: D-Bus Specification ("Authentication Protocol", "Message Bus Messages"). Everything blocks until the
/// deadline; call it on a thread of its own.
struct BusConnection: ~Copyable {
    private let handle: Int32
    private let deadline: Duration
    private let time: any TimeSource
    private var received: [UInt8] = []
    /// Up to where `received` was taken.
    private var taken = 0
    private var serial: UInt32 = 0

    /// Longest message that is taken: twenty thousand units.
    static let limit = 8 << 20
    /// Calls that wait for their answers at a time; the bus allows 128.
    private static let mostWaiting = 64

    private init(_ handle: Int32, until deadline: Duration, time: any TimeSource) {
        self.handle = handle
        self.deadline = deadline
        self.time = time
    }

    /// Connects and signs in.
    static func open(path: String, until deadline: Duration, time: any TimeSource) throws(BusError) -> BusConnection {
        var bus = BusConnection(try connect(path), until: deadline, time: time)
        try bus.signIn()
        return bus
    }

    /// Our user id is what the socket's other side sees: naming it would be wrong within a user namespace.
    private mutating func signIn() throws(BusError) {
        try send(Array("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n".utf8))
        while true {
            let line = try line()
            if line.hasPrefix("OK") { break }
            guard line == "DATA" else { throw .rejected(user: geteuid()) }
        }
        let hello = BusCall(
            destination: "org.freedesktop.DBus",
            path: "/org/freedesktop/DBus",
            interface: "org.freedesktop.DBus",
            member: "Hello"
        )
        do throws(BusError) {
            for reply in try call([hello]) { _ = try reply.body("s") }
        } catch .closed {
            // dbus-daemon looks the user up only now, and hangs up on one that it does not know.
            throw .rejected(user: geteuid())
        }
    }

    deinit { close(handle) }

    /// The answers to calls, in the calls' order.
    mutating func call(_ calls: [BusCall]) throws(BusError) -> [BusReply] {
        var replies: [BusReply] = []
        var rest = calls[...]
        while !rest.isEmpty {
            replies += try exchange(Array(rest.prefix(Self.mostWaiting)))
            rest = rest.dropFirst(Self.mostWaiting)
        }
        return replies
    }

    private mutating func exchange(_ calls: [BusCall]) throws(BusError) -> [BusReply] {
        let first = serial + 1
        var bytes: [UInt8] = []
        for call in calls {
            serial += 1
            bytes += call.bytes(serial: serial)
        }
        try send(bytes)
        var replies = [BusReply?](repeating: nil, count: calls.count)
        var missing = calls.count
        while missing > 0 {
            guard let reply = try BusReply(try message()), reply.serial >= first else { continue }
            let place = Int(reply.serial - first)
            guard place < replies.count, replies[place] == nil else { continue }
            replies[place] = reply
            missing -= 1
        }
        return replies.compactMap(\.self)
    }

    // MARK: - Bytes

    private static func connect(_ path: String) throws(BusError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .unreachable(path: path, errno: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let handle = socket(AF_UNIX, kind, 0)
        guard handle >= 0 else { throw .unreachable(path: path, errno: errno) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result != 0 else { return handle }
        let failure = errno
        close(handle)
        switch failure {
        case ENOENT, ECONNREFUSED: throw .noListener(path: path)
        case EACCES, EPERM: throw .denied(path: path)
        // Its queue of connections is full.
        case EAGAIN: throw .noAnswer
        default: throw .unreachable(path: path, errno: failure)
        }
    }

    private func send(_ bytes: [UInt8]) throws(BusError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(handle, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if sent >= 0 {
                rest = rest.dropFirst(sent)
            } else if errno == EAGAIN || errno == EINTR {
                try wait(for: POLLOUT)
            } else {
                throw .closed
            }
        }
    }

    private mutating func line() throws(BusError) -> String {
        while true {
            if let end = received[taken...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = received[taken..<end].filter { $0 != UInt8(ascii: "\r") }
                taken = end + 1
                return String(decoding: line, as: UTF8.self)
            }
            guard received.count - taken < 1024 else { throw .malformed(because: "a line is too long") }
            do throws(BusError) {
                try receive()
            } catch .closed {
                throw .rejected(user: geteuid())
            }
        }
    }

    private mutating func message() throws(BusError) -> [UInt8] {
        while true {
            if let length = try BusReply.length(received[taken...]) {
                guard length <= Self.limit else { throw .tooLong(limit: Self.limit) }
                if received.count - taken >= length {
                    defer { taken += length }
                    return Array(received[taken..<(taken + length)])
                }
            }
            try receive()
        }
    }

    private mutating func receive() throws(BusError) {
        if taken > 0 {
            received.removeFirst(taken)
            taken = 0
        }
        while true {
            var got = 0
            var failure: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                got = recv(handle, buffer.baseAddress, buffer.count, 0)
                if got < 0 { failure = errno }
                count = max(0, got)
            }
            if got > 0 {
                received += chunk
                return
            }
            guard got < 0, failure == EAGAIN || failure == EINTR else { throw .closed }
            try wait(for: POLLIN)
        }
    }

    private func wait(for event: Int32) throws(BusError) {
        while true {
            let left = deadline - time.uptime
            guard left > .zero else { throw .noAnswer }
            var polled = pollfd(fd: handle, events: Int16(event), revents: 0)
            if poll(&polled, 1, left.pollMilliseconds) > 0 { return }
        }
    }
}
