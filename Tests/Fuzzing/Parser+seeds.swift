import Glibc

extension Parser {
    /// `Tests/Fixtures`, where this was built.
    private static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast(2)
        return "/" + parts.joined(separator: "/") + "/Fixtures"
    }()

    /// Every file to begin with, sorted: fixtures, and what is kept for fuzzing alone, crashes of the past among them.
    package var seeds: [String] {
        (fixtures + ["fuzz/\(name)/*"]).flatMap { Self.files("\(Self.folder)/\($0)") }
    }

    /// The files that fit a shell pattern.
    private static func files(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }.filter { path in
            var facts = stat()
            return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
        }
    }

    /// The content of a seed.
    package static func content(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
