import Alerting
import Basics

/// The body that Alertmanager's webhook sends, version 4: every receiver made for it understands Custos.
///
/// Format: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>. `node` and `fingerprint`
/// identify an alert (S3).
enum AlertmanagerFormat {
    static func body(_ events: [QueuedEvent], receiver: SinkID) -> JSON {
        let alerts = events.map { Alert($0.event) }
        let node = alerts.first?.labels["node"] ?? ""
        return [
            "version": "4",
            "groupKey": .string("{}:{node=\(JSON.string(node).text)}"),
            "truncatedAlerts": 0,
            "status": .string(alerts.contains { $0.firing } ? "firing" : "resolved"),
            "receiver": .string(receiver),
            "groupLabels": ["node": .string(node)],
            "commonLabels": .map(common(alerts.map(\.labels))),
            "commonAnnotations": .map(common(alerts.map(\.annotations))),
            "externalURL": "",
            "alerts": .array(alerts.map(\.json)),
        ]
    }

    /// The body that Alertmanager's own API takes, `POST /api/v2/alerts`.
    ///
    /// Format: `postableAlerts` in Alertmanager's `api/v2/openapi.yaml`. It knows an alert by all its labels, so those that
    /// may change while it fires (an image, what a container is labelled with) are annotations here. The severity is
    /// a label: an alert whose severity changed ends, and another begins.
    static func posted(_ events: [QueuedEvent]) -> JSON {
        .array(
            events.flatMap { queued -> [JSON] in
                let alert = Alert(queued.event)
                // Without an end Alertmanager would end it by itself, after its `resolve_timeout`.
                let open = alert.posted(until: queued.event.time + .seconds(365 * 86_400))
                guard let previous = queued.event.previousSeverity else { return [open] }
                var former = alert
                former.labels["severity"] = previous.rawValue
                return [former.posted(until: max(queued.event.time, alert.startsAt)), open]
            }
        )
    }

    /// What all have in common.
    private static func common(_ maps: [[String: String]]) -> [String: String] {
        guard let first = maps.first else { return [:] }
        return first.filter { entry in maps.allSatisfy { $0[entry.key] == entry.value } }
    }

    private struct Alert {
        var labels: [String: String] = [:]
        var annotations: [String: String] = [:]
        var startsAt: Timestamp
        /// Nil while it fires.
        var endsAt: Timestamp?
        var fingerprint: String

        var firing: Bool { endsAt == nil }

        init(_ event: Event) {
            // An event without a status (a start, a digest) has ended when it is told: nothing stays open for ever.
            startsAt = event.startsAt ?? event.time
            endsAt = event.status == .firing ? nil : event.endsAt ?? event.time
            fingerprint = event.fingerprint ?? ""
            for (name, text) in event.labels { labels[name.labelName] = text }
            for (name, text) in event.annotations { annotations[name.labelName] = text }
            labels["alertname"] = event.measure ?? "custos_\(event.reason.rawValue)"
            labels["node"] = event.node
            let known: [(String, String?)] = [
                ("severity", event.severity?.rawValue), ("check", event.check), ("check_kind", event.checkKind),
                ("target", event.target),
            ]
            for (name, text) in known { labels[name] = text ?? labels[name] }
            annotations["summary"] = event.summary
            let told: [(String, String?)] = [
                ("reason", event.reason.rawValue), ("value", event.value.map { JSON.number($0).text }),
                ("state", event.state), ("threshold", event.threshold), ("runbook_url", event.runbook),
                ("event_id", event.id.description),
            ]
            for (name, text) in told { annotations[name] = text ?? annotations[name] }
        }

        var json: JSON {
            [
                "status": .string(firing ? "firing" : "resolved"),
                "labels": .map(labels),
                "annotations": .map(annotations),
                "startsAt": .string(startsAt.description),
                "endsAt": .string(endsAt?.description ?? "0001-01-01T00:00:00Z"),
                "generatorURL": "",
                "fingerprint": .string(fingerprint),
            ]
        }

        private static let lasting: Set<String> = [
            "alertname", "node", "severity", "check", "check_kind", "target", "fingerprint",
        ]

        /// What fires is open for Alertmanager until `end` or until we say otherwise.
        func posted(until end: Timestamp) -> JSON {
            let known = labels.merging(["fingerprint": fingerprint]) { _, ours in ours }
            return [
                "labels": .map(known.filter { Self.lasting.contains($0.key) && !$0.value.isEmpty }),
                "annotations": .map(
                    annotations.merging(known.filter { !Self.lasting.contains($0.key) }) { own, _ in own }
                ),
                "startsAt": .string(startsAt.description),
                "endsAt": .string((endsAt ?? end).description),
            ]
        }
    }
}

extension String {
    /// The nearest name that Prometheus accepts: `com.docker.stack` → `com_docker_stack`.
    fileprivate var labelName: String {
        let allowed = utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                byte
            default: UInt8(ascii: "_")
            }
        }
        let name = String(decoding: allowed, as: UTF8.self)
        return name.first.map(\.isASCIIDigit) ?? true ? "_" + name : name
    }
}
