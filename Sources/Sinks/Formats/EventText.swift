import Alerting
import Basics

/// How an event reads to people: shared by every format that a person looks at.
///
/// Whatever a container or the kernel said is bounded and free of control characters here.
struct EventText {
    /// Longest value of a label or annotation, in bytes.
    static let valueLimit = 300
    /// Most labels and annotations shown.
    static let detailLimit = 12

    /// Most bytes of a digest's list.
    static let digestLimit = 2000

    private let event: Event

    init(_ event: Event) {
        self.event = event
    }

    /// `CRITICAL`, `RESOLVED`; nil for an event that is neither.
    var word: String? {
        event.status == .resolved ? "RESOLVED" : event.severity.map { $0.rawValue.uppercased() }
    }

    /// One line: `CRITICAL edge-7: Container grafana is unhealthy`.
    func title(limit: Int) -> String {
        let head = [word, event.node.safe(limit: 100)].compactMap(\.self).joined(separator: " ") + ": "
        return head + event.summary.safe(limit: max(limit - head.utf8.count, 0))
    }

    /// Where and what: `edge-7 · docker · container_health · grafana`.
    var place: String {
        [event.node, event.check, event.measure, event.target].compactMap { $0?.safe(limit: 200) }
            .joined(separator: " · ")
    }

    /// Name and text of everything worth reading besides the title, bounded, in a fixed order.
    var details: [(name: String, text: String)] {
        var details: [(name: String, text: String)] = []
        func add(_ name: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            details.append((name.safe(limit: 60), text.safeLines(limit: Self.valueLimit)))
        }
        if let previous = event.previousSeverity, previous != event.severity { add("was", previous.rawValue) }
        if ![.fired, .resolved, .severityChanged].contains(event.reason), event.status != nil {
            add("reason", event.reason.rawValue)
        }
        add("state", event.state)
        add("value", event.value.map { JSON.number($0).text })
        add("threshold", event.threshold)
        let more = event.annotations.sorted { $0.key < $1.key } + event.labels.sorted { $0.key < $1.key }
        for (name, text) in more.prefix(Self.detailLimit) {
            if event.kind == .digest, name == "events" {
                details.append((name, DigestList(text).text(limit: Self.digestLimit)))
            } else {
                add(name, text)
            }
        }
        if more.count > Self.detailLimit { add("more", "\(more.count - Self.detailLimit) fields") }
        add("runbook", event.runbook)
        return details
    }
}

extension [QueuedEvent] {
    /// One line for the whole batch: the only event's title, or how many there are of which kind.
    func title(limit: Int) -> String {
        if count == 1, let only = first { return EventText(only.event).title(limit: limit) }
        var counts: [(word: String, count: Int)] = []
        for word in map({ EventText($0.event).word ?? "OTHER" }) {
            if let index = counts.firstIndex(where: { $0.word == word }) {
                counts[index].count += 1
            } else {
                counts.append((word, 1))
            }
        }
        let node = first?.event.node.safe(limit: 200) ?? ""
        return "\(node): " + counts.map { "\($0.count) \($0.word)" }.joined(separator: ", ")
    }
}

extension String {
    /// The text without any way to call a whole channel: a mark of no width parts `@` from the words that chats act on.
    var withoutMassMentions: String {
        var result = ""
        var rest = self[...]
        while let sign = rest.firstIndex(of: "@") {
            let after = rest.index(after: sign)
            result += rest[..<after]
            rest = rest[after...]
            let word = rest.prefix { $0.isLetter }.lowercased()
            if ["everyone", "here", "channel", "all"].contains(where: word.hasPrefix) { result += "\u{2060}" }
        }
        return result + rest
    }
}
