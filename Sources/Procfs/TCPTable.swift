import Netlink

/// Reads a namespace's `net/tcp` or `net/tcp6` as bytes while it comes, whatever its length.
///
/// Kernel document: <https://docs.kernel.org/networking/proc_net_tcp.html>. Addresses and ports are hexadecimal and of
/// fixed width, an address in the machine's byte order word by word.
/// ```
///   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
///    0: 0100007F:1F90 0100007F:C350 08 00000000:00000001 00:00000000 00000000  1000        0 24158 1 …
/// ```
struct TCPTable {
    private let family: AddressFamily
    private let states: Set<TCPState>
    private let path: String
    private var line = 0
    /// The beginning of a line whose end has not come yet.
    private var rest: [UInt8] = []

    /// Longer than any line that a kernel writes.
    private static let longest = 4096

    init(_ family: AddressFamily, states: Set<TCPState>, path: String) {
        self.family = family
        self.states = states
        self.path = path
    }

    /// Takes in the next piece of the file; `each` gets the sockets in the wanted states.
    mutating func take(_ chunk: RawSpan, _ each: (TCPSocket) -> Void) throws(HostFileError) {
        var start = 0
        while let end = chunk.first(UInt8(ascii: "\n"), from: start) {
            if rest.isEmpty {
                try read(chunk.extracting(start..<end), each)
            } else {
                chunk.append(start..<end, to: &rest)
                let whole = rest
                rest.removeAll(keepingCapacity: true)
                try read(whole.span.bytes, each)
            }
            start = end + 1
        }
        guard rest.count + chunk.byteCount - start <= Self.longest else { throw malformed("a line has no end") }
        chunk.append(start..<chunk.byteCount, to: &rest)
    }

    /// The whole file was taken in.
    func finish() throws(HostFileError) {
        guard line > 0 else { throw malformed("the file is empty") }
        guard rest.isEmpty else { throw malformed("the file ends in the middle of a line") }
    }

    private mutating func read(_ text: RawSpan, _ each: (TCPSocket) -> Void) throws(HostFileError) {
        line += 1
        var place = text.skipBlanks(from: 0)
        if line == 1 {
            guard text.byte(place) == UInt8(ascii: "s"), text.byte(place + 1) == UInt8(ascii: "l") else {
                throw malformed("the line of names is missing")
            }
            return
        }
        _ = text.number(&place, base: 10)
        guard text.byte(place) == UInt8(ascii: ":") else { throw malformed("the line has no number") }
        place = text.skipBlanks(from: place + 1)
        let width = family == .ipv4 ? 8 : 32
        let (remote, after) = (place + width + 6, place + 2 * width + 12)
        guard text.byte(place + width) == UInt8(ascii: ":"), text.byte(remote + width) == UInt8(ascii: ":"),
            let number = text.hexadecimal(after..<after + 2)
        else { throw malformed("the addresses are not where they should be") }
        guard let state = TCPState(rawValue: UInt8(truncatingIfNeeded: number)), states.contains(state) else { return }
        guard let local = endpoint(text, place, width), let remote = endpoint(text, remote, width) else {
            throw malformed("an address is not hexadecimal")
        }
        place = text.skipBlanks(from: after + 2)
        guard let unsent = text.number(&place, base: 16), text.byte(place) == UInt8(ascii: ":") else {
            throw malformed("tx_queue is not a number")
        }
        place += 1
        guard let received = text.number(&place, base: 16) else { throw malformed("rx_queue is not a number") }
        // The timer and what it counts.
        for _ in 0..<2 { place = text.skipField(from: text.skipBlanks(from: place)) }
        place = text.skipBlanks(from: place)
        guard let user = text.number(&place, base: 10) else { throw malformed("uid is not a number") }
        place = text.skipBlanks(from: text.skipField(from: text.skipBlanks(from: place)))
        guard let inode = text.number(&place, base: 10) else { throw malformed("inode is not a number") }
        each(
            TCPSocket(
                family: family,
                state: state,
                local: local,
                remote: remote,
                received: received,
                unsent: unsent,
                user: UInt32(truncatingIfNeeded: user),
                inode: inode
            )
        )
    }

    private func endpoint(_ text: RawSpan, _ place: Int, _ width: Int) -> Endpoint? {
        func word(_ index: Int) -> UInt32? {
            text.hexadecimal(place + 8 * index..<place + 8 * index + 8).map { UInt32(truncatingIfNeeded: $0) }
        }
        guard let first = word(0), let port = text.hexadecimal(place + width + 1..<place + width + 5) else {
            return nil
        }
        if width == 8 { return Endpoint(.ipv4, words: (first, 0, 0, 0), port: UInt16(truncatingIfNeeded: port)) }
        guard let second = word(1), let third = word(2), let fourth = word(3) else { return nil }
        return Endpoint(.ipv6, words: (first, second, third, fourth), port: UInt16(truncatingIfNeeded: port))
    }

    private func malformed(_ because: String) -> HostFileError {
        .malformed(path: path, line: max(1, line), because: because)
    }
}

extension RawSpan {
    fileprivate func append(_ range: Range<Int>, to bytes: inout [UInt8]) {
        for place in range { bytes.append(byte(place)) }
    }
}
