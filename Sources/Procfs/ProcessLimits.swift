/// How many descriptors a process may open.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html> (`limits`); readable for everybody.
/// ```
/// Limit                     Soft Limit           Hard Limit           Units
/// Max open files            1024                 524288               files
/// ```
package struct ProcessLimits: HostFile {
    package static let source = HostPath(.proc, "1/limits")

    /// The soft limit, which is the one that `open` obeys; nil for `unlimited`.
    package var openFiles: UInt64?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        while var line = try lines.next() {
            guard line.rest.starts(with: "Max open files ".utf8) else { continue }
            for _ in 0..<3 { _ = line.next() }
            guard let soft = line.next() else { throw lines.malformed("the limit is missing") }
            if soft.spells("unlimited") { return }
            guard let limit = soft.decimal else { throw lines.malformed("the limit is not a number") }
            openFiles = limit
            return
        }
        throw lines.malformed("Max open files is missing")
    }
}
