import FoundationEssentials

/// A moment of wall-clock time, in whole milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since the Unix epoch.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// From whole or fractional seconds since the epoch; values outside the range are clamped.
    package init(seconds: Double) {
        milliseconds = Int64(exactly: (seconds * 1000).rounded()) ?? (seconds < 0 ? .min : .max)
    }

    /// Seconds since the epoch.
    package var seconds: Double { Double(milliseconds) / 1000 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Time that passed from `earlier` to this moment; negative when `earlier` is later.
    package func since(_ earlier: Timestamp) -> Duration {
        .milliseconds(milliseconds.subtractingReportingOverflow(earlier.milliseconds).partialValue)
    }

    package static func + (moment: Timestamp, span: Duration) -> Timestamp {
        let (sum, overflow) = moment.milliseconds.addingReportingOverflow(span.wholeMilliseconds)
        return Timestamp(milliseconds: overflow ? .max : sum)
    }

    package static func - (moment: Timestamp, span: Duration) -> Timestamp {
        let (sum, overflow) = moment.milliseconds.subtractingReportingOverflow(span.wholeMilliseconds)
        return Timestamp(milliseconds: overflow ? .min : sum)
    }
}

// MARK: - RFC 3339

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T01:22:34.123Z`.
    package var description: String {
        // The style truncates fractions; half a millisecond keeps binary rounding from losing one.
        Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Reads RFC 3339 with any number of fractional digits (Docker writes nine) and any offset.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        var whole = text
        var fraction = 0.0
        if let dot = text.firstIndex(of: ".") {
            let digits = text[text.index(after: dot)...].prefix(while: \.isASCIIDigit)
            guard !digits.isEmpty, let value = Double("0." + digits) else { return nil }
            fraction = value
            whole = String(text[..<dot]) + text[digits.endIndex...]
        }
        guard let date = try? Date.ISO8601FormatStyle().parse(whole) else { return nil }
        milliseconds = Int64(date.timeIntervalSince1970.rounded()) * 1000 + Int64((fraction * 1000).rounded(.down))
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time: \(text)")
        }
        self = moment
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Character {
    /// Whether the character is one of `0`…`9`.
    package var isASCIIDigit: Bool { self >= "0" && self <= "9" }
}
