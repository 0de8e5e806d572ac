import Basics
import CYAML

/// Reads one YAML document into nodes through libyaml's events.
///
/// Only scalars, lists and maps: no anchors and aliases (so nothing can multiply), no tags, no second document.
/// Scalars keep their text. Depth, nodes and bytes are bounded.
struct YAMLReader: ~Copyable {
    private var parser = yaml_parser_t()
    private var nodes = 0
    private(set) var faults: [YAMLFault] = []
    private let bytes: [UInt8]

    /// Reading stopped; the fault says why.
    private struct Stop: Error {}

    /// The document's root, as far as it could be read, and everything wrong with its form.
    static func read(_ bytes: [UInt8]) -> (root: YAMLNode?, faults: [YAMLFault]) {
        let start = YAMLNode.Mark(line: 1, column: 1)
        guard bytes.count <= YAMLLimits.bytes else {
            return (nil, [YAMLFault(mark: start, message: "the file is larger than 1 MiB and was not read")])
        }
        var reader = YAMLReader(bytes)
        let root = reader.document()
        return (root, reader.faults)
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func document() -> YAMLNode? {
        guard yaml_parser_initialize(&parser) == 1 else { return nil }
        defer { yaml_parser_delete(&parser) }
        // UTF-8 is said, not guessed: a byte order mark must not make other encodings of the same file.
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        let text = bytes
        return text.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            return try? wholeDocument()
        }
    }

    private mutating func wholeDocument() throws(Stop) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try next()
            switch event.kind {
            case .streamStart, .documentStart, .documentEnd: continue
            case .streamEnd: return root
            case .content where root != nil:
                faults.append(
                    YAMLFault(
                        mark: event.mark,
                        message: "a second document is not allowed",
                        remedy: "keep one per file"
                    )
                )
                return root
            case .content(let content): root = try node(content, event.mark, depth: 1)
            }
        }
    }

    private mutating func node(_ content: Content, _ mark: YAMLNode.Mark, depth: Int) throws(Stop) -> YAMLNode {
        nodes += 1
        guard nodes <= YAMLLimits.nodes else { throw stop(mark, "more than \(YAMLLimits.nodes) values") }
        guard depth <= YAMLLimits.depth else { throw stop(mark, "nested more than \(YAMLLimits.depth) levels deep") }
        switch content {
        case .scalar(let text, let plain):
            let isNull = plain && ["", "~", "null", "Null", "NULL"].contains(text)
            return YAMLNode(mark: mark, content: isNull ? .null : .scalar(text, plain: plain))
        case .alias:
            tellOnce(YAMLFault(mark: mark, message: "aliases are not supported", remedy: "write the value out"))
            return YAMLNode(mark: mark, content: .null)
        case .listStart: return YAMLNode(mark: mark, content: .list(try list(depth: depth)))
        case .mapStart: return YAMLNode(mark: mark, content: .map(try map(depth: depth)))
        case .end: throw stop(mark, "unexpected end")
        }
    }

    private mutating func list(depth: Int) throws(Stop) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let (content, mark) = try nextContent()
            if case .end = content { return items }
            items.append(try node(content, mark, depth: depth + 1))
        }
    }

    private mutating func map(depth: Int) throws(Stop) -> [YAMLMember] {
        var members: [YAMLMember] = []
        var lines: [String: Int] = [:]
        while true {
            let (content, mark) = try nextContent()
            if case .end = content { return members }
            let name = try node(content, mark, depth: depth + 1)
            let (valueContent, valueMark) = try nextContent()
            let value = try node(valueContent, valueMark, depth: depth + 1)
            let key: String
            switch name.content {
            case .scalar(let text, _): key = text
            case .null: key = "null"
            case .list, .map:
                faults.append(YAMLFault(mark: mark, message: "a key must be text"))
                continue
            }
            if let line = lines.updateValue(mark.line, forKey: key) {
                faults.append(
                    YAMLFault(
                        mark: mark,
                        message: "duplicate key `\(key.safe(limit: 64))`, first on line \(line)",
                        remedy: "keep one of them"
                    )
                )
            } else {
                members.append(YAMLMember(key: key, mark: mark, value: value))
            }
        }
    }

    /// Notes a fault of which one example is enough.
    private mutating func tellOnce(_ fault: YAMLFault) {
        if !faults.contains(where: { $0.message == fault.message }) { faults.append(fault) }
    }

    private mutating func stop(_ mark: YAMLNode.Mark, _ message: String) -> Stop {
        faults.append(YAMLFault(mark: mark, message: message))
        return Stop()
    }
}

