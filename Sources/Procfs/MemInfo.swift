/// How much memory the machine has.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html#meminfo>; the file says `kB` and means KiB.
/// ```
/// MemTotal:       24661932 kB
/// MemFree:        17206064 kB
/// MemAvailable:   23541756 kB
/// ```
package struct MemInfo: HostFile {
    package static let source = HostPath(.proc, "meminfo")

    /// Usable memory, in bytes.
    package var total: UInt64
    /// What programs can still get without swapping, in bytes; Linux 3.14.
    package var available: UInt64?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var total: UInt64?
        while var line = try lines.next() {
            guard let name = line.next() else { continue }
            if name.spells("MemTotal:") {
                total = try Self.amount(&line, lines)
            } else if name.spells("MemAvailable:") {
                available = try Self.amount(&line, lines)
            }
        }
        guard let total else { throw lines.malformed("MemTotal is missing") }
        self.total = total
    }

    private static func amount(_ line: inout Fields, _ lines: LineScanner) throws(HostFileError) -> UInt64 {
        let (bytes, overflow) = try lines.decimal(&line, "the amount").multipliedReportingOverflow(by: 1024)
        guard !overflow, line.next()?.spells("kB") == true else { throw lines.malformed("the amount is not in kB") }
        return bytes
    }
}
