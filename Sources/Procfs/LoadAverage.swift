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
    /// Every task of the machine, threads counted one by one; nil where the line ends before.
    package var tasks: UInt64?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the averages")
        one = try Self.average(&line, lines)
        five = try Self.average(&line, lines)
        fifteen = try Self.average(&line, lines)
        guard let counts = line.next() else { return }
        guard let tasks = counts.parted(at: UInt8(ascii: "/"))?.1.decimal else {
            throw lines.malformed("the number of tasks is not a number")
        }
        self.tasks = tasks
    }

    private static func average(_ line: inout Fields, _ lines: LineScanner) throws(HostFileError) -> Double {
        guard let (whole, fraction) = line.next()?.parted(at: UInt8(ascii: ".")), let whole = whole.decimal,
            fraction.count == 2, let hundredths = fraction.decimal
        else { throw lines.malformed("an average is not a number with two decimals") }
        return Double(whole) + Double(hundredths) / 100
    }
}
