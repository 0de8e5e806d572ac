/// A YAML value with the place where it begins.
struct YAMLNode: Sendable {
    var mark: Mark
    var content: Content

    indirect enum Content: Sendable {
        case null
        /// The text as written between its quotes; `plain` when there are none.
        case scalar(String, plain: Bool)
        case list([YAMLNode])
        case map([YAMLMember])
    }

    /// Line and column, both from 1.
    struct Mark: Hashable, Sendable {
        var line: Int
        var column: Int
    }
}

/// One key of a map, where it stands, and its value.
struct YAMLMember: Sendable {
    var key: String
    var mark: YAMLNode.Mark
    var value: YAMLNode
}

/// What is wrong with a document's form, before anybody knows what it means.
struct YAMLFault: Hashable, Sendable {
    var mark: YAMLNode.Mark
    var message: String
    var remedy: String?
}

/// The bounds within which a document is read.
enum YAMLLimits {
    static let bytes = 1 << 20
    static let depth = 16
    static let nodes = 100_000
}
