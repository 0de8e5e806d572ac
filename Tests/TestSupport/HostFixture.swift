import FoundationEssentials
import Glibc
package import Procfs
import Synchronization

/// A captured host in a folder of its own, which a test may change while somebody reads it.
///
/// Made of `Tests/Fixtures/hosts/<name>` and overlays on it: an overlay's files replace the base's, and the paths in
/// its file `REMOVED`, one a line, are taken away.
package final class HostFixture: Sendable {
    /// The folder that holds `proc`, `sys`, `root` and `run`.
    package let folder: String

    /// Composes `base`, a folder in `Tests/Fixtures/hosts`, with its overlays in order; an overlay is named by what
    /// follows the `+`.
    package init(_ base: String = "debian-12", _ overlays: String...) throws {
        folder = try Self.makeFolder()
        try lay("\(Self.hosts)/\(base)")
        for overlay in overlays { try lay("\(Self.hosts)/\(base)+\(overlay)") }
        // A mount point whose mount was forgotten is an empty directory.
        for tree in ["proc", "sys", "root", "run"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(tree)", withIntermediateDirectories: true)
        }
    }

    /// A host whose first process is this one, in its own network, whatever this machine's is.
    package static func ofThisProcess() throws -> HostFixture {
        let fixture = try HostFixture()
        try fixture.link("proc/1", to: "/proc/self")
        try fixture.link("proc/thread-self", to: "/proc/thread-self")
        return fixture
    }

    /// Reads the fixture as if its trees were mounted.
    package var host: Host { Host(roots: roots) }

    /// The folders that stand for the host's.
    package var roots: HostRoots {
        HostRoots(proc: path("proc"), sys: path("sys"), root: path("root"), run: path("run"))
    }

    /// Where a file of the fixture is: `proc/uptime`.
    package func path(_ relative: String) -> String { "\(folder)/\(relative)" }

    /// Makes process 1 see the fixture's sysfs as its own.
    package func declareSysfs() throws {
        var facts = stat()
        guard stat(path("sys"), &facts) == 0 else { throw CocoaError(.fileReadUnknown) }
        let (major, minor) = (facts.st_dev >> 8 & 0xFFF, facts.st_dev & 0xFF | facts.st_dev >> 12 & 0xFFF00)
        try write("proc/1/mountinfo", "23 27 \(major):\(minor) / /sys rw,relatime shared:7 - sysfs sysfs rw\n")
    }

    /// Replaces a file, or makes it.
    package func write(_ relative: String, _ text: String) throws {
        try write(relative, Array(text.utf8))
    }

    /// Replaces a file, or makes it.
    package func write(_ relative: String, _ bytes: [UInt8]) throws {
        let path = path(relative)
        try makeParent(of: path)
        try? FileManager.default.removeItem(atPath: path)
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    /// Makes a file a symbolic link to anything.
    package func link(_ relative: String, to destination: String) throws {
        let path = path(relative)
        try makeParent(of: path)
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: destination)
    }

    /// Takes a file or a folder away.
    package func remove(_ relative: String) throws {
        try FileManager.default.removeItem(atPath: path(relative))
    }

    private func makeParent(of path: String) throws {
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    }

    /// Copies a tree over what is there, file by file.
    private func lay(_ source: String) throws {
        for relative in try FileManager.default.subpathsOfDirectory(atPath: source).sorted() {
            let from = "\(source)/\(relative)"
            var facts = stat()
            guard relative != "ABOUT.md", lstat(from, &facts) == 0, facts.st_mode & S_IFMT != S_IFDIR else { continue }
            if relative == "REMOVED" {
                for line in try String(contentsOfFile: from, encoding: .utf8).split(separator: "\n") {
                    try? remove(String(line))
                }
                continue
            }
            try makeParent(of: path(relative))
            try? remove(relative)
            try FileManager.default.copyItem(atPath: from, toPath: path(relative))
        }
    }

    /// Every fixture lives as long as the test process: a `Host` is a value and does not keep its files alive.
    private static let nursery: String? = {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/custos-hosts-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, chmod(template, 0o755) == 0 else { return nil }
        atexit { HostFixture.removeAll() }
        return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }()

    private static func removeAll() {
        if let nursery { try? FileManager.default.removeItem(atPath: nursery) }
    }

    private static func makeFolder() throws -> String {
        guard let nursery else { throw CocoaError(.fileWriteUnknown) }
        let folder = "\(nursery)/\(births.wrappingAdd(1, ordering: .relaxed).newValue)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private static let births = Atomic(0)

    private static let hosts: String = {
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return here.dropLast(2).joined(separator: "/") + "/Fixtures/hosts"
    }()
}
