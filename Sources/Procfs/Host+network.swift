import Glibc
package import Netlink

// Files of a network namespace are read below a process that lives in it. This needs no privilege, neither the host's
// network nor its PID namespace; following `ns/net` would (ptrace access).

extension Host {
    /// Whose processes the procfs shows.
    ///
    /// In the machine's first PID namespace, and nowhere else, process 2 is the kernel's `kthreadd`, which has no
    /// parent.
    package var scope: HostScope { memory.scope(findScope) }

    private func findScope() -> HostScope {
        do {
            let second = try read(ProcessStatus.self)
            return second.name == "kthreadd" && second.parent == 0 ? .host : .container
        } catch .absent {
            return access("\(roots.proc)/1/status", F_OK) == 0 ? .container : .unknown
        } catch {
            return .unknown
        }
    }

    /// Whose namespace that is; a process on the host's network has the scope `host`.
    package func scope(of namespace: NetworkNamespace) -> HostScope {
        guard case .process = namespace else { return scope }
        guard let own = networkID(of: namespace), let first = networkID(of: .host) else { return .unknown }
        return own == first ? scope : .container
    }

    /// A number that two namespaces share only if they are the same one; nil where it cannot be told.
    ///
    /// The kernel makes each namespace's files anew and numbers them without repetition across every procfs, so the
    /// inode number of one of them names the namespace, and unlike `ns/net` everybody may ask for it.
    package func networkID(of namespace: NetworkNamespace) -> UInt64? { networkID(below: "\(namespace.pid)") }

    /// Whether we are in the host's network namespace ourselves; nil where it cannot be told.
    package var sharesNetwork: Bool? {
        guard let own = networkID(below: "thread-self"), let first = networkID(of: .host) else { return nil }
        return own == first && scope == .host
    }

    /// Whether we are in the host's PID namespace ourselves; nil where it cannot be told.
    ///
    /// The first namespace's number is fixed (`PROC_PID_INIT_INO` of the kernel's `include/linux/proc_ns.h`).
    package var sharesProcesses: Bool? {
        var facts = stat()
        guard stat("\(roots.proc)/thread-self/ns/pid", &facts) == 0 else { return nil }
        return facts.st_ino == 0xEFFF_FFFC
    }

    private func networkID(below process: String) -> UInt64? {
        var facts = stat()
        guard stat("\(roots.proc)/\(process)/net/netstat", &facts) == 0 else { return nil }
        return UInt64(facts.st_ino)
    }

    package func netStat(of namespace: NetworkNamespace) throws(HostFileError) -> HostReading<NetStat> {
        try read(NetStat.self, of: namespace, "netstat")
    }

    /// Listen overflows in a process' network namespace; nil where the kernel does not count them.
    ///
    /// It is not asked whose namespace that is, which costs as much as a short file.
    package func listenOverflows(of process: Int32) throws(HostFileError) -> UInt64? {
        try read(NetStat.self, at: .network(.process(process), "netstat")).listenOverflows
    }

    /// How many connections were begun in the namespace since it was made, also those that came to nothing.
    package func connectionsBegun(in namespace: NetworkNamespace) throws(HostFileError) -> UInt64 {
        try read(NetSNMP.self, of: namespace, "snmp").value.activeOpens
    }

    package func socketStat(of namespace: NetworkNamespace) throws(HostFileError) -> HostReading<SocketStat> {
        try read(SocketStat.self, of: namespace, "sockstat")
    }

    package func socketStat6(of namespace: NetworkNamespace) throws(HostFileError) -> HostReading<SocketStat6> {
        try read(SocketStat6.self, of: namespace, "sockstat6")
    }

    /// A table's use as process 1's namespace shows it; the numbers are the whole machine's.
    package func neighbourCache(_ family: AddressFamily) throws(HostFileError) -> HostReading<NeighbourCache> {
        let cache =
            switch family {
            case .ipv4: try read(IPv4NeighbourCache.self).cache
            case .ipv6: try read(IPv6NeighbourCache.self).cache
            }
        return HostReading(value: cache, scope: scope(of: .host))
    }

    /// Connections tracked in process 1's namespace.
    package func conntrackStat() throws(HostFileError) -> HostReading<ConntrackStat> {
        try read(ConntrackStat.self, of: .host, "stat/nf_conntrack")
    }

    /// The same without what was dropped; nil where we are not in the host's network namespace: it would be our own's.
    package func conntrackCount() throws(HostFileError) -> ConntrackCount? {
        guard sharesNetwork == true else { return nil }
        return try read(ConntrackCount.self)
    }

    /// Every listening TCP socket of the namespace, as its files tell them: without limits.
    ///
    /// Takes milliseconds: the kernel walks its table of connections, however few there are. Ask when there is cause.
    package func listenQueues(of namespace: NetworkNamespace) throws(HostFileError) -> HostReading<[ListenQueue]> {
        var queues = try listening(IPv4ListenQueues.self, of: namespace, "tcp").queues
        do {
            queues += try listening(IPv6ListenQueues.self, of: namespace, "tcp6").queues
        } catch .absent {
            // IPv6 is switched off.
        }
        return HostReading(value: queues, scope: scope(of: namespace))
    }

    /// TCP's limits of memory; nil where we are not in the host's network namespace and so cannot see them.
    package func tcpMemory() throws(HostFileError) -> TCPMemory? {
        guard sharesNetwork == true else { return nil }
        do {
            return try read(TCPMemory.self)
        } catch .absent {
            return nil
        }
    }

    private func read<File: HostFile>(
        _ file: File.Type,
        of namespace: NetworkNamespace,
        _ name: String
    ) throws(HostFileError) -> HostReading<File> {
        HostReading(value: try read(file, at: .network(namespace, name)), scope: scope(of: namespace))
    }

    private func listening<File: HostFile>(
        _ file: File.Type,
        of namespace: NetworkNamespace,
        _ name: String
    ) throws(HostFileError) -> File {
        let path = HostPath.network(namespace, name)
        // Tens of thousands of listening sockets at 150 bytes each.
        let read = try bytes(of: path, limit: 4 << 20, isEnough: ListenQueue.isComplete)
        let end = read.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? read.count
        let whole = end < read.count && ListenQueue.isComplete(read) ? Array(read[..<end]) : read
        return try File(parsing: whole, path: location(of: path))
    }
}
