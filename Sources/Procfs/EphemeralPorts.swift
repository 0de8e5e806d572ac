/// The local ports that the kernel gives to connections that ask for none.
///
/// Kernel document: <https://docs.kernel.org/networking/ip-sysctl.html> (`ip_local_port_range`). The file shows the
/// range of the reader's own network namespace, whatever is mounted.
/// ```
/// 32768	60999
/// ```
package struct LocalPortRange: HostFile {
    package static let source = HostPath(.proc, "sys/net/ipv4/ip_local_port_range")

    package var ports: ClosedRange<UInt16>

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the range")
        let first = try lines.decimal(&line, "the first port")
        let last = try lines.decimal(&line, "the last port")
        guard first <= last, let first = UInt16(exactly: first), let last = UInt16(exactly: last) else {
            throw lines.malformed("the range is no range of ports")
        }
        ports = first...last
    }
}

/// Ports that the kernel leaves out when it gives one.
///
/// Kernel document: <https://docs.kernel.org/networking/ip-sysctl.html> (`ip_local_reserved_ports`). The reader's own
/// namespace's, too; mostly none.
/// ```
/// 8080,9148-9150
/// ```
package struct ReservedPorts: HostFile {
    package static let source = HostPath(.proc, "sys/net/ipv4/ip_local_reserved_ports")

    /// In rising order, without overlap.
    package var ranges: [ClosedRange<UInt16>] = []

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        let line = try lines.required("the list")
        for item in line.rest.split(separator: UInt8(ascii: ",")) {
            let (first, last) = item.parted(at: UInt8(ascii: "-")) ?? (item, item)
            guard let first = first.decimal, let last = last.decimal, first <= last,
                let first = UInt16(exactly: first), let last = UInt16(exactly: last)
            else { throw lines.malformed("a port is not a number") }
            ranges.append(first...last)
        }
    }

    /// How many of these ports are left.
    package func left(of ports: ClosedRange<UInt16>) -> Int {
        ports.count - ranges.filter { $0.overlaps(ports) }.reduce(0) { $0 + $1.clamped(to: ports).count }
    }
}

extension Host {
    /// The host's ephemeral ports and how many of them the kernel gives out; nil where we are not in the host's network
    /// namespace and so cannot see them.
    package func ephemeralPorts() throws(HostFileError) -> (range: ClosedRange<UInt16>, count: Int)? {
        guard sharesNetwork == true else { return nil }
        let range = try read(LocalPortRange.self).ports
        do {
            return (range, try read(ReservedPorts.self).left(of: range))
        } catch .absent {
            return (range, range.count)
        }
    }
}
