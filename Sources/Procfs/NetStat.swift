/// Counters of one network namespace's TCP that SNMP does not know.
///
/// Kernel document: <https://docs.kernel.org/networking/snmp_counter.html>. A line of names, then one of values; which
/// names there are depends on the kernel.
/// ```
/// TcpExt: SyncookiesSent … ListenOverflows ListenDrops … TCPReqQFullDrop …
/// TcpExt: 0 … 12 15 … 0 …
/// IpExt: InNoRoutes InTruncatedPkts …
/// IpExt: 0 0 …
/// ```
package struct NetStat: HostFile {
    package static let source = HostPath.network(.host, "netstat")

    /// Connections refused because an accept queue was full.
    package var listenOverflows: UInt64?
    /// Connections dropped while listening, for any reason; overflows are among them.
    package var listenDrops: UInt64?
    /// Requests dropped because the queue of half-open connections was full; Linux 2.6.35.
    package var requestQueueFullDrops: UInt64?
    /// How often a socket here brought TCP under memory pressure.
    package var memoryPressures: UInt64?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        while var names = try lines.next() {
            var values = try lines.required("the line of values")
            guard let group = names.next(), values.next() == group else {
                throw lines.malformed("the values belong to another group than the names above")
            }
            guard group.spells("TcpExt:") else { continue }
            while let name = names.next() {
                guard let value = values.next() else { throw lines.malformed("fewer values than names") }
                guard let field = Self.field(name) else { continue }
                guard let count = value.decimal else { throw lines.malformed("\(name.text) is not a number") }
                self[keyPath: field] = count
            }
            return
        }
        throw lines.malformed("TcpExt is missing")
    }

    private static func field(_ name: ArraySlice<UInt8>) -> WritableKeyPath<NetStat, UInt64?>? {
        if name.spells("ListenOverflows") { return \.listenOverflows }
        if name.spells("ListenDrops") { return \.listenDrops }
        if name.spells("TCPReqQFullDrop") { return \.requestQueueFullDrops }
        if name.spells("TCPMemoryPressures") { return \.memoryPressures }
        return nil
    }
}
