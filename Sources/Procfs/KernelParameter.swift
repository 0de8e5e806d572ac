import Glibc

/// The value of one kernel parameter (sysctl).
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/index.html>. Mostly one line; several values are parted
/// by blanks.
/// ```
/// 4096	131072	6291456
/// ```
package struct KernelParameter: HostFile {
    package static let source = HostPath(.proc, "sys/vm/swappiness")

    /// As read: runs of blanks and line breaks stand between them.
    package var values: [String]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        values = []
        while var line = try lines.next() {
            while let field = line.next() {
                guard !field.contains(0) else { throw lines.malformed("a value holds NUL") }
                values.append(field.text)
            }
        }
    }
}

/// The name of a kernel parameter: `vm.swappiness`, `net.ipv4.conf.eth0/100.rp_filter`.
///
/// As sysctl.d(5) reads it: the first separator counts. A dot makes dots separators and slashes dots, so that a name with
/// a dot can be spelled; a slash makes slashes separators and leaves dots alone.
package struct ParameterName: Hashable, Sendable, CustomStringConvertible {
    /// As written.
    package let description: String
    /// Below `sys`: `net/ipv4/conf/eth0.100/rp_filter`.
    let path: String

    /// Nil for what is no name.
    package init?(_ text: String) {
        guard text.utf8.count <= 512, !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { return nil }
        let first = text.first { $0 == "." || $0 == "/" }
        let path = first == "/" ? text : String(text.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        description = text
        self.path = path
    }

    /// What the kernel keeps apart for each container; nil for what the whole machine shares.
    package var namespace: ReaderNamespace? {
        let name = path.split(separator: "/")
        switch name[0] {
        // One number for the whole machine, which every network namespace shows.
        case "net" where path == "net/netfilter/nf_conntrack_max": return nil
        case "net": return .network
        case "user": return .user
        case "fs" where name[1] == "mqueue": return .ipc
        case "kernel": break
        default: return nil
        }
        if name[1] == "hostname" || name[1] == "domainname" { return .uts }
        if name[1] == "pid_max" || name[1] == "ns_last_pid" { return .pid }
        return ["shm", "msg", "sem", "auto_msgmni"].contains { name[1].hasPrefix($0) } ? .ipc : nil
    }
}

/// A kind of namespace whose parameters are the reader's, whatever procfs is mounted.
package enum ReaderNamespace: String, Sendable, CaseIterable {
    case network, ipc, uts, pid, user

    /// The inode number of the machine's first namespace of this kind (`include/linux/proc_ns.h`); the network's is not
    /// fixed.
    fileprivate var first: UInt64? {
        switch self {
        case .network: nil
        case .ipc: 0xEFFF_FFFF
        case .uts: 0xEFFF_FFFE
        case .user: 0xEFFF_FFFD
        case .pid: 0xEFFF_FFFC
        }
    }

    fileprivate var file: String { self == .network ? "net" : rawValue }
}

extension Host {
    /// What a parameter is; of whom, `scope(of:)` says.
    package func kernelParameter(_ name: ParameterName) throws(HostFileError) -> KernelParameter {
        try read(KernelParameter.self, at: HostPath(.proc, "sys/\(name.path)"))
    }

    /// Whose value of a parameter we can see: without sharing its namespace with the host it is our own.
    package func scope(of name: ParameterName) -> HostScope { name.namespace.map { shares($0) } ?? .host }

    private func shares(_ kind: ReaderNamespace) -> HostScope {
        // Linux 6.14 gave each PID namespace its own limit.
        if kind == .pid, let release = try? read(KernelRelease.self), !release.isAtLeast(6, 14) { return .host }
        guard let first = kind.first else { return sharesNetwork.map { $0 ? .host : .container } ?? .unknown }
        guard let own = namespaceID(kind.file) else { return .unknown }
        return own == first ? .host : .container
    }

    private func namespaceID(_ file: String) -> UInt64? {
        var facts = stat()
        guard stat("\(roots.proc)/thread-self/ns/\(file)", &facts) == 0 else { return nil }
        return UInt64(facts.st_ino)
    }

    /// The kernel's own answer to what the machine is called; absent to a reader whose UTS namespace is a container's.
    package func kernelHostName() throws(HostFileError) -> String {
        let path = HostPath(.proc, "sys/kernel/hostname")
        guard shares(.uts) == .host else { throw .absent(path: location(of: path), hint: Self.hint(toMount: .root)) }
        return try read(HostName.self, at: path).text
    }
}
