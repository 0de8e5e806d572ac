package import Basics

/// A size: `512Ki`, `10MB`, `1.5GiB`; a bare number counts bytes.
///
/// `k M G T` are powers of 1000, `Ki Mi Gi Ti` of 1024, each with or without a final `B`.
package struct ByteCount: Hashable, Comparable, Sendable, SettingValue {
    package var bytes: Int64

    package init(_ bytes: Int64) {
        self.bytes = bytes
    }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    package static var typeName: String { "size" }
    package static var expectation: String { "a size such as 512KiB, 10MB or 1.5GiB" }
    package static var unit: String? { "bytes; kB, MB, GB, TB or KiB, MiB, GiB, TiB" }
    package static var jsonSchema: JSON {
        ["type": ["string", "integer"], "pattern": #"^[0-9]+(\.[0-9]+)? ?([kKMGT]i?)?B?$"#]
    }

    /// The shortest exact spelling.
    package var settingText: String {
        let unit = Self.units.first { bytes != 0 && bytes % $0.size == 0 } ?? (name: "B", size: 1)
        return "\(bytes / unit.size)\(unit.name)"
    }

    package init(setting text: String) throws(Mismatch) {
        let digits = text.prefix { $0.isASCIIDigit || $0 == "." }
        var unit = String(text[digits.endIndex...]).trimmed
        if !unit.hasSuffix("B") { unit += "B" }
        let scale = unit == "B" ? 1 : Self.units.first { $0.name.uppercased() == unit.uppercased() }?.size
        guard digits.utf8.count <= 32, let amount = Double(digits), let scale,
            let value = Int64(exactly: (amount * Double(scale)).rounded())
        else { throw Mismatch(Self.expectation) }
        bytes = value
    }

    private static let units: [(name: String, size: Int64)] = [
        ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000),
        ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("kB", 1000),
    ]
}

extension ByteCount: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self.init(value) }
}
