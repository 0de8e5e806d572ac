package import Netlink

/// Where packets to anywhere leave, by IPv4.
///
/// Kernel document: none; `fib_route_seq_show` in `net/ipv4/fib_trie.c`. Addresses in hexadecimal as they lie in memory.
/// ```
/// Iface   Destination     Gateway         Flags   RefCnt  Use     Metric  Mask            MTU     Window  IRTT
/// eth0    00000000        010200C0        0003    0       0       0       00000000        0       0       0
/// eth0    000200C0        00000000        0001    0       0       0       00FFFFFF        0       0       0
/// ```
package struct IPv4Routes: HostFile {
    package static let source = HostPath.network(.host, "route")

    /// One network that is reached directly or through a gateway.
    struct Route: Sendable, Equatable {
        var interface: String
        /// In host byte order.
        var destination: UInt32
        var mask: UInt32
        var hasGateway: Bool
        var metric: UInt64
    }

    var routes: [Route]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        let names = try lines.required("the line of names")
        guard names.rest.starts(with: "Iface".utf8) else { throw lines.malformed("the line of names is missing") }
        routes = []
        while var line = try lines.next() {
            guard let interface = line.next(), let destination = line.next()?.address,
                let gateway = line.next()?.address
            else { throw lines.malformed("an address is not a hexadecimal number") }
            for _ in 0..<3 { _ = line.next() }
            guard let metric = line.next()?.metric else { throw lines.malformed("the metric is not a number") }
            guard let mask = line.next()?.address else { throw lines.malformed("the mask is not a hexadecimal number") }
            routes.append(
                Route(
                    interface: interface.text,
                    destination: destination,
                    mask: mask,
                    hasGateway: gateway != 0,
                    metric: metric
                )
            )
        }
    }

    /// The one of least metric to anywhere.
    var toAnywhere: Route? {
        routes.filter { $0.destination == 0 && $0.mask == 0 }.min { $0.metric < $1.metric }
    }
}

/// The machine's own IPv4 addresses.
///
/// Kernel document: none; `fib_trie_seq_show` in `net/ipv4/fib_trie.c`. An address of one's own is `/32 host LOCAL`.
/// ```
/// Local:
///   +-- 0.0.0.0/0 3 0 5
///      |-- 192.0.2.1
///         /32 host LOCAL
/// ```
package struct IPv4Addresses: HostFile {
    package static let source = HostPath.network(.host, "fib_trie")

    /// In host byte order, each once.
    var own: Set<UInt32>

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        own = []
        var last: UInt32?
        while var line = try lines.next() {
            guard let first = line.next() else { continue }
            if first.spells("|--") {
                guard let address = line.next()?.dotted else { throw lines.malformed("not an address") }
                last = address
            } else if first.spells("/32"), line.rest.spells("host LOCAL") {
                guard let last else { throw lines.malformed("the address is missing") }
                own.insert(last)
            }
        }
    }
}

/// The machine's own IPv6 addresses.
///
/// Kernel document: none; `if6_seq_show` in `net/ipv6/addrconf.c`: address, interface's number, prefix, scope (00 is
/// global), flags (01 is temporary, 80 was set by hand), interface. Absent where IPv6 is switched off.
/// ```
/// 20010db8000000000000000000000007 02 40 00 80     eth0
/// ```
package struct IPv6Addresses: HostFile {
    package static let source = HostPath.network(.host, "if_inet6")

    /// One address and its interface.
    struct Address: Sendable, Equatable {
        var interface: String
        var text: String
    }

    /// Those of global scope that last.
    var lasting: [Address]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        lasting = []
        guard !bytes.isEmpty else { return }
        var lines = LineScanner(bytes, path: path)
        while var line = try lines.next() {
            guard let digits = line.next(), digits.count == 32, digits.allSatisfy({ $0.hexadecimalDigit != nil }) else {
                throw lines.malformed("not an address")
            }
            _ = line.next()
            _ = line.next()
            guard let scope = line.next()?.hexadecimal, let flags = line.next()?.hexadecimal,
                let interface = line.next()
            else { throw lines.malformed("scope, flags or interface are missing") }
            guard scope == 0, flags & 0x01 == 0 else { continue }
            lasting.append(Address(interface: interface.text, text: Self.text(digits)))
        }
    }

    /// Groups of four digits without leading zeros: long, but the same for the same address.
    private static func text(_ digits: ArraySlice<UInt8>) -> String {
        stride(from: digits.startIndex, to: digits.endIndex, by: 4).map { start in
            String(digits[start..<(start + 4)].hexadecimal ?? 0, radix: 16)
        }.joined(separator: ":")
    }
}

