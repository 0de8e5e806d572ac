import Glibc

/// The repository's own text, for tests about how it is written.
struct SourceFile {
    /// Below the repository's root: `Sources/Basics/ULID.swift`.
    let path: String
    let text: String

    /// The folder below `Sources` or `Tests`.
    var module: String { String(path.split(separator: "/").dropFirst().first ?? "") }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// Lines without what follows `//`, so that prose can name what code may not.
    var code: [Substring] {
        lines.map { line in
            line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
        }
    }
}

enum SourceTree {
    static let root: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    static let sources = files(below: "Sources", ending: ".swift")
    static let tests = files(below: "Tests", ending: ".swift")

    static func files(below folder: String, ending: String) -> [SourceFile] {
        paths(below: folder).filter { $0.hasSuffix(ending) }.map { SourceFile(path: $0, text: read($0)) }
    }

    /// Every file below a folder of the repository, sorted.
    static func paths(below folder: String) -> [String] {
        guard let directory = opendir("\(root)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix("."), name != "__pycache__" else { continue }
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat("\(root)/\(path)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                found += paths(below: path)
            } else if status.st_mode & S_IFMT == S_IFREG {
                found.append(path)
            }
        }
        return found.sorted()
    }

    static func read(_ path: String) -> String {
        guard let file = fopen("\(root)/\(path)", "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
