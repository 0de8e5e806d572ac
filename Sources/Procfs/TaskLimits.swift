/// How many processes and threads a PID namespace may have.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/kernel.html#pid-max>. Since Linux 6.14 each namespace
/// has a limit of its own, and the file shows the reader's.
/// ```
/// 4194304
/// ```
package struct PIDLimit: HostFile {
    package static let source = HostPath(.proc, "sys/kernel/pid_max")

    /// The first number that is not given any more.
    package var maximum: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        maximum = try LineScanner.oneNumber(bytes, path, "the limit")
    }
}

/// How many threads the machine may have, in all PID namespaces together.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/kernel.html#threads-max>
/// ```
/// 192731
/// ```
package struct ThreadLimit: HostFile {
    package static let source = HostPath(.proc, "sys/kernel/threads-max")

    package var maximum: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        maximum = try LineScanner.oneNumber(bytes, path, "the limit")
    }
}

extension LineScanner {
    /// The number that is all of a file.
    static func oneNumber(_ bytes: [UInt8], _ path: String, _ what: StaticString) throws(HostFileError) -> UInt64 {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required(what)
        return try lines.decimal(&line, what)
    }
}
