import CLinux

/// A network interface of our own network namespace.
///
/// Kernel documents: rtnetlink(7), `linux/if_link.h`, <https://docs.kernel.org/networking/operstates.html>.
package struct NetworkLink: Sendable, Equatable {
    /// Whether packets can pass (RFC 2863).
    package enum State: String, Sendable, CaseIterable {
        /// The driver does not tell; the loopback interface and many virtual ones.
        case unknown
        case notPresent = "not_present"
        case down
        case lowerLayerDown = "lower_layer_down"
        case testing, dormant, up
    }

    /// The number that other links refer to.
    package var index: Int32
    package var name: String
    package var state: State
    /// Whether somebody switched it on: `ip link set up`.
    package var isEnabled: Bool
    /// Whether it leads nowhere but back: `lo`.
    package var isLoopback: Bool
    /// What made it, such as `veth`, `bridge`, `bond`; nil for hardware.
    package var kind: String?
    /// The link that this one is a member of: a bond, a team, a bridge.
    package var master: Int32?
    /// How often the carrier came and went; Linux 3.15.
    package var carrierChanges: UInt32?

    package init(
        index: Int32,
        name: String,
        state: State,
        isEnabled: Bool,
        isLoopback: Bool = false,
        kind: String? = nil,
        master: Int32? = nil,
        carrierChanges: UInt32? = nil
    ) {
        self.index = index
        self.name = name
        self.state = state
        self.isEnabled = isEnabled
        self.isLoopback = isLoopback
        self.kind = kind
        self.master = master
        self.carrierChanges = carrierChanges
    }

    /// Every link of our own network namespace.
    package static func all() throws(NetlinkError) -> [NetworkLink] {
        var links: [NetworkLink] = []
        // Counters come from elsewhere, and make most of an answer: leave them out.
        let attributes = [8, 0, UInt8(IFLA_EXT_MASK), 0, UInt8(RTEXT_FILTER_SKIP_STATS), 0, 0, 0] as [UInt8]
        let request = Netlink.Request(
            family: .route,
            type: UInt16(RTM_GETLINK),
            body: ifinfomsg(),
            attributes: attributes,
            limit: 64 << 20
        )
        try Netlink.dump(request) {
            links = []
        } take: { type, payload throws(NetlinkError) in
            if type == UInt16(RTM_NEWLINK) { links.append(try NetworkLink(payload)) }
        }
        return links
    }

    /// A `struct ifinfomsg` and what follows it.
    init(_ message: RawSpan) throws(NetlinkError) {
        let size = MemoryLayout<ifinfomsg>.size
        guard message.byteCount >= size, let index = message.integer(at: 4, as: Int32.self),
            let flags = message.integer(at: 8, as: UInt32.self)
        else { throw .malformed(because: "a link's message is too short") }
        let attributes = try message.attributes(in: size..<message.byteCount)
        func number<Integer: FixedWidthInteger & BitwiseCopyable>(_ attribute: Int, as type: Integer.Type) -> Integer? {
            guard let place = attributes[attribute], place.count >= MemoryLayout<Integer>.size else { return nil }
            return message.integer(at: place.lowerBound, as: type)
        }
        guard let name = attributes[IFLA_IFNAME] else { throw .malformed(because: "a link has no name") }
        self.index = index
        self.name = message.text(in: name)
        // IFF_UP and IFF_LOOPBACK.
        isEnabled = flags & 1 != 0
        isLoopback = flags & 8 != 0
        let states = State.allCases
        state = number(IFLA_OPERSTATE, as: UInt8.self).flatMap { $0 < states.count ? states[Int($0)] : nil } ?? .unknown
        master = number(IFLA_MASTER, as: Int32.self)
        carrierChanges = number(IFLA_CARRIER_CHANGES, as: UInt32.self)
        guard let information = attributes[IFLA_LINKINFO] else { return }
        kind = try message.attributes(in: information)[IFLA_INFO_KIND].map { message.text(in: $0) }
    }
}
