package import Basics
import FoundationEssentials
import Glibc
package import Testing

/// Compares with a file of `Tests/Golden`; with `UPDATE_GOLDEN=1` in the environment writes it instead.
package func expectGolden(
    _ text: String,
    _ path: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let file = TestFolder.golden + "/" + path
    if getenv("UPDATE_GOLDEN") != nil {
        let folder = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
    }
    let wanted = try String(decoding: Data(contentsOf: URL(filePath: file)), as: UTF8.self)
    #expect(text == wanted, "\(path) differs; UPDATE_GOLDEN=1 rewrites it", sourceLocation: sourceLocation)
}

/// Where tests find their files, whatever the working folder is.
package enum TestFolder {
    /// `Tests/`.
    package static var tests: String {
        #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
    }

    package static var golden: String { tests + "/Golden" }

    /// The repository.
    package static var root: String { tests + "/.." }

    /// The bytes of a file, by its path within the repository.
    package static func read(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: root + "/" + path)))
    }

    /// The JSON Schema in a file, by its path within the repository.
    package static func schema(_ path: String) throws -> JSONSchemaValidator {
        JSONSchemaValidator(try JSON(parsing: read(path)))
    }
}

extension JSON {
    /// Several lines with indentation, for golden files that people review.
    package var pretty: String { indented(by: "") + "\n" }

    private func indented(by indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .array(let items) where !items.isEmpty:
            return "[\n" + items.map { inner + $0.indented(by: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { inner + JSON.string($0.name).text + ": " + $0.value.indented(by: inner) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        default:
            return text
        }
    }
}
