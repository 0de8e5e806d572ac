package import Basics

/// Checks JSON against the part of JSON Schema (draft 2020-12) that our schemas use.
///
/// Known: `type`, `enum`, `const`, `required`, `properties`, `additionalProperties`, `items`, `minItems`, `minimum`,
/// `maximum`, `pattern`, `anyOf`, `$ref` to `#/$defs/…`. Any other keyword that could refuse something is an error, so
/// that no rule is overlooked.
package struct JSONSchemaValidator {
    private let schema: JSON

    package init(_ schema: JSON) {
        self.schema = schema
    }

    /// Every violation, each with the place it was found at; none for a valid document.
    package func problems(in document: JSON) -> [String] {
        problems(document, schema, at: "$")
    }

    private static let silent: Set = [
        "$schema", "$id", "$defs", "title", "description", "format", "default", "examples", "properties",
    ]

    private func problems(_ value: JSON, _ schema: JSON, at place: String) -> [String] {
        if schema == .bool(true) { return [] }
        guard case .object(let rules) = schema else { return ["\(place): nothing is allowed here"] }
        return rules.flatMap { rule -> [String] in
            switch rule.name {
            case "type":
                return Self.fits(value, type: rule.value) ? [] : ["\(place): wrong type, expected \(rule.value.text)"]
            case "enum": return rule.value.items.contains(value) ? [] : ["\(place): not one of \(rule.value.text)"]
            case "const": return rule.value == value ? [] : ["\(place): not \(rule.value.text)"]
            case "required":
                return rule.value.items.compactMap(\.stringValue).filter { isObject(value) && value[$0] == nil }
                    .map { "\(place): lacks \($0)" }
            case "additionalProperties": return additional(value, rule.value, of: schema, at: place)
            case "items":
                return value.items.enumerated().flatMap { problems($1, rule.value, at: "\(place)[\($0)]") }
            case "minItems":
                return Self.number(rule.value).map { Double(value.items.count) >= $0 } ?? false
                    ? [] : ["\(place): too few items"]
            case "minimum": return Self.compare(value, rule.value, >=) ? [] : ["\(place): too small"]
            case "maximum": return Self.compare(value, rule.value, <=) ? [] : ["\(place): too large"]
            case "pattern": return pattern(value, rule.value, at: place)
            case "anyOf":
                return rule.value.items.contains { problems(value, $0, at: place).isEmpty }
                    ? [] : ["\(place): fits no choice"]
            case "$ref":
                return reference(rule.value).map { problems(value, $0, at: place) } ?? ["\(place): dangling $ref"]
            case _ where Self.silent.contains(rule.name): return []
            default: return ["\(place): the validator does not know `\(rule.name)`"]
            }
        } + known(value, schema, at: place)
    }

    private func known(_ value: JSON, _ schema: JSON, at place: String) -> [String] {
        guard case .object(let members)? = schema["properties"], isObject(value) else { return [] }
        return members.flatMap { member in
            value[member.name].map { problems($0, member.value, at: "\(place).\(member.name)") } ?? []
        }
    }

    private func additional(_ value: JSON, _ rule: JSON, of schema: JSON, at place: String) -> [String] {
        guard case .object(let members) = value else { return [] }
        return members.filter { schema["properties"]?[$0.name] == nil }
            .flatMap { problems($0.value, rule, at: "\(place).\($0.name)") }
    }

    private func pattern(_ value: JSON, _ rule: JSON, at place: String) -> [String] {
        guard let text = value.stringValue else { return [] }
        guard let pattern = rule.stringValue, let expression = try? Regex(pattern) else {
            return ["\(place): the schema's pattern is broken"]
        }
        return text.firstMatch(of: expression) == nil ? ["\(place): does not match \(pattern)"] : []
    }

    private func reference(_ rule: JSON) -> JSON? {
        let path = (rule.stringValue ?? "").split(separator: "/")
        guard path.first == "#" else { return nil }
        return path.dropFirst().reduce(schema as JSON?) { $0?[String($1)] }
    }

    private func isObject(_ value: JSON) -> Bool {
        if case .object = value { true } else { false }
    }

    private static func fits(_ value: JSON, type: JSON) -> Bool {
        if case .array(let types) = type { return types.contains { fits(value, type: $0) } }
        return switch (type.stringValue, value) {
        case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number),
            ("string", .string), ("array", .array), ("object", .object):
            true
        default: false
        }
    }

    private static func number(_ value: JSON) -> Double? {
        switch value {
        case .integer(let whole): Double(whole)
        case .number(let number): number
        default: nil
        }
    }

    /// Numbers are compared; a bound says nothing of other types.
    private static func compare(_ value: JSON, _ bound: JSON, _ fits: (Double, Double) -> Bool) -> Bool {
        guard let value = number(value), let bound = number(bound) else { return true }
        return fits(value, bound)
    }
}
