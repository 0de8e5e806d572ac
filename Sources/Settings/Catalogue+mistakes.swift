extension Catalogue {
    /// What is wrong with the declarations themselves: for a test over the whole catalogue.
    package var mistakes: [String] {
        var mistakes: [String] = []
        var keys: Set<String> = []
        for section in sections {
            if !keys.insert(section.key).inserted { mistakes.append("two sections are named `\(section.key)`") }
            if !section.key.isEmpty, !Self.isKey(section.key) { mistakes.append("`\(section.key)` is not a key") }
            var fields: Set<String> = []
            let shapes = section.shapes()
            for shape in shapes {
                let name = section.key.isEmpty ? shape.key : "\(section.key).\(shape.key)"
                if !fields.insert(shape.key).inserted { mistakes.append("`\(name)` is declared twice") }
                if !shape.path.allSatisfy(Self.isKey) { mistakes.append("`\(name)` is not a key") }
                if shape.path.first == Names.defaults { mistakes.append("`\(name)`: `defaults` is reserved") }
                if shape.summary.isEmpty || !".?!".contains(shape.summary.suffix(1)) {
                    mistakes.append("`\(name)`: the summary is not a sentence")
                }
                // The default must be a valid value, or the example would not resolve.
                if !shape.isSecret, let mismatch = shape.check(shape.defaultRaw), shape.defaultRaw != .text("") {
                    mistakes.append("`\(name)`: its default is not \(mismatch.expected)")
                }
            }
            for shape in shapes where shape.acceptsFile && fields.contains(shape.key + Names.fileSuffix) {
                mistakes.append("`\(section.key).\(shape.key)` and its file's key collide")
            }
        }
        return mistakes
    }

    /// `[a-z][a-z0-9_]*` without `__` and without a final `_`.
    private static func isKey(_ key: String) -> Bool {
        Names.isInstance(key) && !key.contains("-") && !key.hasSuffix("_")
    }
}
