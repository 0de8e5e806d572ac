/// How many connections a network namespace may track.
///
/// Kernel document: <https://docs.kernel.org/networking/nf_conntrack-sysctl.html> (`nf_conntrack_max`). One number for
/// the whole machine, which every namespace shows; each namespace may have so many entries.
/// ```
/// 262144
/// ```
package struct ConntrackLimit: HostFile {
    package static let source = HostPath(.proc, "sys/net/netfilter/nf_conntrack_max")

    /// The limit; 0 for none.
    package var maximum: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the limit")
        maximum = try lines.decimal(&line, "the limit")
    }
}
