/// Limits for what containers' owners write: text is kept as it came, but never too much of it.
enum BoundedText {
    static let valueLimit = 4 << 10
    static let totalLimit = 64 << 10

    /// At most `limit` bytes of the text.
    static func prefix(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }

    /// The labels, or an event's attributes, within both limits.
    ///
    /// Long values are cut. Where the total is too much, what identifies a container and what is ours come first,
    /// then the rest by name, as far as there is room.
    static func labels(_ labels: [String: String]) -> [String: String] {
        var total = 0
        var isLong = false
        for (name, value) in labels {
            total += name.utf8.count + value.utf8.count
            isLong = isLong || value.utf8.count > valueLimit
        }
        guard isLong || total > totalLimit else { return labels }
        var kept: [String: String] = [:]
        var room = totalLimit
        for name in labels.keys.sorted(by: { (rank($0), $0) < (rank($1), $1) }) {
            let value = prefix(labels[name] ?? "", valueLimit)
            let size = name.utf8.count + value.utf8.count
            guard size <= room else { continue }
            room -= size
            kept[name] = value
        }
        return kept
    }

    private static func rank(_ name: String) -> Int {
        if ["name", "image", "exitCode", "execDuration", "signal", "oldName"].contains(name) { return 0 }
        if name.hasPrefix("com.docker.compose.") || name.hasPrefix("com.docker.swarm.") { return 1 }
        return name.hasPrefix("custos.") ? 2 : 3
    }
}
