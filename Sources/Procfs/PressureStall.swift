import SystemPackage

/// How much time tasks lost while they waited for one resource.
///
/// Kernel document: <https://docs.kernel.org/accounting/psi.html>; Linux 4.20, and only where it was not switched off at
/// boot. Shares of the last ten seconds, minute and five minutes in percent; the total in microseconds since boot. `some`
/// is time in which at least one task waited, `full` time in which all did. The processors' `full` came with Linux 5.13
/// and is always 0 for a whole machine.
/// ```
/// some avg10=17.59 avg60=6.20 avg300=5.52 total=7713337260
/// full avg10=0.00 avg60=0.00 avg300=0.00 total=0
/// ```
package struct PressureStall: Sendable, Equatable {
    /// Shares of time, from 0 to 1, and their sum since boot.
    package struct Line: Sendable, Equatable {
        package var tenSeconds = 0.0
        package var minute = 0.0
        package var fiveMinutes = 0.0
        /// In microseconds since boot.
        package var total: UInt64 = 0
    }

    /// Time in which at least one task waited.
    package var some: Line
    /// Time in which all tasks waited.
    package var full: Line?

    init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var some: Line?
        while var line = try lines.next() {
            guard let name = line.next() else { continue }
            if name.spells("some") {
                some = try Self.line(&line, lines)
            } else if name.spells("full") {
                full = try Self.line(&line, lines)
            }
        }
        guard let some else { throw lines.malformed("the line `some` is missing") }
        self.some = some
    }

    private static func line(_ fields: inout Fields, _ lines: LineScanner) throws(HostFileError) -> Line {
        var line = Line()
        var known = 0
        while let field = fields.next() {
            guard let (name, value) = field.parted(at: UInt8(ascii: "=")) else {
                throw lines.malformed("not name=value")
            }
            if name.spells("total") {
                guard let total = value.decimal else { throw lines.malformed("the total is not a number") }
                line.total = total
            } else if let average = average(name) {
                guard let percent = value.hundredths else { throw lines.malformed("not a share with two decimals") }
                line[keyPath: average] = percent / 100
            } else {
                continue
            }
            known += 1
        }
        guard known == 4 else { throw lines.malformed("an average or the total is missing") }
        return line
    }

    private static func average(_ name: ArraySlice<UInt8>) -> WritableKeyPath<Line, Double>? {
        if name.spells("avg10") { return \.tenSeconds }
        if name.spells("avg60") { return \.minute }
        if name.spells("avg300") { return \.fiveMinutes }
        return nil
    }
}

extension ArraySlice<UInt8> {
    /// A decimal number with exactly two decimals and nothing else.
    fileprivate var hundredths: Double? {
        guard let (whole, fraction) = parted(at: UInt8(ascii: ".")), let whole = whole.decimal, fraction.count == 2,
            let hundredths = fraction.decimal
        else { return nil }
        return Double(whole) + Double(hundredths) / 100
    }
}

/// What tasks wait for.
package enum PressureResource: String, Sendable, CaseIterable {
    case cpu, memory, io
}

/// Waiting for a processor.
package struct CPUPressure: HostFile {
    package static let source = HostPath(.proc, "pressure/cpu")
    package var stall: PressureStall

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        stall = try PressureStall(parsing: bytes, path: path)
    }
}

/// Waiting for memory: reclaim, swap, pages of programs that were thrown out.
package struct MemoryPressure: HostFile {
    package static let source = HostPath(.proc, "pressure/memory")
    package var stall: PressureStall

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        stall = try PressureStall(parsing: bytes, path: path)
    }
}

/// Waiting for block devices.
package struct IOPressure: HostFile {
    package static let source = HostPath(.proc, "pressure/io")
    package var stall: PressureStall

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        stall = try PressureStall(parsing: bytes, path: path)
    }
}

extension Host {
    /// The whole machine's pressure; absent where the kernel does not measure it.
    package func pressure(on resource: PressureResource) throws(HostFileError) -> PressureStall {
        do throws(HostFileError) {
            return switch resource {
            case .cpu: try read(CPUPressure.self).stall
            case .memory: try read(MemoryPressure.self).stall
            case .io: try read(IOPressure.self).stall
            }
        } catch {
            // Before Linux 5.2 the files are there when it was switched off at boot, and not readable.
            guard case .unreadable(let path, .notSupported) = error else { throw error }
            throw .absent(path: path)
        }
    }
}
