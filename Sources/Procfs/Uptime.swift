/// How long the machine has been running, suspend included.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html#kernel-data> (`uptime`); seconds since boot, and
/// seconds that the processors were idle.
/// ```
/// 862.79 1620.29
/// ```
package struct Uptime: HostFile {
    package static let source = HostPath(.proc, "uptime")

    /// Time since boot, to the hundredth of a second.
    package var span: Duration

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the uptime")
        guard let field = line.next(), let (whole, fraction) = field.parted(at: UInt8(ascii: ".")),
            let seconds = whole.decimal, fraction.count == 2, let hundredths = fraction.decimal
        else { throw lines.malformed("the uptime is not a number with two decimals") }
        // A thousand centuries; what is longer would overflow sums with it.
        guard seconds < 3_155_760_000_000 else { throw lines.malformed("the uptime is out of range") }
        span = .seconds(Int64(seconds)) + .milliseconds(Int64(hundredths) * 10)
    }
}
