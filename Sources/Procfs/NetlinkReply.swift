import CLinux

/// The messages of a netlink reply, from bytes: what the kernel wrote is checked like any other input.
///
/// Format: <https://docs.kernel.org/userspace-api/netlink/intro.html>.
struct NetlinkReply: Sendable, Equatable {
    /// One message without its header.
    struct Message: Sendable, Equatable {
        var type: UInt16
        var payload: ArraySlice<UInt8>
    }

    /// The messages that carry data, in order.
    private(set) var messages: [Message] = []
    /// Whether the end of the dump was reached.
    private(set) var isDone = false
    /// Whether something changed while the kernel listed it: the list has holes, ask again.
    private(set) var isInterrupted = false
    /// What the kernel refused the request with, as a positive `errno`.
    private(set) var refusal: Int32?

    /// Takes in one datagram; messages with another sequence number answer somebody else's question.
    mutating func append(_ datagram: [UInt8], sequence: UInt32) throws(HostFileError) {
        var rest = datagram[...]
        while !rest.isEmpty, !isDone, refusal == nil {
            guard let length = rest.integer(at: 0, as: UInt32.self), let type = rest.integer(at: 4, as: UInt16.self),
                let flags = rest.integer(at: 6, as: UInt16.self), let number = rest.integer(at: 8, as: UInt32.self),
                length >= Self.headerSize, length <= rest.count
            else { throw Self.malformed("a message's length is wrong") }
            let payload = rest.prefix(Int(length)).dropFirst(Self.headerSize)
            rest = rest.dropFirst(Self.padded(Int(length)))
            guard number == sequence else { continue }
            isInterrupted = isInterrupted || flags & UInt16(NLM_F_DUMP_INTR) != 0
            switch Int32(type) {
            case NLMSG_NOOP: continue
            case NLMSG_DONE: try end(payload, isError: false)
            case NLMSG_ERROR: try end(payload, isError: true)
            default: messages.append(Message(type: type, payload: payload))
            }
        }
    }

    /// Both kinds of last message may carry a negative `errno`.
    private mutating func end(_ payload: ArraySlice<UInt8>, isError: Bool) throws(HostFileError) {
        let code = payload.integer(at: 0, as: Int32.self)
        if isError, code == nil { throw Self.malformed("a refusal has no reason") }
        if let code, code < 0, code != Int32.min { refusal = -code } else { isDone = true }
    }

    private static let headerSize = MemoryLayout<nlmsghdr>.size

    static func padded(_ length: Int) -> Int { (length + 3) & ~3 }

    static func malformed(_ because: String) -> HostFileError {
        .malformed(path: "netlink", line: 1, because: because)
    }

    /// The attributes that fill `bytes`.
    static func attributes(_ bytes: ArraySlice<UInt8>) throws(HostFileError) -> NetlinkAttributes {
        var attributes = NetlinkAttributes()
        var rest = bytes
        while rest.count >= 4 {
            guard let length = rest.integer(at: 0, as: UInt16.self), let type = rest.integer(at: 2, as: UInt16.self),
                length >= 4, length <= rest.count
            else { throw malformed("an attribute's length is wrong") }
            // The two highest bits say how the value is coded.
            attributes.values[type & 0x3FFF] = rest.prefix(Int(length)).dropFirst(4)
            rest = rest.dropFirst(padded(Int(length)))
        }
        return attributes
    }
}

/// The attributes of one message by their type.
struct NetlinkAttributes {
    var values: [UInt16: ArraySlice<UInt8>] = [:]

    subscript(type: Int) -> ArraySlice<UInt8>? { UInt16(exactly: type).flatMap { values[$0] } }
}

extension ArraySlice<UInt8> {
    /// The integer in the machine's byte order at `offset` from the slice's start; nil beyond its end.
    func integer<Integer: FixedWidthInteger>(at offset: Int, as type: Integer.Type) -> Integer? {
        guard offset >= 0, count - offset >= MemoryLayout<Integer>.size else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }
}
