/// Which Linux the machine runs.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/kernel.html#ostype-osrelease-version>
/// ```
/// 6.12.57+deb13-amd64
/// ```
package struct KernelRelease: HostFile {
    package static let source = HostPath(.proc, "sys/kernel/osrelease")

    package var major: UInt64
    package var minor: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the release")
        let parts = line.next()?.split(separator: UInt8(ascii: "."), maxSplits: 2) ?? []
        guard parts.count > 1, let major = parts[0].decimal,
            let minor = parts[1].prefix(while: { $0.hexadecimalDigit.map { $0 < 10 } ?? false }).decimal
        else { throw lines.malformed("the release does not begin with two numbers") }
        self.major = major
        self.minor = minor
    }

    package func isAtLeast(_ major: UInt64, _ minor: UInt64) -> Bool {
        (self.major, self.minor) >= (major, minor)
    }
}
