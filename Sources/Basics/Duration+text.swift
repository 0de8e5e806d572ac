extension Duration {
    /// Whole milliseconds, rounded towards zero and clamped.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }

    /// Seconds as a floating-point number.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// Reads `500ms`, `30s`, `1m30s`, `2h`, `3d`, `1w`; nil for anything else, a bare number included.
    ///
    /// A bare `0` is accepted, since it needs no unit.
    package init?(text: some StringProtocol) {
        if text == "0" {
            self = .zero
            return
        }
        var total = 0.0
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCIIDigit || $0 == "." }
            rest = rest[digits.endIndex...]
            let unit = rest.prefix { !$0.isASCIIDigit && $0 != "." }
            rest = rest[unit.endIndex...]
            guard let amount = Double(digits), let scale = Self.scales[String(unit)] else { return nil }
            total += amount * scale
        }
        guard total.isFinite, total <= 1e11 else { return nil }
        self = .milliseconds(Int64((total * 1000).rounded()))
    }

    /// The shortest exact spelling that `init(text:)` reads back, from days down to milliseconds: `1m30s`.
    package var text: String {
        var left = wholeMilliseconds
        guard left != 0 else { return "0s" }
        var text = left < 0 ? "-" : ""
        left = left < 0 ? (left == .min ? .max : -left) : left
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
        for (unit, size) in units where left >= size {
            text += "\(left / size)\(unit)"
            left %= size
        }
        return text
    }

    private static let scales: [String: Double] = [
        "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800,
    ]
}