/// Where packets to anywhere leave, by IPv6.
///
/// Kernel document: none; `ipv6_route_native_seq_show` in `net/ipv6/route.c`. The last field is the interface; a
/// destination of 32 zeros with the prefix 00 is anywhere. Absent where IPv6 is switched off.
/// ```
/// 0000…0000 00 0000…0000 00 fe80…0001 00000400 00000003 00000000 00000003     eth0
/// ```
package struct IPv6Routes: HostFile {
    package static let source = HostPath.network(.host, "ipv6_route")

    /// The interface of the route of least metric to anywhere; nil without one.
    var interfaceToAnywhere: String?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        guard !bytes.isEmpty else { return }
        var lines = LineScanner(bytes, path: path)
        var least: UInt64?
        while var line = try lines.next() {
            guard let destination = line.next(), destination.count == 32, let prefix = line.next()?.hexadecimal else {
                throw lines.malformed("not a destination")
            }
            for _ in 0..<3 { _ = line.next() }
            guard let metric = line.next()?.hexadecimal, line.next() != nil, line.next() != nil, line.next() != nil,
                let interface = line.next()
            else { throw lines.malformed("metric or interface are missing") }
            // A machine without a way out has one that rejects, on the loopback interface.
            guard prefix == 0, destination.allSatisfy({ $0 == UInt8(ascii: "0") }), !interface.spells("lo"),
                least.map({ metric < $0 }) ?? true
            else { continue }
            least = metric
            interfaceToAnywhere = interface.text
        }
    }
}

extension Host {
    /// The machine's addresses on the interface of its default route, sorted; empty without such a route.
    package func addresses(_ family: AddressFamily) throws(HostFileError) -> HostReading<[String]> {
        let found =
            switch family {
            case .ipv4: try ipv4Addresses()
            case .ipv6: try ipv6Addresses()
            }
        return HostReading(value: found, scope: scope(of: .host))
    }

    private func ipv4Addresses() throws(HostFileError) -> [String] {
        let routes = try read(IPv4Routes.self)
        guard let way = routes.toAnywhere else { return [] }
        let direct = routes.routes.filter { !$0.hasGateway && $0.mask != 0 }
        let near = try read(IPv4Addresses.self).own.filter { $0 >> 24 != 127 }.map { address in
            let fitting = direct.filter { address & $0.mask == $0.destination }
            // Of networks that lie within each other the smallest is the address's own.
            let mask = fitting.map(\.mask).max()
            return (address: address, interfaces: fitting.filter { $0.mask == mask }.map(\.interface))
        }
        let onTheWay = near.filter { $0.interfaces.contains(way.interface) }
        // Where the gateway alone is near, the interface's address is in no network.
        let found = onTheWay.isEmpty ? near.filter { $0.interfaces.isEmpty } : onTheWay
        return found.map { $0.address }.sorted().map { address in
            stride(from: 24, through: 0, by: -8).map { String(address >> UInt32($0) & 0xFF) }.joined(separator: ".")
        }
    }

    private func ipv6Addresses() throws(HostFileError) -> [String] {
        guard let interface = try read(IPv6Routes.self).interfaceToAnywhere else { return [] }
        return try read(IPv6Addresses.self).lasting.filter { $0.interface == interface }.map(\.text).sorted()
    }
}

extension ArraySlice<UInt8> {
    /// Eight hexadecimal digits of an address as it lies in memory, in host byte order.
    fileprivate var address: UInt32? {
        count == 8 ? hexadecimal.map { UInt32(bigEndian: UInt32(truncatingIfNeeded: $0)) } : nil
    }

    /// A number of 32 bits without a sign, which the kernel prints as if it had one.
    fileprivate var metric: UInt64? {
        guard first == UInt8(ascii: "-") else { return decimal }
        return dropFirst().decimal.flatMap { (1...1 << 31).contains($0) ? 1 << 32 - $0 : nil }
    }

    /// `192.0.2.1` in host byte order.
    fileprivate var dotted: UInt32? {
        let parts = split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(\.decimal)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let part, part < 256 else { return nil }
            value = value << 8 | UInt32(part)
        }
        return value
    }
}
