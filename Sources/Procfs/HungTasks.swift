/// How many tasks the kernel found blocked for longer than its limit, since boot: one that stays so counts again and
/// again.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/kernel.html#hung-task-detect-count>; since Linux 6.13.
/// ```
/// 0
/// ```
package struct HungTaskCount: HostFile {
    package static let source = HostPath(.proc, "sys/kernel/hung_task_detect_count")

    package var total: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        total = try LineScanner.oneNumber(bytes, path, "the count")
    }
}

/// For how long a task may be blocked before the kernel says so.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/kernel.html#hung-task-timeout-secs>
/// ```
/// 120
/// ```
package struct HungTaskTimeout: HostFile {
    package static let source = HostPath(.proc, "sys/kernel/hung_task_timeout_secs")

    /// In seconds; 0 for ever, and then the kernel finds none.
    package var seconds: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        seconds = try LineScanner.oneNumber(bytes, path, "the limit")
    }
}

/// How many hung tasks the kernel will still log before it falls silent.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/kernel.html#hung-task-warnings>
/// ```
/// 10
/// ```
package struct HungTaskWarnings: HostFile {
    package static let source = HostPath(.proc, "sys/kernel/hung_task_warnings")

    /// Nil for any number (`-1`).
    package var left: UInt64?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        left = bytes.elementsEqual("-1\n".utf8) ? nil : try LineScanner.oneNumber(bytes, path, "the number")
    }
}
