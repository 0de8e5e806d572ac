package import Netlink

/// How many entries a neighbour table may have: what netlink tells as well.
///
/// Kernel document: <https://docs.kernel.org/networking/ip-sysctl.html> (`gc_thresh3`). Only a reader in the machine's
/// first network namespace has the file.
/// ```
/// 1024
/// ```
package struct NeighbourLimit: HostFile {
    package static let source = HostPath(.proc, "sys/net/ipv4/neigh/default/gc_thresh3")

    package var entries: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the limit")
        entries = try lines.decimal(&line, "the limit")
    }
}

extension Host {
    /// A neighbour table's hard limit; nil where we are not in the host's network namespace and so cannot see it.
    package func neighbourLimit(_ family: AddressFamily) throws(HostFileError) -> UInt64? {
        guard sharesNetwork == true else { return nil }
        let path = HostPath(.proc, "sys/net/\(family.rawValue)/neigh/default/gc_thresh3")
        return try read(NeighbourLimit.self, at: path).entries
    }
}
