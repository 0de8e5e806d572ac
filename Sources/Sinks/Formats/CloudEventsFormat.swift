import Alerting
import Basics

/// CloudEvents 1.0 over HTTP: one event in structured mode, several in batched mode.
///
/// `source` and `id` together are the same for an event wherever it is told, so that a receiver drops what it has seen.
/// The data is the native event. Format: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>, and its
/// extensions *sequence*, *partitioning* and *severity*.
enum CloudEventsFormat {
    /// What every intermediary must forward (§ Size Limits).
    static let sizeLimit = 64 * 1024

    static func payload(_ events: [QueuedEvent]) -> Payload {
        if events.count == 1, let only = events.first {
            return Payload(contentType: "application/cloudevents+json", body: fitted(only).utf8)
        }
        return Payload(
            contentType: "application/cloudevents-batch+json",
            body: JSON.array(events.map(fitted)).utf8
        )
    }

    private static func fitted(_ queued: QueuedEvent) -> JSON {
        Fitting.fit(queued.event, limit: sizeLimit, size: { $0.utf8.count }) { event, truncated in
            json(event, queued.placement, truncated: truncated)
        }
    }

    private static func json(_ event: Event, _ placement: Event.Placement, truncated: Bool) -> JSON {
        let level = LogLevel(event)
        return .fields(
            ("specversion", "1.0"),
            ("id", .string(event.id.description)),
            ("source", .string("custos://\(event.node.percentEncoded)")),
            ("type", .string("custos.\(event.kind.rawValue).\(event.reason.rawValue)")),
            ("subject", .string(subject(event))),
            ("time", .string(event.time.description)),
            ("datacontenttype", "application/json"),
            ("dataschema", "custos:event/1"),
            // As a text it must sort as the number does.
            ("sequence", .string(padded(placement.sequence))),
            ("partitionkey", .string(event.fingerprint)),
            ("severitytext", .string(level.text)),
            ("severitynumber", .integer(level.number)),
            ("data", event.json(placement, truncated: truncated))
        )
    }

    /// What the event is about, from the general to the particular: routers filter on its beginning or its end.
    private static func subject(_ event: Event) -> String? {
        let parts = [event.check, event.measure, event.target].compactMap(\.self).filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: "/").safe(limit: 1024).withoutNoncharacters
    }

    private static func padded(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }
}

extension String {
    /// § Type System: noncharacters may not occur in an attribute.
    fileprivate var withoutNoncharacters: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    let isNone = (0xFDD0...0xFDEF).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE
                    return isNone ? "\u{FFFD}" : scalar
                }
            )
        )
    }
}
