import Basics

/// What each block device has done since it appeared.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/iostats.html>. One line for each disk, partition and mapped
/// device; no line at all on a machine without any. Times in milliseconds, each summed over all I/Os of its kind in 32
/// bits, so that they start again at 0 after some weeks, or hours where many I/Os overlap. Linux 4.18 added four columns
/// for discards, 5.5 two for flushes.
/// ```
///  254       0 vda 2754929 178948 96192090 6282924 3322899 1910075 190186696 2686096 0 746480 9276553 …
///  254       1 vda1 104 0 832 12 0 0 0 0 0 16 12 …
/// ```
package struct DiskStats: HostFile {
    package static let source = HostPath(.proc, "diskstats")

    /// One device's counters.
    package struct Device: Sendable, Equatable {
        /// As the kernel names it: `sda`, `nvme0n1p2`, `cciss/c0d0`.
        package var name: String
        /// Reads that ended.
        package var reads: UInt64 = 0
        /// Milliseconds that reads took, 32 bits.
        package var readTime: UInt64 = 0
        /// Writes that ended.
        package var writes: UInt64 = 0
        /// Milliseconds that writes took, 32 bits.
        package var writeTime: UInt64 = 0
        /// I/Os that have not ended.
        package var inFlight: UInt64 = 0
        /// Milliseconds in which any I/O was under way, 32 bits.
        package var busyTime: UInt64 = 0
        /// Discards and flushes that ended; 0 on kernels that do not count them.
        package var others: UInt64 = 0
    }

    /// In the kernel's order.
    package var devices: [Device]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        devices = []
        guard !bytes.isEmpty else { return }
        while var line = try lines.next() {
            _ = try lines.decimal(&line, "the major number")
            _ = try lines.decimal(&line, "the minor number")
            guard let name = line.next() else { throw lines.malformed("the device's name is missing") }
            var device = Device(name: name.text)
            device.reads = try lines.decimal(&line, "reads")
            try Self.skip(2, &line, lines)
            device.readTime = try lines.decimal(&line, "the time of reads")
            device.writes = try lines.decimal(&line, "writes")
            try Self.skip(2, &line, lines)
            device.writeTime = try lines.decimal(&line, "the time of writes")
            device.inFlight = try lines.decimal(&line, "I/Os in flight")
            device.busyTime = try lines.decimal(&line, "the time of I/O")
            try Self.skip(1, &line, lines)
            if let discards = line.next() {
                guard let discards = discards.decimal else { throw lines.malformed("discards is not a number") }
                device.others = discards
                try Self.skip(3, &line, lines)
            }
            if let flushes = line.next() {
                guard let flushes = flushes.decimal else { throw lines.malformed("flushes is not a number") }
                device.others = device.others.addingClamped(flushes)
            }
            devices.append(device)
        }
    }

    private static func skip(_ count: Int, _ line: inout Fields, _ lines: LineScanner) throws(HostFileError) {
        for _ in 0..<count { _ = try lines.decimal(&line, "a counter") }
    }
}

extension Host {
    package func diskStats() throws(HostFileError) -> DiskStats { try read(DiskStats.self) }
}
