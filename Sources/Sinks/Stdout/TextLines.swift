import Alerting
import Basics

/// An event as a person at a terminal reads it: one line, and a second one with the evidence where there is any.
struct TextLines: Sendable {
    var coloured: Bool
    /// Seconds east of UTC at a moment.
    var offset: @Sendable (Timestamp) -> Int

    func text(_ event: Event) -> String {
        let text = EventText(event)
        let word = text.word ?? event.reason.rawValue.uppercased()
        let padded = word + String(repeating: " ", count: max(0, 8 - word.count))
        let head = [clock(event.time), colour(event).map { "\u{1B}[\($0)m\(padded)\u{1B}[0m" } ?? padded]
        let place = event.target.map { $0.safe(limit: 120) + ": " } ?? ""
        let first = head.joined(separator: " ") + " " + place + event.summary.safe(limit: 500)
        let evidence = text.details.map { "\($0.name) \($0.text.safe(limit: 120))" }
        guard !evidence.isEmpty else { return first }
        return first + "\n" + String(repeating: " ", count: 29)
            + faint(evidence.joined(separator: " · ").safe(limit: 1000))
    }

    /// Local time without a zone: `2026-11-21 02:22:34`.
    private func clock(_ moment: Timestamp) -> String {
        let local = (moment + .seconds(offset(moment))).description
        return local.prefix(10) + " " + local.dropFirst(11).prefix(8)
    }

    private func colour(_ event: Event) -> Int? {
        guard coloured else { return nil }
        return switch (event.status, event.severity) {
        case (.resolved, _): 32
        case (_, .critical): 31
        case (_, .warning): 33
        case (_, _): 36
        }
    }

    private func faint(_ text: String) -> String { coloured ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
