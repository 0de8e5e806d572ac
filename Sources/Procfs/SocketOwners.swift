import Basics
import Glibc

/// Which processes hold certain sockets.
package struct SocketOwners: Sendable, Equatable {
    /// A process and how many of the sockets it holds.
    package struct Owner: Sendable, Equatable {
        package var pid: Int32
        /// Chosen by the process itself; safe to show.
        package var name: String
        package var count: Int
    }

    /// Who holds most comes first.
    package var owners: [Owner] = []
    /// Processes that may not be looked into.
    package var hidden = 0
}

extension Host {
    /// Looks for the holders of sockets among the host's processes.
    ///
    /// Another user's descriptors need that user or `CAP_SYS_PTRACE`. One call for each descriptor of the machine: ask
    /// when there is cause.
    package func owners(ofSockets inodes: Set<UInt64>) -> SocketOwners {
        var found = SocketOwners()
        guard !inodes.isEmpty, scope == .host, let directory = opendir(roots.proc) else { return found }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            guard let pid = ProcessPath.number(&entry.pointee) else { continue }
            let handle = openat(
                dirfd(directory),
                "\(pid)/\(ProcessFile.fd.rawValue)",
                O_RDONLY | O_DIRECTORY | O_CLOEXEC
            )
            guard handle >= 0 else {
                if errno == EACCES || errno == EPERM { found.hidden += 1 }
                continue
            }
            guard let listing = fdopendir(handle) else {
                close(handle)
                continue
            }
            let count = Self.count(inodes, in: listing)
            closedir(listing)
            guard count > 0 else { continue }
            let name =
                (try? read(ProcessStatus.self, at: HostPath(.proc, "\(pid)/\(ProcessFile.status.rawValue)")).name) ?? ""
            found.owners.append(SocketOwners.Owner(pid: pid, name: name, count: count))
        }
        found.owners.sort { ($1.count, $0.pid) < ($0.count, $1.pid) }
        return found
    }

    /// How many of the descriptors in a directory are one of the sockets.
    private static func count(_ inodes: Set<UInt64>, in directory: OpaquePointer) -> Int {
        let prefix = Array("socket:[".utf8)
        var text = [UInt8](repeating: 0, count: 64)
        var count = 0
        while let entry = readdir(directory) {
            let length = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                text.withUnsafeMutableBytes { buffer in
                    guard let name = name.bindMemory(to: CChar.self).baseAddress,
                        let target = buffer.bindMemory(to: CChar.self).baseAddress
                    else { return -1 }
                    return readlinkat(dirfd(directory), name, target, buffer.count)
                }
            }
            guard length > prefix.count, text.starts(with: prefix),
                let inode = text[prefix.count..<length - 1].decimal, inodes.contains(inode)
            else { continue }
            count += 1
        }
        return count
    }
}
