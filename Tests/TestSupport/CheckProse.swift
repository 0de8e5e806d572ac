import FoundationEssentials

/// What people wrote about each kind of check: `docs/checks/<kind>.md`.
package enum CheckProse {
    /// The titles of every text, in order.
    package static let sections = [
        "Why it kills silently", "What it reads and needs", "Why these numbers", "What to do",
    ]

    /// The kinds that have a text, sorted.
    package static func kinds() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: TestFolder.root + "/docs/checks").sorted().map { name in
            name.hasSuffix(".md") ? String(name.dropLast(3)) : name
        }
    }

    package static func text(_ kind: String) throws -> String {
        String(decoding: try TestFolder.read("docs/checks/\(kind).md"), as: UTF8.self)
    }

    /// What stands below a title.
    package static func section(_ title: String, of kind: String) throws -> [Substring] {
        let lines = try text(kind).split(separator: "\n", omittingEmptySubsequences: false)
        return Array(lines.drop { $0 != "## \(title)" }.dropFirst().prefix { !$0.hasPrefix("## ") })
    }

    /// The files of the host in the table of what a check reads: `<proc>/1/net/dev`; `<pid>` and its like stand for any
    /// name, `…` for any further path, and a folder ends in a slash.
    package static func files(_ kind: String) throws -> [String] {
        let rows = try section(sections[1], of: kind).filter { $0.hasPrefix("| ") }
        return rows.flatMap { row in
            let cell = row.dropFirst(2).split(separator: " | ", omittingEmptySubsequences: false).first ?? ""
            let spans = cell.split(separator: "`", omittingEmptySubsequences: false)
            return spans.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
        .filter { $0.hasPrefix("<") || $0.hasPrefix("/dev/") }
    }
}
