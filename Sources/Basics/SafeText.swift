extension String {
    /// Text from outside made fit for a terminal, a log line and a label: control characters become `�`, and what
    /// exceeds `limit` bytes is cut at a character's border and ends in `…`.
    package func safe(limit: Int = 4096) -> String {
        var result = ""
        var size = 0
        for scalar in unicodeScalars {
            let shown: Unicode.Scalar = Self.isUnsafe(scalar) ? "\u{FFFD}" : scalar
            size += UTF8.width(shown)
            guard size <= limit else { return result + "…" }
            result.unicodeScalars.append(shown)
        }
        return result
    }

    /// `safe(limit:)` that keeps line breaks.
    package func safeLines(limit: Int) -> String {
        var result = ""
        // Split by scalars: a CR before the LF would be one character with it.
        for line in unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            let left = limit - result.utf8.count
            guard left > 0 else { return result + "…" }
            let text = String(line.last == "\r" ? line.dropLast() : line)
            result += (result.isEmpty ? "" : "\n") + text.safe(limit: left)
        }
        return result
    }

    /// C0 and C1 controls, and the marks that reorder or hide text.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
