import CLinux

extension TCPSocket {
    /// The TCP sockets of our own network namespace that are in one of `states`, of IPv4 and IPv6.
    ///
    /// Kernel documents: sock_diag(7), `linux/inet_diag.h`. The kernel leaves out what is not asked for: walking its
    /// table costs little, telling a socket much more.
    ///
    /// - Parameters:
    ///   - states: What to tell.
    ///   - localPorts: Only sockets with these local ports; nil for all.
    ///   - begin: Forgets what was told so far: the dump begins anew.
    ///   - each: Gets each socket.
    /// - Throws: `NetlinkError`; what was told so far is not all.
    package static func each(
        in states: Set<TCPState>,
        localPorts: ClosedRange<UInt16>? = nil,
        begin: () -> Void,
        each: (TCPSocket) -> Void
    ) throws(NetlinkError) {
        let mask = states.reduce(UInt32(0)) { $0 | 1 << UInt32($1.rawValue) }
        // What a listening socket dropped is among its memory's figures.
        let extensions = states == [.listen] ? UInt8(1 << (INET_DIAG_SKMEMINFO - 1)) : 0
        let attributes = localPorts.map(filter) ?? []
        // The older of two requests has no protocol family: the kernel walks its table once for both.
        var body = inet_diag_req()
        body.idiag_ext = extensions
        body.idiag_states = mask
        let request = Netlink.Request(
            family: .sockets,
            type: UInt16(TCPDIAG_GETSOCK),
            body: body,
            attributes: attributes,
            limit: limit
        )
        try Netlink.dump(request, begin: begin) { _, payload throws(NetlinkError) in
            if let socket = try TCPSocket(payload) { each(socket) }
        }
    }

    /// Two million sockets.
    private static let limit = 256 << 20

    /// A program for the kernel: each step has a code, where to go on when it holds and where when it does not (behind
    /// the end: leave the socket out), and an operand of the same form.
    private static func filter(_ ports: ClosedRange<UInt16>) -> [UInt8] {
        let operation = MemoryLayout<inet_diag_bc_op>.size
        let size = 4 * operation
        var bytes: [UInt8] = []
        func append(_ code: Int, yes: Int, no: Int) {
            let step = inet_diag_bc_op(code: UInt8(code), yes: UInt8(yes), no: UInt16(no))
            withUnsafeBytes(of: step) { bytes += $0 }
        }
        withUnsafeBytes(of: UInt16(4 + size)) { bytes += $0 }
        withUnsafeBytes(of: UInt16(INET_DIAG_REQ_BYTECODE)) { bytes += $0 }
        append(INET_DIAG_BC_S_GE, yes: 2 * operation, no: size + 4)
        append(INET_DIAG_BC_NOP, yes: 0, no: Int(ports.lowerBound))
        append(INET_DIAG_BC_S_LE, yes: 2 * operation, no: size / 2 + 4)
        append(INET_DIAG_BC_NOP, yes: 0, no: Int(ports.upperBound))
        return bytes
    }

    /// A `struct inet_diag_msg` and what follows it; nil for a state that is not known.
    init?(_ message: RawSpan) throws(NetlinkError) {
        let size = MemoryLayout<inet_diag_msg>.size
        guard message.byteCount >= size else { throw .malformed(because: "a socket's message is too short") }
        func word(_ offset: Int) -> UInt32 { message.integer(at: offset, as: UInt32.self) ?? 0 }
        func port(_ offset: Int) -> UInt16 { UInt16(bigEndian: message.integer(at: offset, as: UInt16.self) ?? 0) }
        func words(_ offset: Int) -> (UInt32, UInt32, UInt32, UInt32) {
            (word(offset), word(offset + 4), word(offset + 8), word(offset + 12))
        }
        let number = message.integer(at: 0, as: UInt8.self) ?? 0
        guard let family = AddressFamily(number: number) else {
            throw .malformed(because: "a socket is of another protocol")
        }
        guard let state = message.integer(at: 1, as: UInt8.self).flatMap(TCPState.init) else { return nil }
        // The offsets in struct inet_diag_msg, which never change.
        self.init(
            family: family,
            state: state,
            local: Endpoint(family, words: words(8), port: port(4)),
            remote: Endpoint(family, words: words(24), port: port(6)),
            received: UInt64(word(56)),
            unsent: UInt64(word(60)),
            user: word(64),
            inode: UInt64(word(68))
        )
        guard state == .listen else { return }
        let attributes = try message.attributes(in: size..<message.byteCount)
        let place = Int(SK_MEMINFO_DROPS) * 4
        if let memory = attributes[INET_DIAG_SKMEMINFO], memory.count >= place + 4 {
            drops = message.integer(at: memory.lowerBound + place, as: UInt32.self)
        }
    }
}
