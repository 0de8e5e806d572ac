/// How much memory all TCP buffers together may take, in pages.
///
/// Kernel document: <https://docs.kernel.org/networking/ip-sysctl.html> (`tcp_mem`). Only a reader in the machine's
/// first network namespace has the file.
/// ```
/// 287901	383869	575802
/// ```
package struct TCPMemory: HostFile {
    package static let source = HostPath(.proc, "sys/net/ipv4/tcp_mem")

    /// Below this TCP does not regulate itself.
    package var low: UInt64
    /// Above this TCP shrinks its buffers.
    package var pressure: UInt64
    /// Beyond this TCP gets none.
    package var high: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the limits")
        low = try lines.decimal(&line, "the lower limit")
        pressure = try lines.decimal(&line, "the pressure mark")
        high = try lines.decimal(&line, "the upper limit")
    }
}
