/// How many sockets there are, and what TCP's buffers take.
///
/// Source in the kernel: `net/ipv4/proc.c`. `used`, `inuse` and, since Linux 4.11, `tw` count one network namespace;
/// `orphan`, `alloc` and `mem` count the whole machine, whichever namespace the file belongs to.
/// ```
/// sockets: used 294
/// TCP: inuse 35 orphan 0 tw 4 alloc 48 mem 3
/// UDP: inuse 4 mem 1
/// UDPLITE: inuse 0
/// ```
package struct SocketStat: HostFile {
    package static let source = HostPath.network(.host, "sockstat")

    /// Sockets of every family.
    package var used: UInt64
    /// TCP sockets over IPv4, those in TIME_WAIT left out.
    package var tcpInUse: UInt64
    /// TCP sockets that no process holds any more.
    package var tcpOrphans: UInt64
    /// TCP sockets in TIME_WAIT.
    package var tcpTimeWait: UInt64
    /// Memory of TCP's buffers, in pages; from Linux 4.11 to 5.19 in units of 4 KiB, whatever the size of a page.
    package var tcpMemoryPages: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var used: UInt64?
        var inUse: UInt64?
        var orphans: UInt64?
        var timeWait: UInt64?
        var memory: UInt64?
        while var line = try lines.next() {
            guard let group = line.next() else { continue }
            let isTCP = group.spells("TCP:")
            guard isTCP || group.spells("sockets:") else { continue }
            while let name = line.next() {
                guard let field = line.next() else { throw lines.malformed("\(name.text) has no value") }
                func number() throws(HostFileError) -> UInt64 {
                    guard let value = field.decimal else { throw lines.malformed("\(name.text) is not a number") }
                    return value
                }
                if isTCP {
                    if name.spells("inuse") { inUse = try number() }
                    if name.spells("orphan") { orphans = try number() }
                    if name.spells("tw") { timeWait = try number() }
                    if name.spells("mem") { memory = try number() }
                } else if name.spells("used") {
                    used = try number()
                }
            }
        }
        guard let used else { throw lines.malformed("the number of sockets is missing") }
        guard let inUse, let orphans, let timeWait, let memory else {
            throw lines.malformed("TCP's counts are missing")
        }
        self.used = used
        tcpInUse = inUse
        tcpOrphans = orphans
        tcpTimeWait = timeWait
        tcpMemoryPages = memory
    }
}

/// How many sockets over IPv6 one network namespace has; absent where IPv6 is switched off.
///
/// Source in the kernel: `net/ipv6/proc.c`.
/// ```
/// TCP6: inuse 12
/// UDP6: inuse 3
/// ```
package struct SocketStat6: HostFile {
    package static let source = HostPath.network(.host, "sockstat6")

    /// TCP sockets over IPv6, those in TIME_WAIT left out.
    package var tcpInUse: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var inUse: UInt64?
        while var line = try lines.next() {
            guard line.next()?.spells("TCP6:") == true else { continue }
            guard line.next()?.spells("inuse") == true else { throw lines.malformed("inuse is missing") }
            inUse = try lines.decimal(&line, "inuse")
        }
        guard let inUse else { throw lines.malformed("TCP6's count is missing") }
        tcpInUse = inUse
    }
}
