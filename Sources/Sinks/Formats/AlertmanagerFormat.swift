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
                let event = queued.event
                let alert = Alert(event)
                return formerSeverities(of: event).map { severity in
                    var former = alert
                    former.labels["severity"] = severity.rawValue
                    former.endsAt = event.time
                    return former.posted(at: event.time)
                } + [alert.posted(at: event.time)]
            }
        )
    }

    /// With what the alert may have been told before: while it is silenced, nobody hears of a change.
    ///
    /// Ending one that was never told costs a line.
    private static func formerSeverities(of event: Event) -> [Severity] {
        switch event.reason {
        case .severityChanged: event.previousSeverity.map { [$0] } ?? []
        case .silenceEnded, .resolved, .gone: [.warning, .critical].filter { $0 != event.severity }
        default: []
        }
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

        /// How long what fires stays open when nobody says more: as long as it takes to notice that Custos is gone.
        private static let lasts = Duration.seconds(86_400)

        /// As Alertmanager takes it.
        ///
        /// Without an end it would end what fires by itself, after its `resolve_timeout`. What is over ends at its start: an
        /// end that is later than Alertmanager's own clock says would be taken for a shorter prolongation and ignored.
        func posted(at now: Timestamp) -> JSON {
            var known = labels.merging(["fingerprint": fingerprint]) { _, ours in ours }
            known["ended_at"] = endsAt?.description
            return [
                "labels": .map(known.filter { Self.lasting.contains($0.key) && !$0.value.isEmpty }),
                "annotations": .map(
                    annotations.merging(known.filter { !Self.lasting.contains($0.key) }) { own, _ in own }
                ),
                "startsAt": .string(startsAt.description),
                "endsAt": .string((endsAt == nil ? max(now, startsAt) + Self.lasts : startsAt).description),
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
