import CLinux
import Glibc
import SystemPackage

/// Asks the kernel for a list over a netlink socket (netlink(7)).
enum Netlink {
    /// One of the kernel's netlink protocols.
    enum Family: Int32 {
        /// Links, addresses, routes, neighbours: rtnetlink(7).
        case route = 0
        /// Sockets: sock_diag(7).
        case sockets = 4
    }

    /// What is asked for.
    struct Request<Body: BitwiseCopyable> {
        var family: Family
        var type: UInt16
        /// A C structure without padding, which follows the header.
        var body: Body
        /// Attributes behind the body, as bytes.
        var attributes: [UInt8] = []
        /// Most bytes that the list may have.
        var limit = 8 << 20
    }

    /// The whole list, message by message; when it changed meanwhile it is told anew, after another `begin`.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - begin: Forgets what was told so far.
    ///   - take: Gets each message's type and payload.
    /// - Throws: `NetlinkError`, also what `take` throws.
    static func dump<Body>(
        _ request: Request<Body>,
        begin: () -> Void,
        take: (UInt16, RawSpan) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        // Raw or datagram makes no difference to netlink; no privilege is asked for reading.
        let handle = socket(
            AF_NETLINK,
            Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            request.family.rawValue
        )
        guard handle >= 0 else { throw NetlinkError(errno: errno) }
        defer { close(handle) }
        // The kernel answers a dump at once, within the call; the limit is for the day it does not.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        // The kernel makes its datagrams as large as the reader's buffer, up to this.
        var buffer = [UInt8](repeating: 0, count: 32768)
        try untilWhole(begin: begin) { sequence throws(NetlinkError) in
            try send(request, sequence, to: handle)
            return try receive(from: handle, sequence, limit: request.limit, into: &buffer, take)
        }
    }

    /// Asks four times at most, with another number each time, until nothing changed while the kernel told the list.
    static func untilWhole(
        begin: () -> Void,
        ask: (UInt32) throws(NetlinkError) -> NetlinkReply
    ) throws(NetlinkError) {
        for sequence in UInt32(1)...4 {
            begin()
            if try !ask(sequence).isInterrupted { return }
        }
        throw .failed(.interrupted)
    }

    private static func send<Body>(
        _ request: Request<Body>,
        _ sequence: UInt32,
        to handle: Int32
    ) throws(NetlinkError) {
        var header = nlmsghdr()
        header.nlmsg_len = UInt32(
            MemoryLayout<nlmsghdr>.size + MemoryLayout<Body>.size + request.attributes.count
        )
        header.nlmsg_type = request.type
        header.nlmsg_flags = UInt16(NLM_F_REQUEST) | UInt16(NLM_F_ROOT) | UInt16(NLM_F_MATCH)
        header.nlmsg_seq = sequence
        var message: [UInt8] = []
        withUnsafeBytes(of: header) { message += $0 }
        withUnsafeBytes(of: request.body) { message += $0 }
        message += request.attributes
        let sent = message.withUnsafeBytes { Glibc.send(handle, $0.baseAddress, $0.count, 0) }
        guard sent == message.count else { throw NetlinkError(errno: sent < 0 ? errno : EMSGSIZE) }
    }

    private static func receive(
        from handle: Int32,
        _ sequence: UInt32,
        limit: Int,
        into buffer: inout [UInt8],
        _ take: (UInt16, RawSpan) throws(NetlinkError) -> Void
    ) throws(NetlinkError) -> NetlinkReply {
        var reply = NetlinkReply()
        var total = 0
        while !reply.isDone {
            // With MSG_TRUNC the result is the datagram's length, even if it did not fit.
            let got = buffer.withUnsafeMutableBytes { recv(handle, $0.baseAddress, $0.count, Int32(MSG_TRUNC)) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0, got <= buffer.count else { throw NetlinkError(errno: got < 0 ? errno : EMSGSIZE) }
            guard got > 0 else { throw .malformed(because: "the list has no end") }
            total += got
            guard total <= limit else { throw .tooLong(limit: limit) }
            try reply.take(buffer.span.bytes.extracting(first: got), sequence: sequence, take)
            if let refusal = reply.refusal { throw NetlinkError(errno: refusal) }
        }
        return reply
    }
}
