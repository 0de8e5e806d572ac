import Basics

/// The machine's name as its administrator wrote it.
///
/// Document: hostname(5). The kernel's own answer (`uname`, `sys/kernel/hostname`) is the reader's container.
/// ```
/// # comments and empty lines are skipped
/// web-3
/// ```
package struct HostName: HostFile {
    package static let source = HostPath(.root, "etc/hostname")

    /// At most 253 bytes, nothing that a terminal acts on.
    package var text: String

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        // A file that people write may lack its last newline.
        var lines = LineScanner(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")], path: path)
        while let line = try lines.next() {
            let name = line.rest
            guard let first = name.first, first != UInt8(ascii: "#") else { continue }
            let text = name.text
            guard name.count <= 253, text == text.safe(), !text.contains(" "), text.utf8.elementsEqual(name) else {
                throw lines.malformed("not a host's name")
            }
            self.text = text
            return
        }
        throw lines.malformed("the name is missing")
    }
}
