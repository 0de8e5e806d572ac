/// A page in Prometheus' text format 0.0.4, written metric by metric.
///
/// Format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
package struct Exposition: Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The page so far.
    package private(set) var utf8: [UInt8] = []
    private var written: Set<String> = []

    package init() {
        utf8.reserveCapacity(16 * 1024)
    }

    package var text: String { String(decoding: utf8, as: UTF8.self) }

    /// Writes a metric with all its samples.
    ///
    /// A metric without samples, or written before, is left out: a second block of one name makes the whole page
    /// invalid. Of two samples with equal labels the first counts.
    package mutating func write(_ metric: Metric, _ samples: [Sample]) {
        guard !samples.isEmpty, written.insert(metric.name).inserted else { return }
        utf8 += "# HELP \(metric.name) ".utf8
        escape(metric.help, quotes: false)
        utf8 += "\n# TYPE \(metric.name) \(metric.kind.rawValue)\n".utf8
        var seen: Set<[String]> = []
        for sample in samples where samples.count == 1 || seen.insert(sample.labelValues).inserted {
            write(sample, of: metric)
        }
    }

    /// Writes a metric that has one value.
    package mutating func write(_ metric: Metric, _ value: Double) {
        write(metric, [Sample(value)])
    }

    private mutating func write(_ sample: Sample, of metric: Metric) {
        utf8 += metric.name.utf8
        if !metric.labels.isEmpty {
            for (index, label) in metric.labels.enumerated() {
                utf8 += (index == 0 ? "{" : ",").utf8
                utf8 += label.utf8
                utf8 += "=\"".utf8
                if index < sample.labelValues.count { escape(sample.labelValues[index], quotes: true) }
                utf8.append(UInt8(ascii: "\""))
            }
            utf8.append(UInt8(ascii: "}"))
        }
        utf8.append(UInt8(ascii: " "))
        utf8 += Self.number(sample.value).utf8
        utf8.append(UInt8(ascii: "\n"))
    }

    private mutating func escape(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): utf8 += "\\\\".utf8
            case UInt8(ascii: "\n"): utf8 += "\\n".utf8
            case UInt8(ascii: "\"") where quotes: utf8 += "\\\"".utf8
            default: utf8.append(byte)
            }
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value.magnitude < 1e15, let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }
}
