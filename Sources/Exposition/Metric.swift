/// One metric by name, declared once as a typed constant.
package struct Metric: Hashable, Sendable {
    /// What its values mean to Prometheus.
    package enum Kind: String, Sendable { case counter, gauge }

    package let name: String
    package let kind: Kind
    /// What it says, in one sentence.
    package let help: String
    /// The names of its labels, in the order in which samples give their values.
    package let labels: [String]

    /// Characters that Prometheus does not allow in a name become `_`.
    package init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = []) {
        self.name = Self.clean(name, colons: true)
        self.kind = kind
        self.help = help
        self.labels = labels.map { Self.clean($0, colons: false) }
    }

    /// A value with one text per label; missing ones are empty, surplus ones left out.
    package func sample(_ value: Double, _ labelValues: String...) -> Sample { Sample(value, labelValues) }

    /// A yes or no as one or zero.
    package func sample(_ value: Bool, _ labelValues: String...) -> Sample { Sample(value ? 1 : 0, labelValues) }

    private static func clean(_ name: String, colons: Bool) -> String {
        var bytes = name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                byte
            case UInt8(ascii: ":") where colons: byte
            default: UInt8(ascii: "_")
            }
        }
        if bytes.first.map({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) ?? true {
            bytes.insert(UInt8(ascii: "_"), at: 0)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// One value of a metric.
package struct Sample: Hashable, Sendable {
    package var value: Double
    /// In the order of the metric's labels.
    package var labelValues: [String]

    package init(_ value: Double, _ labelValues: [String] = []) {
        self.value = value
        self.labelValues = labelValues
    }
}
