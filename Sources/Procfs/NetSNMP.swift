/// Counters of one network namespace's TCP that SNMP knows.
///
/// Kernel document: <https://docs.kernel.org/networking/snmp_counter.html>. A line of names, then one of values.
/// ```
/// Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens …
/// Tcp: 1 200 120000 -1 4711 815 …
/// ```
package struct NetSNMP: HostFile {
    package static let source = HostPath.network(.host, "snmp")

    /// Connections that were begun here, also those that came to nothing.
    package var activeOpens: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        while var names = try lines.next() {
            var values = try lines.required("the line of values")
            guard let group = names.next(), values.next() == group else {
                throw lines.malformed("the values belong to another group than the names above")
            }
            guard group.spells("Tcp:") else { continue }
            while let name = names.next() {
                guard let value = values.next() else { throw lines.malformed("fewer values than names") }
                guard name.spells("ActiveOpens") else { continue }
                guard let count = value.decimal else { throw lines.malformed("ActiveOpens is not a number") }
                activeOpens = count
                return
            }
            throw lines.malformed("ActiveOpens is missing")
        }
        throw lines.malformed("Tcp is missing")
    }
}
