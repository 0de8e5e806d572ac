/// How keys and names of instances are spelled and compared.
enum Names {
    /// The form in which two spellings are the same name: `-` counts as `_`.
    static func canonical(_ name: String) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }

    /// Whether an operator may give an instance this name: `[a-z][a-z0-9_-]*`, no `__`, at most 64 bytes.
    static func isInstance(_ name: String) -> Bool {
        guard let first = name.utf8.first, letters.contains(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == dash || $0 == underscore }
            && !canonical(name).contains("__")
    }

    /// A container's name as the name of an instance.
    static func instance(ofContainer name: String) -> String {
        let kept = name.lowercased().utf8.prefix(64).map { byte in
            letters.contains(byte) || digits.contains(byte) || byte == underscore ? byte : dash
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// `CUSTOS_HTTP__GRAFANA__URL` for `["http", "grafana", "url"]`.
    static func variable(_ path: [String]) -> String {
        prefix + path.map { canonical($0).uppercased() }.joined(separator: "__")
    }

    /// What the name of each environment variable of ours starts with.
    static let prefix = "CUSTOS_"

    /// What the name of each container label of ours starts with.
    static let labelPrefix = "custos."

    /// The reserved name whose values all instances of a kind inherit, and the section that all checks inherit.
    static let defaults = "defaults"

    /// The key that switches one instance on or off.
    static let enabled = "enabled"

    /// What a key ends in that names the file holding the value.
    static let fileSuffix = "_file"

    private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let dash = UInt8(ascii: "-")
    private static let underscore = UInt8(ascii: "_")
}
