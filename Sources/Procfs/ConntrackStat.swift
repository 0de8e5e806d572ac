import Basics

/// What connection tracking counts in the host's network namespace.
///
/// Source in the kernel: `ct_cpu_seq_show` in `net/netfilter/nf_conntrack_standalone.c`. One line per processor, in
/// hexadecimal: the entries are the whole namespace's on each line, the counters are that processor's.
/// ```
/// entries  clashres found new … insert_failed drop     early_drop icmp_error …
/// 00000008 00000000 00000000 00000000 … 00000000 00000000 00000000 00000000 …
/// 00000008 00000000 00000002 00000000 … 00000000 00000005 00000001 00000000 …
/// ```
package struct ConntrackStat: HostFile {
    package static let source = HostPath.network(.host, "stat/nf_conntrack")

    /// Connections that are tracked.
    package var entries: UInt64
    /// Packets dropped because no entry could be made, most often because the table was full.
    package var drops: UInt64
    /// Entries thrown out to make room in a full table.
    package var earlyDrops: UInt64
    /// Entries that could not be inserted: another one for the same connection was faster.
    package var failedInserts: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        let columns = try Self.columns(try lines.required("the line of names"), lines)
        var counts: [UInt64?] = Array(repeating: nil, count: Self.names.count)
        while var line = try lines.next() {
            var place = 0
            var values = 0
            while let field = line.next() {
                defer { place += 1 }
                guard let wanted = columns.firstIndex(of: place) else { continue }
                guard let value = field.hexadecimal else { throw lines.malformed("not a hexadecimal number") }
                values += 1
                // The entries are told anew on each line, the counters add up.
                counts[wanted] = wanted == 0 ? value : value.addingClamped(counts[wanted] ?? 0)
            }
            guard values == columns.count else { throw lines.malformed("fewer values than names") }
        }
        guard let entries = counts[0], let drops = counts[1], let early = counts[2], let failed = counts[3] else {
            throw lines.malformed("no processor's line")
        }
        self.entries = entries
        self.drops = drops
        earlyDrops = early
        failedInserts = failed
    }

    private static let names: [StaticString] = ["entries", "drop", "early_drop", "insert_failed"]

    /// Where each of `names` stands.
    private static func columns(_ line: Fields, _ lines: LineScanner) throws(HostFileError) -> [Int] {
        var found: [Int?] = Array(repeating: nil, count: names.count)
        var line = line
        var place = 0
        while let field = line.next() {
            if let wanted = names.firstIndex(where: { field.spells($0) }) { found[wanted] = place }
            place += 1
        }
        let columns = found.compactMap(\.self)
        guard columns.count == names.count else { throw lines.malformed("a column is missing") }
        return columns
    }
}
