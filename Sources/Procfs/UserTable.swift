/// The users whom the host itself knows, not those of a directory service.
///
/// Manual: passwd(5).
/// ```
/// www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
/// ```
package struct UserTable: HostFile {
    package static let source = HostPath(.root, "etc/passwd")

    /// Numbers by name; of two lines the first counts, as for getpwnam(3).
    package var numbers: [String: UInt32]

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        numbers = [:]
        guard !bytes.isEmpty else { throw .malformed(path: path, line: 1, because: "the file is empty") }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            // People edit it: what is not a user's line is passed over, as the library does.
            guard fields.count == 4, !fields[0].isEmpty, let number = fields[2].decimal.flatMap({ UInt32(exactly: $0) })
            else { continue }
            let name = fields[0].text
            if numbers[name] == nil { numbers[name] = number }
        }
        guard !numbers.isEmpty else { throw .malformed(path: path, line: 1, because: "there is no user in it") }
    }
}
