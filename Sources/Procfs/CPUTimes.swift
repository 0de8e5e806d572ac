import Basics

/// What the processors spent their time on since boot.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat>; in
/// ticks of a hundredth of a second. One line for all processors, then one for each that is online. Time of guests is
/// part of `user` and `nice`.
/// ```
/// cpu  44327 2 12134 366900 3852 0 147 98 0 0
/// cpu0 18632 0 5208 189636 162 0 31 53 0 0
/// cpu1 25694 2 6926 177263 3690 0 115 45 0 0
/// intr 1462898 0 0 …
/// ```
package struct CPUTimes: HostFile {
    package static let source = HostPath(.proc, "stat")

    /// Ticks of one processor, or of all together.
    package struct Ticks: Sendable, Equatable {
        /// With time of processes at low priority.
        package var user: UInt64
        package var system: UInt64
        package var idle: UInt64
        /// Idle while a disk was waited for; not exact, and it may decrease.
        package var iowait: UInt64
        /// Hard and soft interrupts.
        package var interrupts: UInt64
        /// Taken by the hypervisor for other machines; 0 on kernels that do not count it.
        package var steal: UInt64
    }

    /// A processor that is online.
    package struct Core: Sendable, Equatable {
        package var number: UInt32
        package var ticks: Ticks
    }

    /// All processors together.
    package var all: Ticks
    /// As the kernel lists them.
    package var cores: [Core]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var all: Ticks?
        cores = []
        while var line = try lines.next() {
            guard let name = line.next(), name.starts(with: "cpu".utf8) else {
                // What follows the processors' lines can be long.
                guard cores.isEmpty else { break }
                continue
            }
            if name.count == 3 {
                all = try Self.ticks(&line, lines)
            } else {
                guard let number = name.dropFirst(3).decimal, let number = UInt32(exactly: number) else {
                    throw lines.malformed("not a processor's name")
                }
                cores.append(Core(number: number, ticks: try Self.ticks(&line, lines)))
            }
        }
        guard let all, !cores.isEmpty else { throw lines.malformed("the processors' lines are missing") }
        self.all = all
    }

    private static func ticks(_ line: inout Fields, _ lines: LineScanner) throws(HostFileError) -> Ticks {
        let user = try lines.decimal(&line, "user")
        let nice = try lines.decimal(&line, "nice")
        let system = try lines.decimal(&line, "system")
        let idle = try lines.decimal(&line, "idle")
        let iowait = try lines.decimal(&line, "iowait")
        let hard = try lines.decimal(&line, "irq")
        let soft = try lines.decimal(&line, "softirq")
        let steal = line.next()
        guard let steal = steal.map(\.decimal) ?? 0 else { throw lines.malformed("steal is not a number") }
        return Ticks(
            user: user.addingClamped(nice),
            system: system,
            idle: idle,
            iowait: iowait,
            interrupts: hard.addingClamped(soft),
            steal: steal
        )
    }
}
