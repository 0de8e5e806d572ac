import Alerting
import Basics

/// The body of a Slack incoming webhook; Mattermost and Rocket.Chat read the same.
///
/// Attachments rather than blocks, since only Slack itself knows blocks. Format:
/// <https://api.slack.com/reference/messaging/attachments>.
enum SlackFormat {
    static func body(_ events: [QueuedEvent]) -> JSON {
        [
            "text": .string(escaped(events.title(limit: 500))),
            "attachments": .array(events.map { attachment($0.event, titled: events.count > 1) }),
        ]
    }

    private static func attachment(_ event: Event, titled: Bool) -> JSON {
        let text = EventText(event)
        let title = escaped(text.title(limit: 500))
        return [
            "color": .string(Colour(event).css),
            "fallback": .string(title),
            // The message's own text is the only event's title already.
            "title": .string(titled ? title : ""),
            "fields": .array(
                text.details.map { detail in
                    [
                        "title": .string(escaped(detail.name)),
                        "value": .string(escaped(detail.text)),
                        "short": .bool(detail.text.utf8.count <= 40),
                    ]
                }
            ),
            // Nothing in a field is mark-up: names with `_` and `*` appear as they are.
            "mrkdwn_in": [],
            "footer": .string(escaped(text.place)),
            "ts": .integer(event.time.milliseconds / 1000),
        ]
    }

    /// Slack's three reserved characters; with `<` gone, neither links nor `<!channel>` can be made.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.withoutMassMentions.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// The colour that chats show beside a message.
enum Colour: Int {
    case red = 0xD3_2F2F
    case orange = 0xF5_7C00
    case blue = 0x19_76D2
    case green = 0x38_8E3C
    case grey = 0x75_7575

    init(_ event: Event) {
        self =
            switch (event.status, event.severity) {
            case (.resolved, _): .green
            case (_, .critical): .red
            case (_, .warning): .orange
            case (_, .info): .blue
            case (_, nil): .grey
            }
    }

    /// As style sheets write it: `#d32f2f`.
    var css: String {
        let digits = String(rawValue, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
