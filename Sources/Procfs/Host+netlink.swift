import CLinux
package import Netlink
import SystemPackage

extension HostFileError {
    /// What netlink refused, as if it were a file of that name.
    init(_ error: NetlinkError) {
        let path = "netlink"
        switch error {
        case .unsupported: self = .absent(path: path)
        case .denied:
            self = .denied(
                path: path,
                hint: "a security module or seccomp profile forbids AF_NETLINK sockets: allow them"
            )
        case .failed(let errno): self = .unreadable(path: path, errno: errno)
        case .malformed(let because): self = .malformed(path: path, line: 1, because: because)
        case .tooLong(let limit): self = .tooLarge(path: path, limit: limit)
        }
    }
}

/// Asks netlink, turning its errors into the host's.
private func asking<Value>(_ body: () throws(NetlinkError) -> Value) throws(HostFileError) -> Value {
    do throws(NetlinkError) { return try body() } catch { throw HostFileError(error) }
}

/// The same; nil where netlink is forbidden or the kernel lacks it, since files say nearly the same.
private func unlessForbidden<Value>(_ body: () throws(NetlinkError) -> Value) throws(HostFileError) -> Value? {
    do throws(NetlinkError) {
        return try body()
    } catch .denied, .unsupported {
        return nil
    } catch {
        throw HostFileError(error)
    }
}

extension Host {
    /// The neighbour tables of IPv4 and, unless it is switched off, IPv6: the whole machine's, from any namespace.
    package func neighbourTables() throws(HostFileError) -> [NeighbourTable] {
        // A captured tree is another machine, and this kernel must not answer for it; a forgotten mount is not.
        guard custos_is_procfs(roots.proc) == 1 || !isMounted(.proc) else { throw .absent(path: "netlink") }
        var tables: [NeighbourTable] = []
        for family in AddressFamily.allCases {
            tables += try asking { () throws(NetlinkError) in try NeighbourTable.all(family) }
        }
        return tables
    }

    /// Whether netlink tells of the host's network: we are in its namespace, and the tree is no captured one.
    package var asksKernel: Bool {
        custos_is_procfs("\(roots.proc)/1/net") == 1 && sharesNetwork == true
    }

    /// The links of the host's network; nil where netlink would tell another's, or is forbidden.
    package func links() throws(HostFileError) -> [NetworkLink]? {
        guard asksKernel else { return nil }
        return try unlessForbidden { () throws(NetlinkError) in try NetworkLink.all() }
    }

    /// Every listening TCP socket on the host's network, with limits and drops; nil where netlink would tell another's.
    package func listenersWithLimits() throws(HostFileError) -> [ListenQueue]? {
        guard asksKernel else { return nil }
        return try unlessForbidden { () throws(NetlinkError) in
            var queues: [ListenQueue] = []
            try TCPSocket.each(in: [.listen]) {
                queues = []
            } each: { socket in
                queues.append(ListenQueue(socket))
            }
            return queues
        }
    }

    /// Counts the TCP sockets on the host's network that are asked for.
    ///
    /// By netlink where we are in that namespace, which costs little; else from its files, which the kernel takes much
    /// longer to write.
    package func tcpCensus(_ question: TCPQuestion) throws(HostFileError) -> HostReading<TCPCensus> {
        if asksKernel {
            let census = try unlessForbidden { () throws(NetlinkError) in try Self.census(question) }
            if let census { return HostReading(value: census, scope: .host) }
        }
        return try tcpCensus(question, of: .host)
    }

    static func census(_ question: TCPQuestion) throws(NetlinkError) -> TCPCensus {
        var census = TCPCensus()
        if !question.states.isEmpty {
            try TCPSocket.each(in: question.states) {
                census = TCPCensus()
            } each: { socket in
                census.count(socket)
            }
        }
        guard let ports = question.localPorts else { return census }
        let counted = census
        try TCPSocket.each(in: TCPQuestion.connected, localPorts: ports) {
            census = counted
        } each: { socket in
            census.countDestination(of: socket)
        }
        return census
    }

    /// The same from the files of a namespace, in one streaming pass over each.
    func tcpCensus(
        _ question: TCPQuestion,
        of namespace: NetworkNamespace
    ) throws(HostFileError) -> HostReading<TCPCensus> {
        var census = TCPCensus()
        let states = question.localPorts == nil ? question.states : question.states.union(TCPQuestion.connected)
        for (family, name) in [(AddressFamily.ipv4, "tcp"), (.ipv6, "tcp6")] where question.families.contains(family) {
            let path = HostPath.network(namespace, name)
            let place = location(of: path)
            var table = TCPTable(family, states: states, path: place)
            let errno = try FileReader.stream(place) { chunk throws(HostFileError) in
                try table.take(chunk) { socket in
                    if question.states.contains(socket.state) { census.count(socket) }
                    if let ports = question.localPorts, ports.contains(socket.local.port),
                        TCPQuestion.connected.contains(socket.state)
                    {
                        census.countDestination(of: socket)
                    }
                }
            }
            guard errno == 0 else {
                let error = failure(errno, path, place)
                // IPv6 is switched off.
                if family == .ipv6, case .absent(_, nil) = error { continue }
                throw error
            }
            try table.finish()
        }
        return HostReading(value: census, scope: scope(of: namespace))
    }
}
