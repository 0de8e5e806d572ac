import CLinux
import Glibc
import SystemPackage

/// Asks the kernel's routing socket (rtnetlink(7)) for a list.
enum Netlink {
    private static let path = "netlink"
    private static let limit = 8 << 20

    /// The whole list, asked for again when it changed meanwhile.
    ///
    /// `flags` are those besides `NLM_F_REQUEST` and `NLM_F_DUMP`; `body`, a C structure without padding, follows the
    /// header.
    static func dump<Body: BitwiseCopyable>(
        type: UInt16,
        flags: UInt16,
        body: Body
    ) throws(HostFileError) -> NetlinkReply {
        // Raw or datagram makes no difference to netlink; no privilege is asked for reading.
        let handle = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), NETLINK_ROUTE)
        guard handle >= 0 else { throw failure(errno) }
        defer { close(handle) }
        // The kernel answers a dump at once, within the call; the limit is for the day it does not.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        for sequence in UInt32(1)...4 {
            try send(header(type, flags, bodySize: MemoryLayout<Body>.size, sequence), body, to: handle)
            let reply = try receive(from: handle, sequence: sequence)
            if !reply.isInterrupted { return reply }
        }
        throw failure(EINTR)
    }

    private static func header(_ type: UInt16, _ flags: UInt16, bodySize: Int, _ sequence: UInt32) -> nlmsghdr {
        var header = nlmsghdr()
        header.nlmsg_len = UInt32(MemoryLayout<nlmsghdr>.size + bodySize)
        header.nlmsg_type = type
        header.nlmsg_flags = UInt16(NLM_F_REQUEST) | UInt16(NLM_F_ROOT) | UInt16(NLM_F_MATCH) | flags
        header.nlmsg_seq = sequence
        return header
    }

    private static func send<Body: BitwiseCopyable>(
        _ header: nlmsghdr,
        _ body: Body,
        to handle: Int32
    ) throws(HostFileError) {
        var request: [UInt8] = []
        withUnsafeBytes(of: header) { request += $0 }
        withUnsafeBytes(of: body) { request += $0 }
        let sent = request.withUnsafeBytes { Glibc.send(handle, $0.baseAddress, $0.count, 0) }
        guard sent == request.count else { throw failure(sent < 0 ? errno : EMSGSIZE) }
    }

    private static func receive(from handle: Int32, sequence: UInt32) throws(HostFileError) -> NetlinkReply {
        var reply = NetlinkReply()
        var total = 0
        while !reply.isDone {
            var failure: Int32 = 0
            let datagram = [UInt8](unsafeUninitializedCapacity: 32768) { buffer, count in
                // With MSG_TRUNC the result is the datagram's length, even if it did not fit.
                let got = recv(handle, buffer.baseAddress, buffer.count, Int32(MSG_TRUNC))
                if got < 0 { failure = errno } else if got > buffer.count { failure = EMSGSIZE }
                count = failure == 0 ? got : 0
            }
            if failure == EINTR { continue }
            guard failure == 0 else { throw Self.failure(failure) }
            total += datagram.count
            guard total <= limit else { throw .tooLarge(path: path, limit: limit) }
            try reply.append(datagram, sequence: sequence)
            if let refusal = reply.refusal { throw Self.failure(refusal) }
        }
        return reply
    }

    private static func failure(_ errno: Int32) -> HostFileError {
        switch errno {
        case EACCES, EPERM:
            .denied(path: path, hint: "a security module or seccomp profile forbids AF_NETLINK sockets: allow them")
        case EAFNOSUPPORT, EOPNOTSUPP, EPROTONOSUPPORT: .absent(path: path)
        default: .unreadable(path: path, errno: Errno(rawValue: errno))
        }
    }
}
