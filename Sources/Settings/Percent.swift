package import Basics

/// A share of a whole: `85%`, or `85` for short.
package struct Percent: Hashable, Comparable, Sendable, SettingValue {
    /// 85 for `85%`.
    package var percent: Double

    package init(_ percent: Double) {
        self.percent = percent
    }

    /// 0.85 for `85%`.
    package var ratio: Double { percent / 100 }

    package static func < (left: Percent, right: Percent) -> Bool { left.percent < right.percent }

    package static var typeName: String { "percent" }
    package static var expectation: String { "a percentage such as 85%" }
    package static var unit: String? { "%" }
    package static var jsonSchema: JSON { ["type": ["string", "number"], "pattern": #"^[0-9]+(\.[0-9]+)? ?%?$"#] }
    package var settingText: String { "\(percent.plainText)%" }

    package init(setting text: String) throws(Mismatch) {
        let digits = (text.hasSuffix("%") ? String(text.dropLast()) : text).trimmed
        guard digits.utf8.count <= 32, digits.allSatisfy({ $0.isASCIIDigit || $0 == "." }), let value = Double(digits),
            value <= 1_000_000
        else { throw Mismatch(Self.expectation) }
        percent = value
    }
}

extension Percent: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    package init(integerLiteral value: Int) { self.init(Double(value)) }
    package init(floatLiteral value: Double) { self.init(value) }
}
