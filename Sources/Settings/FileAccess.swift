import Glibc

/// How files are read: injected, so that resolving stays pure in tests.
package struct FileAccess: Sendable {
    /// The bytes of a file, at most `limit`, or why not.
    package let read: @Sendable (_ path: String, _ limit: Int) throws(FileFailure) -> [UInt8]

    /// The names in a folder; nil when it is not a folder.
    package let list: @Sendable (_ path: String) throws(FileFailure) -> [String]?

    package init(
        read: @escaping @Sendable (_ path: String, _ limit: Int) throws(FileFailure) -> [UInt8],
        list: @escaping @Sendable (_ path: String) throws(FileFailure) -> [String]? = { _ throws(FileFailure) in nil }
    ) {
        self.read = read
        self.list = list
    }

    /// No file exists.
    package static let none = FileAccess { _, _ throws(FileFailure) in throw FileFailure("no such file") }

    /// The machine's files.
    package static let system = FileAccess(
        read: { path, limit throws(FileFailure) in try readFile(path, limit) },
        list: { path throws(FileFailure) in try listFolder(path) }
    )

    private static func readFile(_ path: String, _ limit: Int) throws(FileFailure) -> [UInt8] {
        // A pipe must not make the daemon wait for ever; regular files ignore the flag.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileFailure(code: errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: min(limit, 1 << 16) + 1)
        var count = 0
        while true {
            let room = bytes.count - count
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), room) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw FileFailure(code: errno) }
            guard got > 0 else { break }
            count += got
            guard count <= limit else { throw FileFailure("larger than \(ByteCount(Int64(limit)).settingText)") }
            if count == bytes.count { bytes += [UInt8](repeating: 0, count: min(bytes.count, limit + 1 - count)) }
        }
        return Array(bytes[..<count])
    }

    private static func listFolder(_ path: String) throws(FileFailure) -> [String]? {
        guard let folder = opendir(path) else {
            guard errno == ENOTDIR else { throw FileFailure(code: errno) }
            return nil
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder), names.count < 10_000 {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }
}

/// Why a file was not read, and what to do about it.
package struct FileFailure: Error, Hashable, Sendable {
    package var message: String
    package var remedy: String?

    package init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }

    init(code: Int32) {
        switch code {
        case ENOENT: self.init("no such file", remedy: "mount it into the container, or correct the path")
        case EACCES, EPERM:
            self.init("permission denied", remedy: "make it readable for uid \(getuid())")
        case EISDIR: self.init("is a folder", remedy: "name a file")
        default: self.init(String(cString: strerror(code)))
        }
    }
}
