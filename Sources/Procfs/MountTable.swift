/// What is mounted where, with the options by which it works.
///
/// Document: proc_pid_mounts(5). As `mountinfo`, with the options of the mount and of the filesystem in one list; `ro` is
/// there when either of them is read-only. Blanks, line breaks and backslashes are written in octal.
/// ```
/// /dev/vda / ext4 rw,relatime,discard 0 0
/// tmpfs /run tmpfs rw,nosuid,nodev,size=2468412k,mode=755 0 0
/// ```
package struct MountTable: HostFile {
    package static let source = HostPath(.proc, "1/mounts")

    /// One mount; its texts are made when they are asked for, since of thousands few are.
    package struct Mount: Sendable, Equatable {
        fileprivate var pointField: ArraySlice<UInt8>
        fileprivate var typeField: ArraySlice<UInt8>
        fileprivate var optionsField: ArraySlice<UInt8>

        /// Where it is mounted.
        package var point: String { pointField.withoutOctal }
        /// `ext4`, `nfs4`, `fuse.sshfs`.
        package var type: String { typeField.withoutOctal }
        /// `rw`, `nosuid`, `size=2468412k`, in the kernel's order.
        package var options: [String] {
            optionsField.split(separator: UInt8(ascii: ",")).map(\.withoutOctal)
        }
    }

    /// In the kernel's order: what was mounted over another mount comes after it.
    package var mounts: [Mount]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        mounts = []
        while var line = try lines.next() {
            // An empty source leaves two blanks, and one field fewer.
            let fields = [line.next(), line.next(), line.next(), line.next(), line.next(), line.next()].compactMap(
                \.self
            )
            guard fields.count >= 5 else { throw lines.malformed("a mount has fewer than five fields") }
            let first = fields.count > 5 ? 1 : 0
            guard fields[first].first == UInt8(ascii: "/") else {
                throw lines.malformed("the mount's place is missing")
            }
            mounts.append(
                Mount(pointField: fields[first], typeField: fields[first + 1], optionsField: fields[first + 2])
            )
        }
    }

    /// What one sees at a place: the last that was mounted there.
    package func mount(at point: String) -> Mount? {
        let bytes = Array(point.utf8)
        return mounts.last { mount in
            let field = mount.pointField
            return field.contains(UInt8(ascii: "\\")) ? mount.point == point : field.elementsEqual(bytes)
        }
    }
}

extension ArraySlice<UInt8> {
    /// As text, with `\040` and its like as the bytes that they stand for.
    var withoutOctal: String {
        guard contains(UInt8(ascii: "\\")) else { return text }
        var bytes: [UInt8] = []
        var place = startIndex
        while place < endIndex {
            let digits = self[place...].dropFirst().prefix(3)
            if self[place] == UInt8(ascii: "\\"), digits.count == 3, let byte = Self.octal(digits) {
                bytes.append(byte)
                place += 4
            } else {
                bytes.append(self[place])
                place += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func octal(_ digits: ArraySlice<UInt8>) -> UInt8? {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
            value = value * 8 + Int(digit - UInt8(ascii: "0"))
        }
        return UInt8(exactly: value)
    }
}

extension Host {
    package func mountTable() throws(HostFileError) -> MountTable { try read(MountTable.self, limit: 4 << 20) }
}
