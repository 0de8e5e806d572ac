/// Open files of the whole machine, and how many it allows.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/fs.html#file-max-file-nr>
/// ```
/// 484	0	2466193
/// ```
package struct FileHandles: HostFile {
    package static let source = HostPath(.proc, "sys/fs/file-nr")

    /// Handles allocated.
    package var allocated: UInt64
    /// Allocated, not in use; always 0 since Linux 2.6.
    package var unused: UInt64
    /// The limit `fs.file-max`.
    package var maximum: UInt64

    /// Whether the limit limits nothing: systemd 240 and later raise it to 2^63−1.
    ///
    /// The border is far above what the kernel picks for any memory (one handle for every 10 KiB).
    package var isUnlimited: Bool { maximum >= 1 << 40 }

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the counts")
        allocated = try lines.decimal(&line, "the number of allocated handles")
        unused = try lines.decimal(&line, "the number of unused handles")
        maximum = try lines.decimal(&line, "the limit")
    }
}
