import CLinux
import Glibc

/// A neighbour table with its limits, as netlink tells them.
///
/// Kernel document: `linux/neighbour.h` ("Neighbour tables specific messages"). There is one table per protocol for
/// the whole machine, and every namespace is told its numbers, without privilege. Beyond `threshold3` entries the
/// kernel refuses to learn another neighbour, and packets to it are lost.
package struct NeighbourTable: Sendable, Equatable {
    package var family: AddressFamily
    /// `arp_cache` or `ndisc_cache`.
    package var name: String
    /// Neighbours that the kernel remembers, permanent ones included.
    package var entries: UInt32
    /// How often a neighbour found no place, since boot; nil before Linux 3.19.
    package var tableFulls: UInt64?
    /// Below this many entries nothing is collected.
    package var threshold1: UInt32
    /// Above this many entries, those older than five seconds are collected.
    package var threshold2: UInt32
    /// No more entries than this.
    package var threshold3: UInt32

    /// The tables described in a reply to `RTM_GETNEIGHTBL`; messages about single devices are skipped.
    static func parse(_ reply: NetlinkReply) throws(HostFileError) -> [NeighbourTable] {
        var tables: [NeighbourTable] = []
        for message in reply.messages where message.type == UInt16(RTM_NEWNEIGHTBL) {
            guard let protocolFamily = message.payload.first, message.payload.count >= MemoryLayout<ndtmsg>.size else {
                throw NetlinkReply.malformed("a message is too short")
            }
            let family: AddressFamily
            switch Int32(protocolFamily) {
            case AF_INET: family = .ipv4
            case AF_INET6: family = .ipv6
            default: continue
            }
            let attributes = try NetlinkReply.attributes(message.payload.dropFirst(MemoryLayout<ndtmsg>.size))
            // Only the message about the whole table has a configuration.
            guard let configuration = attributes[NDTA_CONFIG] else { continue }
            let table = try NeighbourTable(family, attributes, configuration)
            // With many devices the answer has several parts, and each begins with the table's own message again.
            tables.removeAll { $0.family == table.family && $0.name == table.name }
            tables.append(table)
        }
        return tables
    }
}

extension NeighbourTable {
    private init(
        _ family: AddressFamily,
        _ attributes: NetlinkAttributes,
        _ configuration: ArraySlice<UInt8>
    ) throws(HostFileError) {
        func number(_ attribute: Int, _ what: String) throws(HostFileError) -> UInt32 {
            guard let value = attributes[attribute]?.integer(at: 0, as: UInt32.self) else {
                throw NetlinkReply.malformed("\(what) is missing")
            }
            return value
        }
        guard let entriesOffset = MemoryLayout<ndt_config>.offset(of: \.ndtc_entries),
            let fullsOffset = MemoryLayout<ndt_stats>.offset(of: \.ndts_table_fulls),
            let entries = configuration.integer(at: entriesOffset, as: UInt32.self)
        else { throw NetlinkReply.malformed("the number of entries is missing") }
        self.init(
            family: family,
            name: attributes[NDTA_NAME].map { $0.prefix { $0 != 0 }.text } ?? "",
            entries: entries,
            tableFulls: attributes[NDTA_STATS]?.integer(at: fullsOffset, as: UInt64.self),
            threshold1: try number(NDTA_THRESH1, "the first threshold"),
            threshold2: try number(NDTA_THRESH2, "the second threshold"),
            threshold3: try number(NDTA_THRESH3, "the third threshold")
        )
    }
}

extension Host {
    /// The neighbour tables of IPv4 and, unless it is switched off, IPv6: the whole machine's, from any namespace.
    package func neighbourTables() throws(HostFileError) -> [NeighbourTable] {
        // A captured tree is another machine, and this kernel must not answer for it; a forgotten mount is not.
        guard custos_is_procfs(roots.proc) == 1 || !isMounted(.proc) else { throw .absent(path: "netlink") }
        var tables: [NeighbourTable] = []
        for family in [AF_INET, AF_INET6] {
            var request = ndtmsg()
            request.ndtm_family = UInt8(family)
            let reply = try Netlink.dump(type: UInt16(RTM_GETNEIGHTBL), flags: 0, body: request)
            tables += try NeighbourTable.parse(reply)
        }
        return tables
    }
}
