import Glibc

/// An address and a port of the internet.
package struct Endpoint: Hashable, Sendable {
    /// Of an IPv4 address that a socket over IPv6 shows in disguise (`::ffff:192.0.2.1`), the former.
    package var family: AddressFamily
    /// The address as it lies in memory: the first eight bytes, of IPv4 the only four.
    private var first: UInt64
    private var second: UInt64
    package var port: UInt16

    /// Takes an address as the kernel shows it in `/proc/net/tcp` and in `struct inet_diag_sockid`: four words in
    /// network byte order, read in the machine's own; IPv4 has one.
    package init(_ family: AddressFamily, words: (UInt32, UInt32, UInt32, UInt32), port: UInt16) {
        self.port = port
        guard family == .ipv6, words.0 != 0 || words.1 != 0 || words.2 != UInt32(0x0000_FFFF).bigEndian else {
            self.family = .ipv4
            first = UInt64(family == .ipv4 ? words.0 : words.3)
            second = 0
            return
        }
        self.family = .ipv6
        first = UInt64(words.0) | UInt64(words.1) << 32
        second = UInt64(words.2) | UInt64(words.3) << 32
    }
}

extension Endpoint: CustomStringConvertible {
    /// `192.0.2.1:443`, `[2001:db8::1]:443`.
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let words = [first, second].flatMap { [UInt32(truncatingIfNeeded: $0), UInt32(truncatingIfNeeded: $0 >> 32)] }
        _ = words.withUnsafeBytes { bytes in
            inet_ntop(Int32(family.number), bytes.baseAddress, &text, socklen_t(text.count))
        }
        let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
