/// Text in `mdoc(7)`, the manual pages' markup: whatever is put in comes out as plain words.
struct Mdoc {
    private(set) var text = ""

    /// A tag and what is said of it.
    typealias Item = (tag: Tag, text: String)

    /// What a list explains.
    enum Tag {
        case plain(String)
        case command(String)
        /// A positional argument.
        case argument(String)
        /// The spellings of an option without the first dash, and what its value is called.
        case options([String], value: String?)
        case variable([String])
        case path(String)

        fileprivate var macros: String {
            switch self {
            case .plain(let text): Mdoc.word(text)
            case .command(let name): "Cm " + Mdoc.word(name)
            case .argument(let name): "Ar " + Mdoc.word(name)
            case .options(let names, let value):
                names.map { "Fl " + Mdoc.word($0) }.joined(separator: " , ")
                    + (value.map { " Ar " + Mdoc.word($0) } ?? "")
            case .variable(let names): names.map { "Ev " + Mdoc.word($0) }.joined(separator: " , ")
            case .path(let path): "Pa " + Mdoc.word(path)
            }
        }
    }

    mutating func macro(_ name: String, _ arguments: String = "") {
        text += arguments.isEmpty ? ".\(name)\n" : ".\(name) \(arguments)\n"
    }

    mutating func section(_ title: String) { macro("Sh", title) }

    mutating func subsection(_ title: String) { macro("Ss", title) }

    /// Sentences, each beginning a line as the formatter wants them.
    mutating func plain(_ sentences: String) {
        for sentence in Self.sentences(sentences) {
            var length = 0
            for word in Self.escapeMarked(sentence).split(separator: " ") {
                let isFirst = length == 0 || length + word.utf8.count > 78
                var guarded = isFirst && (word.hasPrefix(".") || word.hasPrefix("'")) ? "\\&" + word : String(word)
                // A long list: the formatter may break it behind a comma.
                if word.utf8.count > 78 { guarded = guarded.replacing(",", with: ",\\:") }
                if isFirst { text += length == 0 ? "" : "\n" } else { text += " " }
                text += guarded
                length = isFirst ? guarded.utf8.count : length + 1 + guarded.utf8.count
            }
            text += "\n"
        }
    }

    mutating func paragraph(_ sentences: String) {
        // A section begins with a paragraph by itself.
        let isFirst = text.split(separator: "\n").last.map { $0.hasPrefix(".Sh ") || $0.hasPrefix(".Ss ") } ?? true
        if !isFirst { macro("Pp") }
        plain(sentences)
    }

    /// Lines as they are, indented.
    mutating func literal(_ lines: String) {
        macro("Bd", "-literal -offset indent")
        for line in lines.split(separator: "\n") { text += "\\&" + Self.escapeMarked(String(line)) + "\n" }
        macro("Ed")
    }

    mutating func list(_ items: [Item]) {
        guard !items.isEmpty else { return }
        macro("Bl", "-tag -width Ds")
        for item in items {
            macro("It", item.tag.macros)
            plain(item.text)
        }
        macro("El")
    }

    /// One argument of a macro, which neither ends early nor is taken for another macro.
    private static func word(_ text: String) -> String {
        let escaped = escape(text)
        // As `No` or `Brq`.
        let isMacro = (2...3).contains(escaped.utf8.count) && escaped.first?.isUppercase == true
        let guarded = isMacro ? "\\&" + escaped : escaped
        return guarded.contains(" ") ? "\"\(guarded.replacing("\"", with: "\\(dq"))\"" : guarded
    }

    /// Escaped text in which what stands between backticks is bold.
    private static func escapeMarked(_ text: String) -> String {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false).map { escape(String($0)) }
        var result = ""
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch (index.isMultiple(of: 2), isLast) {
            case (true, _): result += part
            case (false, false): result += "\\fB\(part)\\fP"
            // A backtick without its fellow is one.
            case (false, true): result += "\\(ga\(part)"
            }
        }
        return result
    }

    /// Backslashes, dashes that are meant as such, and what is not ASCII.
    private static func escape(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "`": result += "\\(ga"
            case _ where !scalar.isASCII: result += "\\[u" + hexadecimal(scalar.value) + "]"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func sentences(_ text: String) -> [String] {
        var sentences = [""]
        var previous: Character = " "
        for character in text {
            if character == " ", ".!?".contains(previous), !sentences[sentences.count - 1].isEmpty {
                sentences.append("")
            } else {
                sentences[sentences.count - 1].append(character)
            }
            previous = character
        }
        return sentences.filter { !$0.isEmpty }
    }
}
