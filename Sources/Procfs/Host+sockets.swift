import Basics
package import Netlink

/// How many TCP sockets a network namespace has, as its counters say at once.
package struct SocketCount: Sendable, Equatable {
    /// In any state but TIME_WAIT, over IPv4 and over IPv6.
    package var inUse: [AddressFamily: UInt64]
    package var timeWait: UInt64

    package var all: UInt64 { (inUse[.ipv4] ?? 0).addingClamped(inUse[.ipv6] ?? 0) }
}

extension Host {
    /// The TCP sockets of a process' network namespace.
    ///
    /// Costs a short file, and another one where there are sockets at all. Whose namespace that is is not asked.
    package func socketCount(of process: Int32) throws(HostFileError) -> SocketCount {
        let sockets = try read(SocketStat.self, at: .network(.process(process), "sockstat"))
        var count = SocketCount(inUse: [.ipv4: sockets.tcpInUse], timeWait: sockets.tcpTimeWait)
        guard sockets.used > 0 else { return count }
        do throws(HostFileError) {
            count.inUse[.ipv6] = try read(SocketStat6.self, at: .network(.process(process), "sockstat6")).tcpInUse
        } catch .absent {
            // IPv6 is switched off.
        }
        return count
    }

    /// The TCP sockets of a process' network namespace that are open, or that the peer has closed.
    ///
    /// Takes milliseconds for each protocol: the kernel walks the whole machine's table. Ask when there is cause.
    package func connections(
        of process: Int32,
        over families: Set<AddressFamily>
    ) throws(HostFileError) -> TCPCensus {
        var question = TCPQuestion([.established, .closeWait])
        question.families = families
        return try tcpCensus(question, of: .process(process)).value
    }
}
