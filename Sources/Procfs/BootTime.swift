package import Basics

/// When the machine started, by the wall clock as it is set now.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat>;
/// seconds since the Unix epoch.
/// ```
/// cpu  10132153 290696 3084719 46828483 16683 0 25195 0 175628 0
/// ctxt 1990473
/// btime 1795233488
/// processes 2915
/// ```
package struct BootTime: HostFile {
    package static let source = HostPath(.proc, "stat")

    /// The moment of the start; jumps when the wall clock is set.
    package var at: Timestamp

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        while var line = try lines.next() {
            guard let name = line.next(), name.spells("btime") else { continue }
            let seconds = try lines.decimal(&line, "btime")
            guard seconds < 3_155_760_000_000 else { throw lines.malformed("btime is out of range") }
            at = Timestamp(milliseconds: Int64(seconds) * 1000)
            return
        }
        throw lines.malformed("btime is missing")
    }
}
