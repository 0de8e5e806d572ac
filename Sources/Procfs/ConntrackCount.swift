/// How many connections the reader's network namespace tracks.
///
/// Kernel document: <https://docs.kernel.org/networking/nf_conntrack-sysctl.html> (`nf_conntrack_count`). What is left
/// where the kernel was built without `CONFIG_NF_CONNTRACK_PROCFS`, as Ubuntu's is.
/// ```
/// 40960
/// ```
package struct ConntrackCount: HostFile {
    package static let source = HostPath(.proc, "sys/net/netfilter/nf_conntrack_count")

    /// Connections that are tracked.
    package var entries: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the number of connections")
        entries = try lines.decimal(&line, "the number of connections")
    }
}
