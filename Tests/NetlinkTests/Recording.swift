@testable import Netlink

/// Datagrams as the kernel sends them, taken apart.
struct Recording {
    /// One message without its header.
    struct Message: Equatable {
        var type: UInt16
        var payload: [UInt8]
    }

    var messages: [Message] = []
    var reply = NetlinkReply()

    init(_ datagrams: [[UInt8]], sequence: UInt32 = 7) throws(NetlinkError) {
        var messages: [Message] = []
        for datagram in datagrams {
            try reply.take(datagram.span.bytes, sequence: sequence) { type, payload throws(NetlinkError) in
                let bytes = (0..<payload.byteCount).compactMap { payload.integer(at: $0, as: UInt8.self) }
                messages.append(Message(type: type, payload: bytes))
            }
        }
        self.messages = messages
    }

    /// Bytes written in hexadecimal, blanks and line breaks left out.
    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Integers as they lie in memory.
    static func bytes<Integer: FixedWidthInteger>(of integers: Integer...) -> [UInt8] {
        integers.flatMap { integer in withUnsafeBytes(of: integer, Array.init) }
    }

    /// An attribute of a message.
    static func attribute(_ type: Int, _ value: [UInt8]) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
        return bytes(of: UInt16(4 + value.count), UInt16(type)) + value + padding
    }
}
