/// How many tasks run or wait, for a processor or uninterruptibly for a disk, on average.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html#kernel-data> (`loadavg`): over one, five and fifteen
/// minutes; runnable and all tasks; the last process id.
/// ```
/// 0.74 1.80 1.30 5/132 28804
/// ```
package struct LoadAverage: HostFile {
    package static let source = HostPath(.proc, "loadavg")

    /// Over one minute.
    package var one: Double
    /// Over five minutes.
    package var five: Double
    /// Over fifteen minutes.
    package var fifteen: Double

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the averages")
        one = try Self.average(&line, lines)
        five = try Self.average(&line, lines)
        fifteen = try Self.average(&line, lines)
    }

    private static func average(_ line: inout Fields, _ lines: LineScanner) throws(HostFileError) -> Double {
        guard let (whole, fraction) = line.next()?.parted(at: UInt8(ascii: ".")), let whole = whole.decimal,
            fraction.count == 2, let hundredths = fraction.decimal
        else { throw lines.malformed("an average is not a number with two decimals") }
        return Double(whole) + Double(hundredths) / 100
    }
}
