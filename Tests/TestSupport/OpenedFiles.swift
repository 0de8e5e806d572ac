import FoundationEssentials
import Glibc

/// Which files of a fixture are opened, as the kernel tells: inotify(7).
package struct OpenedFiles {
    private let events: Int32
    private var folders: [Int32: String] = [:]

    /// The files that were opened while `body` ran: `<proc>/1/net/dev`, outside the trees of the host `/dev/kmsg`.
    ///
    /// Folders that are opened, and what is only asked about (stat(2), readlink(2)), are left out.
    package static func of(
        _ fixture: HostFixture,
        while body: () async throws -> Void
    ) async throws -> Set<String> {
        let opened = try OpenedFiles(below: fixture.folder)
        defer { close(opened.events) }
        try await body()
        return try opened.read()
    }

    private init(below folder: String) throws {
        events = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard events >= 0 else { throw CocoaError(.fileReadUnknown) }
        for path in try [""] + FileManager.default.subpathsOfDirectory(atPath: folder) {
            var facts = stat()
            guard lstat("\(folder)/\(path)", &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else { continue }
            let watch = inotify_add_watch(events, "\(folder)/\(path)", UInt32(IN_OPEN) | UInt32(IN_ONLYDIR))
            guard watch >= 0 else { throw CocoaError(.fileReadUnknown) }
            folders[watch] = path
        }
    }

    private func read() throws -> Set<String> {
        var opened: Set<String> = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(events, &buffer, buffer.count), count > 0 {
            try buffer.withUnsafeBytes { bytes in
                var place = 0
                while place < count {
                    // struct inotify_event: watch, mask, cookie, length of the name, name.
                    let watch = bytes.loadUnaligned(fromByteOffset: place, as: Int32.self)
                    let mask = bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
                    let length = Int(bytes.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
                    let name = String(
                        decoding: bytes[(place + 16)..<(place + 16 + length)].prefix { $0 != 0 },
                        as: UTF8.self
                    )
                    place += 16 + length
                    guard mask & UInt32(IN_Q_OVERFLOW) == 0 else { throw CocoaError(.fileReadUnknown) }
                    guard mask & UInt32(IN_ISDIR) == 0, !name.isEmpty, let folder = folders[watch] else { continue }
                    opened.insert(Self.title(of: "\(folder)/\(name)"))
                }
            }
        }
        return opened
    }

    private static func title(of path: String) -> String {
        let parts = path.split(separator: "/")
        guard let tree = parts.first, ["proc", "sys", "root", "run"].contains(tree) else { return "/\(path)" }
        return "<\(tree)>/" + parts.dropFirst().joined(separator: "/")
    }
}
