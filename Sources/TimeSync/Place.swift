import Glibc

/// Where a datagram may be sent to: a socket address as the kernel takes it.
struct Place: Sendable, Equatable {
    var family: Int32
    var bytes: [UInt8]

    /// The addresses of a host, in the order in which the system wants them tried; empty where it has none.
    ///
    /// Blocks for as long as the name servers let it.
    static func find(host: String, port: UInt16) -> [Place] {
        var wish = addrinfo()
        wish.ai_family = AF_UNSPEC
        wish.ai_socktype = CInt(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &wish, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var places: [Place] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr {
                let bytes = [UInt8](UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
                places.append(Place(family: entry.ai_family, bytes: bytes))
            }
            next = entry.ai_next
        }
        return places
    }

    /// A socket file; nil where its path is too long for one.
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        self.init(family: AF_UNIX, bytes: withUnsafeBytes(of: &address) { Array($0) })
    }

    init(family: Int32, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    /// Gives the address to `body` as C wants it.
    func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
        bytes.withUnsafeBytes { raw in
            raw.assumingMemoryBound(to: sockaddr.self).baseAddress.map { body($0, socklen_t(raw.count)) }
        }
    }
}
