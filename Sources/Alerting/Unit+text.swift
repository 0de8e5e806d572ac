extension Unit {
    /// A value as people read it: `91.2 %`, `1.4 GiB`, `350 ms`.
    package func text(_ value: Double) -> String {
        guard value.isFinite else { return "not a number" }
        switch self {
        case .ratio: return "\((value * 100).short) %"
        case .bytes: return Self.bytes(value)
        case .seconds: return Self.seconds(value)
        case .celsius: return "\(value.short) °C"
        case .perSecond: return "\(value.short)/s"
        case .total, .none: return value.short
        }
    }

    private static func bytes(_ value: Double) -> String {
        var amount = value
        for name in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if abs(amount) < 1024 { return "\(amount.short) \(name)" }
            amount /= 1024
        }
        return "\(amount.short) PiB"
    }

    private static func seconds(_ value: Double) -> String {
        guard abs(value) < 1e9 else { return "\(value.short) s" }
        if abs(value) < 0.001 { return value == 0 ? "0 s" : "\((value * 1_000_000).short) µs" }
        if abs(value) < 1 { return "\((value * 1000).short) ms" }
        return abs(value) < 60 ? "\(value.short) s" : Duration.seconds(Int64(value.rounded())).rough
    }
}

extension Double {
    /// At most one decimal where the number is large, three significant ones where it is small; whole numbers are
    /// whole.
    var short: String {
        if magnitude >= 1e15 { return description }
        var scale = 10.0
        while magnitude * scale < 100, scale < 1e6, magnitude > 0, magnitude < 1 { scale *= 10 }
        let rounded = (self * scale).rounded() / scale
        return Int64(exactly: rounded).map(String.init) ?? rounded.description
    }

    /// Exact, without `.0` on whole numbers: for thresholds.
    var plain: String {
        magnitude < 1e15 ? Int64(exactly: self).map(String.init) ?? description : description
    }
}
