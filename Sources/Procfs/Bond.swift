import Basics

/// A bond and its members.
///
/// Kernel document: <https://docs.kernel.org/networking/bonding.html> ("Querying Bonding Configuration"). Lines before
/// the first `Slave Interface` are about the bond itself.
/// ```
/// Bonding Mode: fault-tolerance (active-backup)
/// Currently Active Slave: eth0
/// MII Status: up
///
/// Slave Interface: eth0
/// MII Status: up
/// ```
package struct Bond: HostFile {
    package static let source = HostPath.network(.host, "bonding/bond0")

    /// An interface that belongs to the bond.
    package struct Member: Sendable, Equatable {
        /// Safe to show.
        package var name: String
        package var isUp: Bool

        package init(name: String, isUp: Bool) {
            self.name = name
            self.isUp = isUp
        }
    }

    /// Safe to show.
    package var mode: String
    package var members: [Member] = []

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var mode: String?
        var pending: String?
        while let line = try lines.next() {
            guard let (key, value) = line.rest.parted(at: UInt8(ascii: ":")) else { continue }
            let text = Fields(value).rest
            if key.spells("Bonding Mode") { mode = text.text.safe(limit: 64) }
            if key.spells("Slave Interface") {
                guard pending == nil else { throw lines.malformed("a member has no status") }
                pending = text.text.safe(limit: 64)
            } else if key.spells("MII Status"), let name = pending {
                members.append(Member(name: name, isUp: text.spells("up")))
                pending = nil
            }
        }
        guard let mode else { throw lines.malformed("Bonding Mode is missing") }
        guard pending == nil else { throw lines.malformed("a member has no status") }
        self.mode = mode
    }
}
