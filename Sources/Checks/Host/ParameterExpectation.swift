import Basics
package import Procfs
package import Settings

/// What is expected of one kernel parameter: `vm.swappiness <= 10`, `net.ipv4.tcp_rmem = 4096 131072 6291456`.
///
/// Of several values each is compared with its own; `*` stands for any.
package struct ParameterExpectation: Hashable, Sendable, SettingValue {
    /// How the value is compared.
    package enum Comparison: String, Sendable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case atLeast = ">="
        case atMost = "<="
        case greater = ">"
        case less = "<"

        /// Also as other tools spell it.
        init?(_ text: String) {
            switch text {
            case "=", "==", "eq": self = .equal
            case "!=", "ne": self = .notEqual
            case ">=", "ge": self = .atLeast
            case "<=", "le": self = .atMost
            case ">", "gt": self = .greater
            case "<", "lt": self = .less
            default: return nil
            }
        }
    }

    package var name: ParameterName
    package var comparison: Comparison
    package var values: [String]

    package static var typeName: String { "expectation" }
    package static var expectation: String {
        "a parameter, one of = != >= <= > <, and a value, with blanks between: `vm.swappiness <= 10`"
    }
    package static var acceptsLabel: Bool { false }

    package init(setting text: String) throws(Mismatch) {
        let fields = text.split { " \t".contains($0) }.map(String.init)
        guard text.utf8.count <= 4096, text == text.safe(), fields.count >= 3, let name = ParameterName(fields[0]),
            let comparison = Comparison(fields[1])
        else { throw Mismatch(Self.expectation) }
        self.name = name
        self.comparison = comparison
        values = Array(fields[2...])
        guard comparison == .equal || comparison == .notEqual || values.allSatisfy({ $0 == "*" || Number($0) != nil })
        else { throw Mismatch("a number to compare with: `vm.swappiness <= 10`") }
    }

    package var settingText: String { "\(name) \(comparison.rawValue) \(values.joined(separator: " "))" }

    /// Why a value is not what is expected; nil when it is.
    func deviation(of found: [String]) -> String? {
        let text = found.isEmpty ? "empty" : found.joined(separator: " ").safe(limit: 200)
        let wanted = "expected \(comparison.rawValue) \(values.joined(separator: " "))"
        if comparison == .notEqual { return isEqual(found) ? "is \(text), \(wanted)" : nil }
        guard found.count == values.count else {
            return "is \(text), \(wanted): \(found.count) values, not \(values.count)"
        }
        if comparison == .equal { return isEqual(found) ? nil : "is \(text), \(wanted)" }
        for (value, bound) in zip(found, values) where bound != "*" {
            guard let value = Number(value), let bound = Number(bound) else {
                return "is \(text), \(wanted): not a number"
            }
            guard fits(value, bound) else { return "is \(text), \(wanted)" }
        }
        return nil
    }

    private func isEqual(_ found: [String]) -> Bool {
        found.count == values.count
            && zip(found, values).allSatisfy { value, wanted in
                if wanted == "*" || value == wanted { return true }
                guard let value = Number(value), let wanted = Number(wanted) else { return false }
                return value == wanted
            }
    }

    private func fits(_ value: Number, _ bound: Number) -> Bool {
        switch comparison {
        case .equal: value == bound
        case .notEqual: value != bound
        case .atLeast: value >= bound
        case .atMost: value <= bound
        case .greater: value > bound
        case .less: value < bound
        }
    }
}

/// A whole number of any size that the kernel has, or one with a fraction.
private enum Number: Comparable {
    case whole(Int128)
    case fraction(Double)

    init?(_ text: String) {
        if let whole = Int128(text) {
            self = .whole(whole)
        } else if let fraction = Double(text), fraction.isFinite {
            self = .fraction(fraction)
        } else {
            return nil
        }
    }

    private var double: Double {
        switch self {
        case .whole(let value): Double(value)
        case .fraction(let value): value
        }
    }

    static func == (left: Number, right: Number) -> Bool {
        if case (.whole(let left), .whole(let right)) = (left, right) { return left == right }
        return left.double == right.double
    }

    static func < (left: Number, right: Number) -> Bool {
        if case (.whole(let left), .whole(let right)) = (left, right) { return left < right }
        return left.double < right.double
    }
}

extension ParameterName: SettingValue {
    package static var typeName: String { "parameter" }
    package static var expectation: String {
        "a kernel parameter such as `vm.swappiness`; a dot within a name is a slash: `net.ipv4.conf.eth0/100.rp_filter`"
    }
    package static var acceptsLabel: Bool { false }
    package var settingText: String { description }

    package init(setting text: String) throws(Mismatch) {
        guard let name = ParameterName(text) else { throw Mismatch(Self.expectation) }
        self = name
    }
}
