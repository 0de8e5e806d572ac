import Alerting
import Basics

/// What a webhook's body looks like.
package enum WebhookFormat: String, CaseIterable, Sendable {
    case native, alertmanager, slack, discord, ntfy, template, cloudevents
    case alertmanagerAPI = "alertmanager_api"

    /// The most events that one request carries: what receivers show as one message stays readable.
    package var batchLimit: Int {
        switch self {
        case .native, .alertmanager, .alertmanagerAPI, .cloudevents: 100
        case .slack: 10
        case .discord: 5
        case .ntfy, .template: 1
        }
    }

    /// Whether the receiver keeps a state per alert and so needs every change itself, never a digest (S9).
    package var needsEveryChange: Bool { self == .alertmanager || self == .alertmanagerAPI }

    /// The requests that tell a delivery, in order; more than one only where the receiver takes fewer events at once.
    ///
    /// `topic` is ntfy's, `template` the user's.
    func payloads(of delivery: Delivery, topic: String = "", template: Template = .whole) -> [Payload] {
        delivery.events.chunks(of: batchLimit).map { events in
            switch self {
            case .native: Payload(NativeFormat.body(events))
            case .alertmanager: Payload(AlertmanagerFormat.body(events, receiver: delivery.sink))
            case .alertmanagerAPI: Payload(AlertmanagerFormat.posted(events))
            case .slack: Payload(SlackFormat.body(events))
            case .discord: Payload(DiscordFormat.body(events))
            case .ntfy: Payload(NtfyFormat.body(events, topic: topic))
            case .template: template.payload(events)
            case .cloudevents: CloudEventsFormat.payload(events)
            }
        }
    }
}

/// The native body: an array of native events (`docs/reference/event.schema.json`).
enum NativeFormat {
    static func body(_ events: [QueuedEvent]) -> JSON {
        .array(events.map { $0.event.json($0.placement) })
    }
}

extension Array {
    /// The elements in runs of at most `size`.
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
