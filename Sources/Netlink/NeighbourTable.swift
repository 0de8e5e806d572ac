import CLinux

/// A neighbour table with its limits, as netlink tells them.
///
/// Kernel document: `linux/neighbour.h` ("Neighbour tables specific messages"). There is one table per protocol for
/// the whole machine, and every namespace is told its numbers, without privilege. Beyond `threshold3` entries the
/// kernel refuses to learn another neighbour, and packets to it are lost.
package struct NeighbourTable: Sendable, Equatable {
    package var family: AddressFamily
    /// `arp_cache` or `ndisc_cache`.
    package var name: String
    /// Neighbours that the kernel remembers, permanent ones included although they take no place since Linux 5.0.
    package var entries: UInt32
    /// How often a neighbour found no place, since boot; nil before Linux 3.19.
    package var tableFulls: UInt64?
    /// Below this many entries nothing is collected.
    package var threshold1: UInt32
    /// Above this many entries, those older than five seconds are collected.
    package var threshold2: UInt32
    /// No more entries than this.
    package var threshold3: UInt32

    package init(
        family: AddressFamily,
        name: String,
        entries: UInt32,
        tableFulls: UInt64?,
        threshold1: UInt32,
        threshold2: UInt32,
        threshold3: UInt32
    ) {
        self.family = family
        self.name = name
        self.entries = entries
        self.tableFulls = tableFulls
        self.threshold1 = threshold1
        self.threshold2 = threshold2
        self.threshold3 = threshold3
    }

    /// The table of one protocol, empty where that is switched off.
    package static func all(_ family: AddressFamily) throws(NetlinkError) -> [NeighbourTable] {
        var body = ndtmsg()
        body.ndtm_family = family.number
        var tables: [NeighbourTable] = []
        try Netlink.dump(Netlink.Request(family: .route, type: UInt16(RTM_GETNEIGHTBL), body: body)) {
            tables = []
        } take: { type, payload throws(NetlinkError) in
            try add(type, payload, to: &tables)
        }
        return tables
    }

    /// Takes in one message of the answer.
    static func add(_ type: UInt16, _ payload: RawSpan, to tables: inout [NeighbourTable]) throws(NetlinkError) {
        guard let table = try NeighbourTable(type, payload) else { return }
        // With many devices the answer has several parts, and each begins with the table's own message again.
        tables.removeAll { $0.family == table.family && $0.name == table.name }
        tables.append(table)
    }

    /// The table that a message describes; nil for messages about single devices and other things.
    init?(_ type: UInt16, _ message: RawSpan) throws(NetlinkError) {
        guard type == UInt16(RTM_NEWNEIGHTBL) else { return nil }
        let start = MemoryLayout<ndtmsg>.size
        guard message.byteCount >= start, let protocolFamily = message.integer(at: 0, as: UInt8.self) else {
            throw .malformed(because: "a message is too short")
        }
        guard let family = AddressFamily(number: protocolFamily) else { return nil }
        let attributes = try message.attributes(in: start..<message.byteCount)
        // Only the message about the whole table has a configuration.
        guard let configuration = attributes[NDTA_CONFIG] else { return nil }
        func number(_ attribute: Int, _ what: String) throws(NetlinkError) -> UInt32 {
            guard let place = attributes[attribute], place.count >= 4,
                let value = message.integer(at: place.lowerBound, as: UInt32.self)
            else { throw .malformed(because: "\(what) is missing") }
            return value
        }
        guard let entriesOffset = MemoryLayout<ndt_config>.offset(of: \.ndtc_entries),
            let fullsOffset = MemoryLayout<ndt_stats>.offset(of: \.ndts_table_fulls),
            configuration.count >= entriesOffset + 4,
            let entries = message.integer(at: configuration.lowerBound + entriesOffset, as: UInt32.self)
        else { throw .malformed(because: "the number of entries is missing") }
        self.family = family
        name = attributes[NDTA_NAME].map { message.text(in: $0) } ?? ""
        self.entries = entries
        if let statistics = attributes[NDTA_STATS], statistics.count >= fullsOffset + 8 {
            tableFulls = message.integer(at: statistics.lowerBound + fullsOffset, as: UInt64.self)
        }
        threshold1 = try number(NDTA_THRESH1, "the first threshold")
        threshold2 = try number(NDTA_THRESH2, "the second threshold")
        threshold3 = try number(NDTA_THRESH3, "the third threshold")
    }
}
