import Glibc
package import SystemPackage

/// Why no capture was written, or not the whole of it.
package enum CaptureError: Error, Sendable, Equatable {
    /// There is something at the folder's place.
    case notEmpty(path: String)
    /// The system refused to write.
    case failed(path: String, errno: Errno)
}

extension CaptureError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notEmpty(let path):
            "\(path) is not an empty folder: name one that does not exist yet, or empty it; a capture never overwrites"
        case .failed(let path, let errno):
            "\(path) cannot be written: \(errno); name a folder on a filesystem with room, where you may write"
        }
    }
}

/// The folder that a capture is written into: new files only, and nothing through a link.
struct CaptureFolder {
    let path: String
    private(set) var files = 0
    private(set) var size = 0
    private var folders: Set<String> = []

    init(_ path: String) throws(CaptureError) {
        self.path = path
        if mkdir(path, 0o755) != 0 {
            guard errno == EEXIST else { throw .failed(path: path, errno: Errno(rawValue: errno)) }
            // Not through a link: what it leads to is another's.
            let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard folder >= 0, let listing = fdopendir(folder) else { throw .notEmpty(path: path) }
            defer { closedir(listing) }
            while let entry = readdir(listing) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name == "." || name == ".." else { throw .notEmpty(path: path) }
            }
        }
    }

    /// Writes a new file; `relative` is `proc/1/stat`.
    mutating func write(_ relative: String, _ bytes: [UInt8]) throws(CaptureError) {
        guard try makeParent(of: relative) else { return }
        let place = "\(path)/\(relative)"
        let file = open(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .failed(path: place, errno: Errno(rawValue: errno)) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .failed(path: place, errno: Errno(rawValue: errno)) }
            rest = rest.dropFirst(count)
        }
        files += 1
        size += bytes.count
    }

    /// Makes a symbolic link.
    mutating func link(_ relative: String, to destination: String) throws(CaptureError) {
        guard try makeParent(of: relative) else { return }
        let place = "\(path)/\(relative)"
        guard symlink(destination, place) == 0 || errno == EEXIST else {
            throw .failed(path: place, errno: Errno(rawValue: errno))
        }
    }

    /// Makes a folder, which may stay empty.
    mutating func make(_ relative: String) throws(CaptureError) { _ = try makeParent(of: "\(relative)/.") }

    /// Whether the parent is there now; false for a path that would leave the folder.
    private mutating func makeParent(of relative: String) throws(CaptureError) -> Bool {
        let parts = relative.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        guard !parts.contains(where: { $0 == ".." || $0.isEmpty }) else { return false }
        var made = path
        for part in parts {
            made += "/\(part)"
            guard folders.insert(made).inserted else { continue }
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw .failed(path: made, errno: Errno(rawValue: errno))
            }
        }
        return true
    }
}
