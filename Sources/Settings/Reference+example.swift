import Basics

extension Reference {
    /// A YAML file that names every key at its default, each commented out: remove the `#` to change one.
    ///
    /// A `#` before a space explains; a `#` before a letter is a setting.
    package static func example(_ catalogue: Catalogue) -> String {
        var lines = [
            "# Custos configuration. Every key stands at its default; remove the `#` before one to change it.",
            "# Values may use ${VARIABLE} and ${VARIABLE:-default}; `$$` is a plain dollar.",
        ]
        for section in catalogue.sections {
            lines.append("")
            lines.append("# \(section.summary)")
            if section.key.isEmpty {
                write(section.shapes(), 0, 0, &lines)
                continue
            }
            lines.append("\(section.key):")
            guard section.instances == .named else {
                write(section.shapes(), 0, 1, &lines)
                continue
            }
            lines.append("  #example:")
            write(section.shapes(), 0, 2, &lines)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func write(_ shapes: [FieldShape], _ depth: Int, _ indent: Int, _ lines: inout [String]) {
        let blank = String(repeating: "  ", count: indent)
        var seen: Set<String> = []
        for shape in shapes {
            let key = shape.path[depth]
            guard seen.insert(key).inserted else { continue }
            if shape.path.count > depth + 1 {
                lines.append("\(blank)#\(key):")
                write(shapes.filter { $0.path.count > depth && $0.path[depth] == key }, depth + 1, indent + 1, &lines)
            } else {
                lines.append("\(blank)# \(shape.summary)")
                lines.append("\(blank)#\(key): \(yaml(shape.defaultRaw))")
            }
        }
    }

    /// The value in YAML's flow style.
    private static func yaml(_ raw: RawSetting) -> String {
        switch raw {
        case .null: "null"
        case .text(let text): scalar(text)
        case .list(let items): "[\(items.map(yaml).joined(separator: ", "))]"
        case .map(let pairs): "{\(pairs.map { "\(scalar($0.key)): \(yaml($0.value))" }.joined(separator: ", "))}"
        }
    }

    /// Plain where that is surely safe, else in double quotes.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && !["null", "Null", "NULL", "~"].contains(text)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "._/%".contains($0) }
        guard !isPlain else { return text }
        return JSON.string(text.reduce(into: "") { $0 += $1 == "$" ? "$$" : String($1) }).text
    }
}
