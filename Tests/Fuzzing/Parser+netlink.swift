@testable import Netlink

extension Parser {
    static let netlink = [
        Parser("NeighbourTable", of: "Netlink/NeighbourTable.swift", "Netlink/NetlinkReply.swift") { bytes in
            var tables: [NeighbourTable] = []
            try messages(in: bytes) { type, payload in try NeighbourTable.add(type, payload, to: &tables) }
            return !tables.isEmpty
        },
        Parser("NetworkLink", of: "Netlink/NetworkLink.swift", "Netlink/NetlinkReply.swift") { bytes in
            var count = 0
            try messages(in: bytes) { _, payload in
                _ = try NetworkLink(payload)
                count += 1
            }
            return count > 0
        },
        Parser("TCPSocket", of: "Netlink/TCPSocket+dump.swift", "Netlink/NetlinkReply.swift") { bytes in
            var count = 0
            try messages(in: bytes) { _, payload in
                guard let socket = try TCPSocket(payload) else { return }
                _ = (socket.local.description, socket.remote.description)
                count += 1
            }
            return count > 0
        },
    ]

    /// The sequence number of every seed's question.
    private static let sequence: UInt32 = 7

    private static func messages(in datagram: RawSpan, _ take: (UInt16, RawSpan) throws -> Void) throws {
        var reply = NetlinkReply()
        var failure: (any Error)?
        try reply.take(datagram, sequence: sequence) { type, payload in
            do { try take(type, payload) } catch { failure = failure ?? error }
        }
        if let refusal = reply.refusal { throw NetlinkError(errno: refusal) }
        if let failure { throw failure }
    }
}
