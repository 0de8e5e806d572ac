import Basics
import Settings

/// An explanation for people and as JSON.
struct ExplanationText {
    private let explanation: Explanation

    init(_ explanation: Explanation) {
        self.explanation = explanation
    }

    var text: String {
        switch explanation {
        case .setting(let setting): Self.text(setting)
        case .section(let section): Self.text(section)
        case .label(let label): "custos.\(label.key), a label on a container\n\(label.summary)\n"
        case .unknown: ""
        }
    }

    /// `custos.explanation/1`.
    var json: JSON {
        switch explanation {
        case .setting(let setting): Self.json(setting)
        case .section(let section):
            [
                "schema": Self.schema, "key": .string(section.path), "summary": .string(section.summary),
                "configured": .bool(section.isConfigured),
                "settings": .array(
                    section.settings.map { [.init("key", .string($0.path))] + Self.members($0) }.map { .object($0) }
                ),
            ]
        case .label(let label):
            [
                "schema": Self.schema, "label": .string("custos.\(label.key)"), "summary": .string(label.summary),
            ]
        case .unknown: .null
        }
    }

    private static let schema: JSON = "custos.explanation/1"
}

// MARK: - For people

extension ExplanationText {
    private static func text(_ setting: ExplainedSetting) -> String {
        let shape = setting.shape
        var lines: [(name: String, text: String)] = []
        if let value = setting.value {
            lines.append(("from", "\(value.origin)"))
            lines += value.shadows.map { ("over", "\(shown($0.shown)) from \($0.origin)") }
        } else {
            let names = setting.instances.isEmpty ? "" : "; there are \(setting.instances.joined(separator: ", "))"
            lines.append(("from", "nowhere: no such instance is configured\(names)"))
        }
        lines += setting.problems.map { ("problem", "\($0)") }
        let facts: [(String, String?)] = [
            ("type", shape.choices.isEmpty ? shape.typeName : "choice"),
            ("expects", shape.expectation + (shape.isSecret ? "; never shown" : "")),
            ("unit", shape.unit),
            ("default", shown(shape.defaultShown)),
            ("variable", ([setting.variable] + shape.alsoFrom).joined(separator: ", or ")),
            ("file", setting.fileSpellings.map { "\($0.variable) or \($0.path), the file that holds the value" }),
            ("label", setting.label.map { "\($0), for the container that carries it" } ?? "none may set it"),
        ]
        let title = setting.value.map { "\(setting.path) = \(shown($0.shown))" } ?? setting.path
        return title + "\n" + rows(lines) + shape.summary + "\n"
            + rows(facts.compactMap { name, text in text.map { (name, $0) } })
    }

    private static func text(_ section: ExplainedSection) -> String {
        var table = Table(["SETTING", "VALUE", "ORIGIN"])
        for setting in section.settings { table.add([setting.path, shown(setting.shown), "\(setting.origin)"]) }
        let note = section.isConfigured ? "" : "Not configured; it would begin with these values.\n"
        return "\(section.path): \(section.summary)\n\(note)\n\(table.text)"
    }

    private static func rows(_ rows: [(name: String, text: String)]) -> String {
        rows.map { "  \($0.name)\(String(repeating: " ", count: 10 - $0.name.count))\($0.text)\n" }.joined()
    }

    /// A value that nothing would be seen of is still a value.
    private static func shown(_ value: String) -> String { value.isEmpty ? "\"\"" : value.safe() }
}

// MARK: - For programs

extension ExplanationText {
    private static func json(_ setting: ExplainedSetting) -> JSON {
        let shape = setting.shape
        var members: [JSON.Member] = [.init("schema", schema), .init("key", .string(setting.path))]
        members.append(.init("configured", .bool(setting.value != nil)))
        members += setting.value.map(Self.members) ?? []
        members += [
            .init("problems", .array(setting.problems.map { .string("\($0)") })),
            .init("summary", .string(shape.summary)),
            .init("type", .string(shape.typeName)),
            .init("choices", .array(shape.choices.map { .string($0) })),
            .init("expected", .string(shape.expectation)),
            .init("unit", .string(shape.unit)),
            .init("secret", .bool(shape.isSecret)),
            .init("default", .string(shape.defaultShown)),
            .init("variable", .string(setting.variable)),
            .init("variable_file", .string(setting.fileSpellings?.variable)),
            .init("also_from", .array(shape.alsoFrom.map { .string($0) })),
            .init("label", .string(setting.label)),
        ]
        return .object(members)
    }

    private static func members(_ value: Effective) -> [JSON.Member] {
        [
            .init("value", .string(value.shown)),
            .init("origin", .string("\(value.origin)")),
            .init(
                "shadows",
                .array(value.shadows.map { ["value": .string($0.shown), "origin": .string("\($0.origin)")] })
            ),
        ]
    }
}
