import CLinux

/// Where the reading of a netlink reply stands: what the kernel wrote is checked like any other input.
///
/// Format: <https://docs.kernel.org/userspace-api/netlink/intro.html>.
struct NetlinkReply: Sendable, Equatable {
    /// Whether the end of the list was reached.
    private(set) var isDone = false
    /// Whether something changed while the kernel told the list: it has holes, ask again.
    private(set) var isInterrupted = false
    /// What the kernel refused the request with, as a positive `errno`.
    private(set) var refusal: Int32?

    /// Hands over the messages of one datagram that carry data, by type and payload; those with another sequence
    /// number answer somebody else's question.
    mutating func take(
        _ datagram: RawSpan,
        sequence: UInt32,
        _ each: (UInt16, RawSpan) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        var place = 0
        while place < datagram.byteCount, !isDone, refusal == nil {
            guard let size = datagram.integer(at: place, as: UInt32.self),
                let type = datagram.integer(at: place + 4, as: UInt16.self),
                let flags = datagram.integer(at: place + 6, as: UInt16.self),
                let number = datagram.integer(at: place + 8, as: UInt32.self),
                size >= Self.headerSize, size <= datagram.byteCount - place
            else { throw .malformed(because: "a message's length is wrong") }
            let payload = datagram.extracting(place + Self.headerSize..<place + Int(size))
            place += RawSpan.padded(Int(size))
            guard number == sequence else { continue }
            isInterrupted = isInterrupted || flags & UInt16(NLM_F_DUMP_INTR) != 0
            switch Int32(type) {
            case NLMSG_NOOP: continue
            case NLMSG_DONE: try end(payload, isError: false)
            case NLMSG_ERROR: try end(payload, isError: true)
            default: try each(type, payload)
            }
        }
    }

    /// Both kinds of last message may carry a negative `errno`.
    private mutating func end(_ payload: RawSpan, isError: Bool) throws(NetlinkError) {
        let code = payload.integer(at: 0, as: Int32.self)
        if isError, code == nil { throw .malformed(because: "a refusal has no reason") }
        if let code, code < 0, code != Int32.min { refusal = -code } else { isDone = true }
    }

    private static let headerSize = MemoryLayout<nlmsghdr>.size
}

extension RawSpan {
    /// The integer in the machine's byte order at `offset`; nil beyond the end.
    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Integer.Type) -> Integer? {
        guard offset >= 0, byteCount - offset >= MemoryLayout<Integer>.size else { return nil }
        return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type)
    }

    /// Bytes up to the first NUL, as text: a name that the kernel wrote.
    func text(in range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        for place in range {
            guard let byte = integer(at: place, as: UInt8.self), byte != 0 else { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The attributes that fill the bytes from `start` on: where each type's value lies.
    func attributes(in range: Range<Int>) throws(NetlinkError) -> NetlinkAttributes {
        var attributes = NetlinkAttributes()
        var place = range.lowerBound
        while range.upperBound - place >= 4 {
            guard let size = integer(at: place, as: UInt16.self), let type = integer(at: place + 2, as: UInt16.self),
                size >= 4, Int(size) <= range.upperBound - place
            else { throw .malformed(because: "an attribute's length is wrong") }
            // The two highest bits say how the value is coded.
            attributes.places.append((type & 0x3FFF, place + 4..<place + Int(size)))
            place += Self.padded(Int(size))
        }
        return attributes
    }

    static func padded(_ size: Int) -> Int { (size + 3) & ~3 }
}

/// Where the attributes of one message lie, by their type; of several of one type the last counts.
struct NetlinkAttributes {
    var places: [(type: UInt16, place: Range<Int>)] = []

    subscript(type: Int) -> Range<Int>? { places.last { $0.type == type }?.place }
}