// MARK: - libyaml's events

extension YAMLReader {
    private enum Content {
        case scalar(String, plain: Bool)
        case alias, listStart, mapStart, end
    }

    private enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case content(Content)
    }

    private mutating func nextContent() throws(Stop) -> (content: Content, mark: YAMLNode.Mark) {
        let event = try next()
        guard case .content(let content) = event.kind else { throw stop(event.mark, "unexpected end") }
        return (content, event.mark)
    }

    private mutating func next() throws(Stop) -> (kind: Kind, mark: YAMLNode.Mark) {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
            faults.append(syntaxFault())
            throw Stop()
        }
        defer { yaml_event_delete(&event) }
        let mark = Self.mark(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return (.streamStart, mark)
        case YAML_DOCUMENT_START_EVENT: return (.documentStart, mark)
        case YAML_DOCUMENT_END_EVENT: return (.documentEnd, mark)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            refuse(anchor: scalar.anchor, tag: scalar.tag, mark)
            let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let plain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return (.content(.scalar(String(decoding: text, as: UTF8.self), plain: plain)), mark)
        case YAML_SEQUENCE_START_EVENT:
            refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, mark)
            return (.content(.listStart), mark)
        case YAML_MAPPING_START_EVENT:
            refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, mark)
            return (.content(.mapStart), mark)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return (.content(.end), mark)
        case YAML_ALIAS_EVENT: return (.content(.alias), mark)
        default: return (.streamEnd, mark)
        }
    }

    private mutating func refuse(
        anchor: UnsafeMutablePointer<UInt8>?,
        tag: UnsafeMutablePointer<UInt8>?,
        _ mark: YAMLNode.Mark
    ) {
        if anchor != nil {
            tellOnce(YAMLFault(mark: mark, message: "anchors are not supported", remedy: "write the value out"))
        }
        if tag != nil {
            tellOnce(YAMLFault(mark: mark, message: "tags are not supported", remedy: "remove the `!…`"))
        }
    }

    /// What libyaml says about the place where it gave up, put into an operator's words where we know better.
    private func syntaxFault() -> YAMLFault {
        let reason = parser.problem.map { String(cString: $0) } ?? "cannot be read"
        guard parser.error != YAML_READER_ERROR else {
            let place = YAMLText.mark(of: parser.problem_offset, in: bytes)
            return YAMLFault(mark: place, message: "not UTF-8 text: \(reason)", remedy: "save the file as UTF-8")
        }
        let mark = Self.mark(parser.problem_mark)
        if let tab = YAMLText.indentingTab(onLine: mark.line, of: bytes) {
            return YAMLFault(mark: tab, message: "a tab in the indentation", remedy: "YAML wants spaces")
        }
        let context = parser.context.map { String(cString: $0) + ": " } ?? ""
        let start = Self.mark(parser.context_mark).line
        let begun = parser.context != nil && start != mark.line ? " (begun on line \(start))" : ""
        // Globs and cron expressions begin with what has a meaning of its own in YAML.
        let isSpecial = context.contains("alias") || reason.contains("cannot start any token")
        let remedy = isSpecial ? "put a value that begins with `*`, `@`, `&`, `%` or a backtick into quotes" : nil
        return YAMLFault(mark: mark, message: "not valid YAML: \(context)\(reason)\(begun)", remedy: remedy)
    }

    private static func mark(_ mark: yaml_mark_t) -> YAMLNode.Mark {
        YAMLNode.Mark(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

/// Finding places in a document's bytes.
private enum YAMLText {
    static func mark(of offset: Int, in bytes: [UInt8]) -> YAMLNode.Mark {
        let before = bytes.prefix(offset)
        let lastBreak = before.lastIndex(of: newline)
        return YAMLNode.Mark(
            line: before.count { $0 == newline } + 1,
            column: before.count - (lastBreak.map { $0 + 1 } ?? 0) + 1
        )
    }

    /// The first tab among the blanks that begin a line.
    static func indentingTab(onLine line: Int, of bytes: [UInt8]) -> YAMLNode.Mark? {
        let lines = bytes.split(separator: newline, maxSplits: line, omittingEmptySubsequences: false)
        guard line <= lines.count else { return nil }
        let blanks = lines[line - 1].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard let tab = blanks.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
        return YAMLNode.Mark(line: line, column: tab - blanks.startIndex + 1)
    }

    private static let newline = UInt8(ascii: "\n")
}
