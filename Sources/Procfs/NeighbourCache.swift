import Basics

/// How full a neighbour table is, without its limit: what is left where netlink may not be used.
///
/// Source in the kernel: `neigh_stat_seq_show` in `net/core/neighbour.c`. One line per processor, in hexadecimal: the
/// entries are the whole table's on each line, the counters are that processor's.
/// ```
/// entries  allocs   destroys hash_grows lookups … unresolved_discards table_fulls
/// 00000002 00000001 00000000 00000000   00000000 … 00000000            00000000
/// 00000002 00000001 00000000 00000000   00000005 … 00000000            00000003
/// ```
package struct NeighbourCache: Sendable, Equatable {
    /// Neighbours that the kernel remembers, of every namespace.
    package var entries: UInt64
    /// How often a neighbour found no place, since boot; Linux 3.19.
    package var tableFulls: UInt64?

    init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        let (entriesColumn, fullsColumn) = try Self.columns(try lines.required("the line of names"), lines)
        var entries: UInt64?
        while var line = try lines.next() {
            var column = 0
            var values = 0
            while let field = line.next() {
                defer { column += 1 }
                guard column == entriesColumn || column == fullsColumn else { continue }
                guard let value = field.hexadecimal else { throw lines.malformed("not a hexadecimal number") }
                values += 1
                if column == entriesColumn {
                    entries = value
                } else {
                    tableFulls = value.addingClamped(tableFulls ?? 0)
                }
            }
            guard values == (fullsColumn == nil ? 1 : 2) else { throw lines.malformed("fewer values than names") }
        }
        guard let entries else { throw lines.malformed("no processor's line") }
        self.entries = entries
    }

    private static func columns(
        _ names: Fields,
        _ lines: LineScanner
    ) throws(HostFileError) -> (entries: Int, tableFulls: Int?) {
        var names = names
        var column = 0
        var entries: Int?
        var fulls: Int?
        while let name = names.next() {
            if name.spells("entries") { entries = column }
            if name.spells("table_fulls") { fulls = column }
            column += 1
        }
        guard let entries else { throw lines.malformed("the column entries is missing") }
        return (entries, fulls)
    }
}

/// ARP's table.
package struct IPv4NeighbourCache: HostFile {
    package static let source = HostPath.network(.host, "stat/arp_cache")
    package var cache: NeighbourCache

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        cache = try NeighbourCache(parsing: bytes, path: path)
    }
}

/// Neighbour discovery's table; absent where IPv6 is switched off.
package struct IPv6NeighbourCache: HostFile {
    package static let source = HostPath.network(.host, "stat/ndisc_cache")
    package var cache: NeighbourCache

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        cache = try NeighbourCache(parsing: bytes, path: path)
    }
}
