/// Puts environment variables into a YAML scalar: `${VAR}`, `${VAR:-default}`, and `$$` for a dollar.
///
/// It runs on scalars after parsing, so a variable's value can never become YAML. A lone `$` stays as it is,
/// since patterns end in one.
enum Expansion {
    /// The longest text that expansion may make.
    static let limit = 1 << 16

    struct Failure: Error, Hashable {
        var message: String
        var remedy: String
    }

    static func expand(_ text: String, _ lookup: (String) -> String?) throws(Failure) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "$", rest.first == "$" {
                rest.removeFirst()
                result.append("$")
            } else if character == "$", rest.first == "{" {
                rest.removeFirst()
                result += try value(&rest, lookup)
            } else {
                result.append(character)
            }
            guard result.utf8.count <= limit else {
                throw Failure(message: "longer than 64 KiB after expansion", remedy: "shorten it")
            }
        }
        return result
    }

    /// Takes `VAR}` or `VAR:-default}` from `rest`.
    private static func value(_ rest: inout Substring, _ lookup: (String) -> String?) throws(Failure) -> String {
        guard let close = rest.firstIndex(of: "}") else {
            throw Failure(message: "`${` is never closed", remedy: "write `$$` for a plain dollar")
        }
        let inside = rest[..<close]
        rest = rest[rest.index(after: close)...]
        let name = inside.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" }
        let after = inside[name.endIndex...]
        guard let first = name.first, !first.isNumber, after.isEmpty || after.hasPrefix(":-") else {
            throw Failure(
                message: "`${…}` needs the name of a variable",
                remedy: "write ${NAME} or ${NAME:-default}, and `$$` for a plain dollar"
            )
        }
        let value = lookup(String(name))
        if after.isEmpty {
            guard let value else {
                throw Failure(
                    message: "the variable `\(name)` is not set",
                    remedy: "set it, or write ${\(name):-default}"
                )
            }
            return value
        }
        guard let value, !value.isEmpty else { return String(after.dropFirst(2)) }
        return value
    }
}
