/// How many pages went to and came from swap since boot, and how often memory ran out.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/mm/concepts.html#reclaim>; names in `mm/vmstat.c`. Which lines
/// there are depends on the kernel.
/// ```
/// nr_free_pages 4640216
/// pswpin 1204
/// pswpout 5121
/// oom_kill 24
/// ```
package struct VMStat: HostFile {
    package static let source = HostPath(.proc, "vmstat")

    /// Pages read back from swap; nil where the kernel cannot swap.
    package var swappedIn: UInt64?
    /// Pages written to swap; nil where the kernel cannot swap.
    package var swappedOut: UInt64?
    /// Processes that were killed because memory ran out, the machine's or a control group's; nil before Linux 4.13.
    package var oomKills: UInt64?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        while var line = try lines.next() {
            guard let name = line.next() else { continue }
            if name.spells("pswpin") {
                swappedIn = try lines.decimal(&line, "pswpin")
            } else if name.spells("pswpout") {
                swappedOut = try lines.decimal(&line, "pswpout")
            } else if name.spells("oom_kill") {
                oomKills = try lines.decimal(&line, "oom_kill")
            }
        }
    }
}
