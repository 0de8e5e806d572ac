import Basics

/// Who a process is.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html> (`status`).
/// ```
/// Name:	kthreadd
/// State:	S (sleeping)
/// PPid:	0
/// Kthread:	1
/// ```
package struct ProcessStatus: HostFile {
    package static let source = HostPath(.proc, "2/status")

    /// The first fifteen bytes of its name, which it may choose itself; made safe to show.
    package var name: String
    /// The process that started it, 0 if none in its PID namespace.
    package var parent: UInt64

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var name: String?
        while var line = try lines.next() {
            guard let key = line.next() else { continue }
            if key.spells("Name:") {
                name = line.rest.text.safe(limit: 64)
            } else if key.spells("PPid:") {
                parent = try lines.decimal(&line, "PPid")
                guard let name else { throw lines.malformed("Name is missing") }
                self.name = name
                return
            }
        }
        throw lines.malformed("PPid is missing")
    }
}
