import Alerting
import Basics

/// The body of a publication to an ntfy server.
///
/// JSON, posted to the server's root, so that titles may hold any character. Format:
/// <https://docs.ntfy.sh/publish/#publish-as-json>.
enum NtfyFormat {
    /// The size up to which ntfy shows a message instead of attaching it as a file.
    static let messageLimit = 4000

    static func body(_ events: [QueuedEvent], topic: String) -> JSON {
        let lines = events.flatMap { queued in
            let text = EventText(queued.event)
            return (events.count > 1 ? [text.title(limit: 500)] : [])
                + text.details.map { "\($0.name): \($0.text)" } + [text.place]
        }
        let worst = events.map(\.event).max { priority($0) < priority($1) }
        return [
            "topic": .string(topic),
            "title": .string(events.title(limit: 200)),
            "message": .string(lines.joined(separator: "\n").safeLines(limit: messageLimit)),
            "priority": .integer(worst.map(priority) ?? 3),
            "tags": .array(worst.map { [.string(tag($0))] } ?? []),
        ]
    }

    private static func priority(_ event: Event) -> Int64 {
        switch (event.status, event.severity) {
        case (.resolved, _): 3
        case (_, .critical): 5
        case (_, .warning): 4
        case (_, _): 3
        }
    }

    /// ntfy shows tags of these names as emoji.
    private static func tag(_ event: Event) -> String {
        switch (event.status, event.severity) {
        case (.resolved, _): "white_check_mark"
        case (_, .critical): "rotating_light"
        case (_, .warning): "warning"
        case (_, _): "information_source"
        }
    }
}
