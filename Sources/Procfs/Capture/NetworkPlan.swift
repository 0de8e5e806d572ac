/// Where the host's networks lie among the addresses that belong to nobody.
///
/// Each network that the host is in becomes one of 254 hosts: the three networks for documentation (RFC 5737), then those
/// for benchmarks (RFC 2544). All other addresses become hosts in a large one of the latter.
struct NetworkPlan {
    /// A network of the host, in host byte order, and what it becomes.
    private struct Network {
        var base: UInt32
        var mask: UInt32
        var substitute: UInt32
        var hosts: UInt32 = 0
    }

    private var networks: [Network] = []
    private var strangers: UInt32 = 0
    private var known: [UInt32: UInt32] = [:]

    private static let documentation: [UInt32] = [0xC000_0200, 0xC633_6400, 0xCB00_7100]
    private static let benchmarks: UInt32 = 0xC612_0000
    private static let others: UInt32 = 0xC613_0000

    /// Makes a network known; the nearer ones should come first.
    mutating func add(_ base: UInt32, mask: UInt32) {
        guard mask != 0, mask != .max, !networks.contains(where: { $0.base == base && $0.mask == mask }) else { return }
        guard !Self.stays(base) else {
            // Nobody else may take its place.
            networks.append(Network(base: base, mask: mask, substitute: base & 0xFFFF_FF00))
            return
        }
        let free = (Self.documentation + (0..<128).map { Self.benchmarks + UInt32($0) << 8 }).first { candidate in
            !networks.contains { $0.substitute == candidate }
        }
        guard let free else { return }
        networks.append(Network(base: base, mask: mask, substitute: free))
        networks.sort { $0.mask > $1.mask }
    }

    /// Whether an address may be shown: nobody's, everybody's, or for documentation.
    static func stays(_ address: UInt32) -> Bool {
        let first = address >> 24
        // This host, loopback, multicast and what is reserved.
        if first == 0 || first == 127 || first >= 224 { return true }
        return documentation.contains(address & 0xFFFF_FF00) || address & 0xFFFE_0000 == benchmarks
    }

    /// The substitute for an address.
    mutating func address(_ original: UInt32) -> UInt32 {
        if Self.stays(original) { return original }
        if let made = known[original] { return made }
        let made = make(original)
        known[original] = made
        return made
    }

    private mutating func make(_ original: UInt32) -> UInt32 {
        guard let index = networks.firstIndex(where: { original & $0.mask == $0.base }),
            networks[index].hosts < 254 || isEdge(original, networks[index])
        else {
            strangers = strangers % 0xFFFE + 1
            return Self.others + strangers
        }
        let network = networks[index]
        if original == network.base { return network.substitute }
        if original == network.base | ~network.mask { return network.substitute + 255 }
        networks[index].hosts += 1
        return network.substitute + networks[index].hosts
    }

    private func isEdge(_ address: UInt32, _ network: Network) -> Bool {
        address == network.base || address == network.base | ~network.mask
    }

    /// How many addresses were replaced.
    var count: Int { known.count }
}
