package import Basics
import CLinux
import Glibc
import SystemPackage

/// A file in which a service keeps its process's number: the number on the first line, and when that was written.
package struct PIDFile: Sendable, Equatable {
    package var pid: Int32
    /// By the wall clock.
    package var written: Timestamp
}

extension Host {
    /// A PID file below the host's root.
    ///
    /// - Throws: `HostFileError`; `.absent` where there is none: its service does not run.
    package func pidFile(_ path: String) throws(HostFileError) -> PIDFile {
        guard let root = roots.root else { throw .absent(path: path, hint: Self.rootHint) }
        let file = custos_open_below(root, path)
        guard file >= 0 else { throw failure(-file, HostPath(.root, path), path) }
        defer { close(file) }
        var facts = stat()
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard count >= 0, fstat(file, &facts) == 0 else {
            throw .unreadable(path: path, errno: Errno(rawValue: errno))
        }
        var line = Fields(buffer[..<count].prefix { $0 != UInt8(ascii: "\n") })
        guard let pid = line.next()?.decimal.flatMap({ Int32(exactly: $0) }), pid > 0 else {
            throw .malformed(path: path, line: 1, because: "it does not begin with a process's number")
        }
        let seconds = Int64(facts.st_mtim.tv_sec)
        return PIDFile(pid: pid, written: Timestamp(milliseconds: seconds.multipliedReportingOverflow(by: 1000).0))
    }
}
