import Alerting
import Basics

/// The body of a Discord webhook.
///
/// Format and limits:
/// <https://discord.com/developers/docs/resources/webhook#execute-webhook>.
enum DiscordFormat {
    static func body(_ events: [QueuedEvent]) -> JSON {
        [
            // 2000 characters are allowed here, 256 in a title, 4096 in a description, 6000 in all embeds together.
            "content": .string(events.count == 1 ? "" : escaped(events.title(limit: 500))),
            "embeds": .array(events.map { embed($0.event, limit: 5500 / events.count) }),
            "allowed_mentions": ["parse": []],
        ]
    }

    private static func embed(_ event: Event, limit: Int) -> JSON {
        let text = EventText(event)
        let lines = text.details.map { "\($0.name): \($0.text)" }.joined(separator: "\n")
        return [
            "title": .string(escaped(text.title(limit: 120)).prefixOfScalars(256)),
            // Title and footer take up to 380 characters.
            "description": .string(escaped(lines.safeLines(limit: 3500)).prefixOfScalars(min(limit - 380, 4096))),
            "color": .integer(Int64(Colour(event).rawValue)),
            "footer": ["text": .string(text.place.safe(limit: 120))],
            "timestamp": .string(event.time.description),
        ]
    }

    /// Mark-up characters quoted: a label cannot draw a link, a heading or a spoiler.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.withoutMassMentions.unicodeScalars {
            if "\\*_~`|>[]()#<".unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}

extension String {
    /// At most `count` scalars.
    fileprivate func prefixOfScalars(_ count: Int) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(count)))
    }
}
