import Basics

/// The pages for users, generated from the declarations.
package enum Reference {
    /// A section's settings as a Markdown table; `introduction` stands between what the section is and its settings.
    package static func markdown(for section: any AnySection, introduction: Substring = "") -> String {
        let title = section.key.isEmpty ? "Settings at the top" : "`\(section.key)`"
        var page = "# \(title)\n\n\(section.summary)\n\n\(introduction)"
        if !introduction.isEmpty { page += "## Settings\n\n" }
        if section.isKind {
            page += "Switch it off with `\(section.key): off` or `\(Names.variable([section.key]))=off`"
            page += section.enabledByDefault ? ".\n\n" : "; it is off until it is configured.\n\n"
        }
        switch section.instances {
        case .single: break
        case .named:
            page += "Any number of instances, each with a name: `\(section.key).<name>.<key>`. "
            page += "`\(section.key).defaults.<key>` holds for all of them.\n\n"
        case .both:
            page += "One instance without a name, `\(section.key).<key>`, and any number with names: "
            page += "`\(section.key).<name>.<key>`. `\(section.key).defaults.<key>` holds for all of them.\n\n"
        }
        page += "| key | type | default | environment | label | what it does |\n|---|---|---|---|---|---|\n"
        for shape in section.shapes() {
            let names = ([variable(section, shape)] + shape.alsoFrom).map { "`\($0)`" }.joined(separator: ", ")
            page += "| `\(shape.key)` | \(cell(shape.typeName)) | \(defaultCell(shape)) | \(names) "
            page += "| \(shape.fromLabels ? "yes" : "no") | \(cell(shape.summary)) |\n"
        }
        guard section.shapes().contains(where: \.acceptsFile) else { return page }
        return page
            + "\nText and secrets may also come from a file: add `_file` to the key or `_FILE` to the variable.\n"
    }

    /// One page of every environment variable.
    package static func environment(_ catalogue: Catalogue) -> String {
        var page = """
            # Environment variables

            `__` separates the parts of a name; lists are separated by commas, maps are `key=value,key=value`.
            `<NAME>` is the name of an instance. A name marked * also exists with `_FILE`, which names a file that holds
            the value.

            | variable | type | default | what it does |
            |---|---|---|---|

            """
        for section in catalogue.sections {
            if section.isKind {
                page += "| `\(Names.variable([section.key]))` | boolean | \(section.enabledByDefault) "
                page += "| Switches all of `\(section.key)` on or off. |\n"
            }
            for shape in section.shapes() {
                let names = ([variable(section, shape)] + shape.alsoFrom).map { "`\($0)`" }.joined(separator: ", ")
                page += "| \(names)\(shape.acceptsFile ? " *" : "") | \(cell(shape.typeName)) "
                page += "| \(defaultCell(shape)) | \(cell(shape.summary)) |\n"
            }
        }
        return page
    }

    /// One page of every label that a container may carry.
    package static func labels(_ catalogue: Catalogue) -> String {
        var page = """
            # Container labels

            A label outranks what the file and the environment say about all containers; the command line outranks it.

            | label | type | what it does |
            |---|---|---|

            """
        for label in catalogue.labels {
            page += "| `\(Names.labelPrefix)\(label.key)` | boolean | \(cell(label.summary)) |\n"
        }
        for section in catalogue.sections {
            for shape in section.shapes() where shape.fromLabels {
                let name = Names.labelPrefix + ([section.key] + shape.path).joined(separator: ".")
                page += "| `\(name)` | \(cell(shape.typeName)) | \(cell(shape.summary)) |\n"
            }
        }
        return page
    }

    /// The variable of a setting, `<NAME>` standing for an instance's.
    package static func variable(_ section: any AnySection, _ shape: FieldShape) -> String {
        let base = section.key.isEmpty ? [] : [section.key]
        guard section.instances == .named else { return Names.variable(base + shape.path) }
        return "\(Names.variable(base))__<NAME>__\(Names.variable(shape.path).dropFirst(Names.prefix.count))"
    }

    private static func defaultCell(_ shape: FieldShape) -> String {
        shape.defaultShown.isEmpty ? "" : "`\(cell(shape.defaultShown))`"
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
