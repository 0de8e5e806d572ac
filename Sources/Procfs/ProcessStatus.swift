import Basics

/// Who a process is.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html> (`status`).
/// ```
/// Name:	kthreadd
/// State:	S (sleeping)
/// PPid:	0
/// Uid:	0	0	0	0
/// Kthread:	1
/// ```
package struct ProcessStatus: HostFile {
    package static let source = HostPath(.proc, "2/status")

    /// The first fifteen bytes of its name, which it may choose itself; made safe to show.
    package var name: String
    /// The process that started it, 0 if none in its PID namespace.
    package var parent: UInt64
    /// The user whose rights it has (the effective one), as the host counts users; nil where the line is missing.
    package var user: UInt32?

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var name: String?
        var parent: UInt64?
        while var line = try lines.next() {
            guard let key = line.next() else { continue }
            if key.spells("Name:") {
                name = line.rest.text.safe(limit: 64)
            } else if key.spells("PPid:") {
                parent = try lines.decimal(&line, "PPid")
            } else if key.spells("Uid:") {
                _ = line.next()
                let number = try lines.decimal(&line, "the effective user")
                guard let user = UInt32(exactly: number) else { throw lines.malformed("the user is out of range") }
                self.user = user
                // What follows is long, and nobody asks for it.
                break
            }
        }
        guard let parent else { throw lines.malformed("PPid is missing") }
        guard let name else { throw lines.malformed("Name is missing") }
        self.name = name
        self.parent = parent
    }
}
