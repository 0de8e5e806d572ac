import Alerting
import Basics

/// The list of events within a digest (S9): a line each, made for programs and, shorter, for people.
struct DigestList {
    private struct Line {
        var word: Substring
        var reason: Substring
        var summary: Substring
    }

    private let lines: [Line]

    /// Reads what `line(for:)` wrote, one line per event.
    init(_ text: String) {
        lines = text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
            guard words.count == 6 else { return nil }
            return Line(word: words[1] == "resolved" ? words[1] : words[2], reason: words[3], summary: words[5])
        }
    }

    /// `<id> <status> <severity> <reason> <fingerprint> <summary>`.
    static func line(for event: Event) -> String {
        let words = [
            event.id.description, event.status?.rawValue ?? event.kind.rawValue, event.severity?.rawValue ?? "-",
            event.reason.rawValue, event.fingerprint ?? "-",
        ]
        return words.joined(separator: " ") + " " + event.summary.safe(limit: 200)
    }

    /// First firings and resolves first, as many as fit; what does not is counted.
    func text(limit: Int) -> String {
        let weighty: Set<Substring> = ["fired", "resolved", "gone"]
        let ordered = lines.filter { weighty.contains($0.reason) } + lines.filter { !weighty.contains($0.reason) }
        var result: [String] = []
        var size = 0
        for line in ordered {
            let text = "\(line.word.uppercased()) \(line.summary)".safe(limit: 200)
            size += text.utf8.count + 1
            guard size <= limit else { break }
            result.append(text)
        }
        if result.count < ordered.count { result.append("… and \(ordered.count - result.count) more") }
        return result.joined(separator: "\n")
    }
}
