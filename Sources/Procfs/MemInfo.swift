import Basics

/// How much memory and swap the machine has, and how much of it is left.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html#meminfo>; the file says `kB` and means KiB.
/// ```
/// MemTotal:       24661932 kB
/// MemFree:        17206064 kB
/// MemAvailable:   23541756 kB
/// SwapTotal:       2097148 kB
/// SwapFree:        1892604 kB
/// ```
package struct MemInfo: HostFile {
    package static let source = HostPath(.proc, "meminfo")

    /// Usable memory, in bytes.
    package var total: UInt64
    /// What programs can still get without swapping, in bytes; Linux 3.14.
    package var available: UInt64?
    /// Files' content kept in memory, in bytes: `Buffers` and `Cached`, memory files (tmpfs) among them.
    package var cached: UInt64?
    /// Memory files (tmpfs, shared memory), in bytes, which cannot be given back; Linux 2.6.32.
    package var shared: UInt64?
    /// Swap space, in bytes; 0 without any, nil where the kernel cannot swap.
    package var swapTotal: UInt64?
    /// Swap space that is not in use, in bytes.
    package var swapFree: UInt64?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var total: UInt64?
        while var line = try lines.next() {
            guard let name = line.next() else { continue }
            if name.spells("MemTotal:") {
                total = try Self.amount(&line, lines)
            } else if name.spells("MemAvailable:") {
                available = try Self.amount(&line, lines)
            } else if name.spells("Buffers:") || name.spells("Cached:") {
                cached = try Self.amount(&line, lines).addingClamped(cached ?? 0)
            } else if name.spells("Shmem:") {
                shared = try Self.amount(&line, lines)
            } else if name.spells("SwapTotal:") {
                swapTotal = try Self.amount(&line, lines)
            } else if name.spells("SwapFree:") {
                swapFree = try Self.amount(&line, lines)
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
