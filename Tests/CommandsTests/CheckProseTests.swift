import Checks
import Daemon
import Settings
import TestSupport
import Testing

/// What people write about a check must keep up with its declaration.
@Suite struct CheckProseTests {
    private static let kinds = CheckCatalogue.all.map { $0.kind }

    @Test("every kind of check has a text, and no text lacks its kind")
    func everyKindHasAText() throws {
        #expect(try CheckProse.kinds() == Self.kinds)
    }

    @Test("a text has all sections, in order, and none is empty", arguments: kinds)
    func sections(kind: String) throws {
        let titles = try CheckProse.text(kind).split(separator: "\n").filter { $0.hasPrefix("#") }
        #expect(titles.map { String($0) } == CheckProse.sections.map { "## \($0)" })
        for title in CheckProse.sections {
            let text = try CheckProse.section(title, of: kind).joined()
            #expect(text.count > 100, "\(kind): \(title)")
        }
    }

    @Test("every number and every choice that is a default has its reason, beside its value as it is", arguments: kinds)
    func reasons(kind: String) throws {
        let text = try CheckProse.section("Why these numbers", of: kind).joined(separator: " ")
            .split(separator: " ").joined(separator: " ")
        let section = try #require(ConfigurationCatalogue.all.sections.first { $0.key == kind })
        let common = section.commonKeys.union(["enabled"])
        for shape in section.shapes() where !common.contains(shape.key) {
            let isSaid =
                shape.defaultShown.isEmpty || shape.defaultShown == "off" || shape.typeName == "boolean"
                || shape.typeName.hasPrefix("list of") || shape.typeName.hasPrefix("map of")
                || text.contains("`\(shape.key)` \(shape.defaultShown)")
            #expect(isSaid, "\(kind): no reason why `\(shape.key)` is \(shape.defaultShown)")
        }
    }

    @Test("the guide names every check and what it reads", arguments: kinds)
    func guide(kind: String) throws {
        let guide = String(decoding: try TestFolder.read("docs/guides/what-each-check-needs.md"), as: UTF8.self)
        let row = try #require(guide.split(separator: "\n").first { $0.hasPrefix("| `\(kind)` ") })
        for file in try CheckProse.files(kind) {
            let name = Self.name(in: file)
            #expect(row.contains(name), "\(kind): \(name) of \(file)")
        }
    }

    @Test("the links of a page lead somewhere", arguments: kinds)
    func links(kind: String) throws {
        for link in try CheckProse.text(kind).split(separator: "](").dropFirst() {
            let target = link.prefix { $0 != ")" }
            #expect(throws: Never.self, "\(kind): \(target)") { try TestFolder.read("docs/reference/checks/\(target)") }
        }
    }

    @Test("a page that says how many kinds there are says it right")
    func count() throws {
        let page = String(decoding: try TestFolder.read("docs/comparison.md"), as: UTF8.self)
        #expect(page.contains("[\(Self.kinds.count) kinds of checks]"))
    }

    /// What a short list calls a file: the folder whose entries have any name, else the last part.
    private static func name(in file: String) -> Substring {
        let parts = file.split(separator: "/").dropFirst()
        func isAny(_ part: Substring) -> Bool { part.hasPrefix("<") || part == "…" }
        guard let place = parts.firstIndex(where: isAny), place > parts.startIndex else { return parts.last ?? "" }
        return parts[place - 1]
    }
}
