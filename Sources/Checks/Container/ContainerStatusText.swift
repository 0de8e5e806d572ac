/// What the list's `Status` says for people, read back: `Up 2 hours (healthy)`, `Exited (137) 5 minutes ago`.
///
/// It is all that the list tells of exit code, age and health, so it decides which containers need an inspect.
package struct ContainerStatusText: Sendable, Equatable {
    package var exitCode: Int?
    /// How long ago the present state began, as coarsely as the engine says it.
    package var age: Range<Duration>?
    package var health: ContainerHealth.Status?

    package init(_ text: String) {
        var rest = text.prefix(200)
        if let open = rest.firstIndex(of: "("), let close = rest.firstIndex(of: ")"), open < close {
            let inner = rest[rest.index(after: open)..<close]
            if let code = Int(inner) {
                exitCode = code
                rest = rest[rest.index(after: close)...]
            } else {
                health = Self.health(inner)
                rest = rest[..<open]
            }
        } else if rest.hasPrefix("Up ") {
            rest = rest.dropFirst(3)
        }
        if rest.hasPrefix("Up ") { rest = rest.dropFirst(3) }
        age = Self.age(rest.split(separator: " ").map { $0.lowercased() })
    }

    private static func health(_ text: Substring) -> ContainerHealth.Status? {
        switch text {
        case "healthy": .healthy
        case "unhealthy": .unhealthy
        case "health: starting": .starting
        default: nil
        }
    }

    /// `less than a second`, `about a minute`, `about an hour`, `5 minutes`: go-units rounds hours to the nearest and
    /// cuts everything else.
    private static func age(_ words: [String]) -> Range<Duration>? {
        if words.starts(with: ["less", "than"]) { return .zero..<Duration.seconds(1) }
        if words.starts(with: ["about", "a", "minute"]) { return .seconds(60)..<Duration.seconds(120) }
        if words.starts(with: ["about", "an", "hour"]) { return .seconds(1800)..<Duration.seconds(5400) }
        guard words.count >= 2, let count = Int(words[0]), (0..<100_000).contains(count) else { return nil }
        let unit = words[1].hasSuffix("s") ? String(words[1].dropLast()) : words[1]
        let sizes = ["second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604_800, "month": 2_592_000]
        guard let size = unit == "year" ? 31_536_000 : sizes[unit] else { return nil }
        let early = unit == "hour" ? max(0, count * size - size / 2) : count * size
        return .seconds(early)..<Duration.seconds((count + 1) * size)
    }
}
