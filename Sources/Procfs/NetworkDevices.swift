import Basics

/// The network interfaces of one namespace and what they have counted since they were made.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html> (`net/dev`); `net/core/net-procfs.c` says what is
/// added up in which column.
/// ```
/// Inter-|   Receive                                                |  Transmit
///  face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier …
///   eth0: 667772252   18963    0    0    0     0          0         0  1096823   13947    0    0    0     0 …
/// ```
package struct NetworkDevices: HostFile {
    package static let source = HostPath.network(.host, "dev")

    /// One interface.
    package struct Device: Sendable, Equatable {
        /// Safe to show.
        package var name: String
        package var received = Traffic()
        package var sent = Traffic()
    }

    /// One direction's counters.
    package struct Traffic: Sendable, Equatable {
        package var bytes: UInt64 = 0
        package var errors: UInt64 = 0
        /// Left out for lack of room or of anybody who wanted them.
        package var drops: UInt64 = 0
    }

    package var devices: [Device]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        _ = try lines.required("the line of groups")
        let names = try lines.required("the line of names").rest.split(
            separator: UInt8(ascii: "|"),
            omittingEmptySubsequences: false
        )
        guard names.count == 3 else { throw lines.malformed("the names are not in two groups") }
        let (received, sent) = (try Columns(names[1], lines), try Columns(names[2], lines))
        devices = []
        while let line = try lines.next() {
            guard let (name, values) = line.rest.parted(at: UInt8(ascii: ":")), !name.isEmpty else {
                throw lines.malformed("the interface has no name")
            }
            var device = Device(name: name.text.safe(limit: 64))
            var fields = Fields(values)
            device.received = try received.read(&fields, lines)
            device.sent = try sent.read(&fields, lines)
            devices.append(device)
        }
    }

    /// Where the counters stand in one direction's group.
    private struct Columns {
        private var bytes: Int?
        private var errors: Int?
        private var drops: Int?
        private var count = 0

        init(_ names: ArraySlice<UInt8>, _ lines: LineScanner) throws(HostFileError) {
            var names = Fields(names)
            while let name = names.next() {
                if name.spells("bytes") { bytes = count }
                if name.spells("errs") { errors = count }
                if name.spells("drop") { drops = count }
                count += 1
            }
            guard bytes != nil, errors != nil, drops != nil else { throw lines.malformed("a column is missing") }
        }

        func read(_ fields: inout Fields, _ lines: LineScanner) throws(HostFileError) -> Traffic {
            var traffic = Traffic()
            for column in 0..<count {
                guard let field = fields.next() else { throw lines.malformed("fewer values than names") }
                guard column == bytes || column == errors || column == drops else { continue }
                guard let value = field.decimal else { throw lines.malformed("a counter is not a number") }
                if column == bytes { traffic.bytes = value }
                if column == errors { traffic.errors = value }
                if column == drops { traffic.drops = value }
            }
            return traffic
        }
    }
}
