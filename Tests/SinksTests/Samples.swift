import Alerting
import Basics
import Testing

/// Events that every format is shown.
enum Samples {
    static let time = Timestamp(milliseconds: 1_795_224_154_123)
    static let stream = "01JD6Q0000XXXXXXXXXXXXXXXX/webhook.ops"

    /// A valid ULID that ends in these characters.
    static func id(_ end: String) throws -> ULID {
        try #require(ULID("01JD6Q3Z8W" + String(repeating: "0", count: 16 - end.count) + end))
    }

    static func alert(_ end: String = "A1") throws -> Event {
        var event = Event(
            id: try id(end),
            time: time,
            kind: .alert,
            reason: .severityChanged,
            node: "edge-7",
            summary: "Container grafana is unhealthy: 3 failed probes in a row"
        )
        event.status = .firing
        event.severity = .critical
        event.previousSeverity = .warning
        event.check = "docker"
        event.checkKind = "docker"
        event.measure = "container_health"
        event.target = "grafana"
        event.fingerprint = "5d1c9c1f0a3e7b42"
        event.state = "unhealthy"
        event.threshold = "state = unhealthy"
        event.startsAt = time - .seconds(150)
        event.labels = ["compose_project": "monitoring", "image": "grafana/grafana:11.2.0"]
        event.annotations = ["last_probe_output": "connection refused", "failing_streak": "3"]
        event.runbook = "https://runbooks.example.org/container_health"
        return event
    }

    static func resolved(_ end: String = "A2") throws -> Event {
        var event = try alert(end)
        event.status = .resolved
        event.reason = .resolved
        event.severity = .critical
        event.previousSeverity = nil
        event.state = "healthy"
        event.summary = "Container grafana is healthy again"
        event.endsAt = time
        return event
    }

    static func number(_ end: String = "A3") throws -> Event {
        var event = Event(
            id: try id(end),
            time: time,
            kind: .alert,
            reason: .fired,
            node: "edge-7",
            summary: "The neighbour table is 91 % full"
        )
        event.status = .firing
        event.severity = .warning
        event.check = "neigh"
        event.checkKind = "neigh"
        event.measure = "neigh_used_ratio"
        event.target = "ipv4"
        event.fingerprint = "0123456789abcdef"
        event.value = 0.914
        event.threshold = "> 0.9"
        event.startsAt = time
        return event
    }

    /// What a container may say to do harm: mark-up, mentions, links, terminal escapes, quotes, line breaks.
    static func hostile(_ end: String = "A4") throws -> Event {
        var event = try alert(end)
        event.target = "evil\u{1B}[2J\"\n<!channel>"
        event.summary = "Container @everyone <!here> [free](https://evil.example) *b* `c` {{node}} & died\u{202E}\u{7}"
        event.annotations = [
            "log \"1\"\n": "line 1\r\n@channel </script>\n\u{1B}[31mred\u{1B}[0m",
            "huge": String(repeating: "é", count: 2048),
        ]
        event.labels = ["com.example/x y": "=\"\\"]
        return event
    }

    static func started(_ end: String = "A5") throws -> Event {
        var event = Event(
            id: try id(end),
            time: time,
            kind: .lifecycle,
            reason: .started,
            node: "edge-7",
            summary: "Custos 1.0.0 started: watches 14 containers and 4 checks"
        )
        event.annotations = ["previous_end": "clean", "not_watched": "docker: no permission on /var/run/docker.sock"]
        return event
    }

    static func all() throws -> [(name: String, event: Event)] {
        [
            ("alert", try alert()), ("resolved", try resolved()), ("number", try number()), ("hostile", try hostile()),
            ("started", try started()),
        ]
    }

    static func queued(_ event: Event, _ sequence: Int64 = 4711) -> QueuedEvent {
        QueuedEvent(event: event, placement: .init(stream: stream, sequence: sequence))
    }

    static func delivery(_ events: [Event], id end: String = "D1") throws -> Delivery {
        Delivery(
            id: try id(end),
            sink: "webhook.ops",
            events: events.enumerated().map { queued($1, 4711 + Int64($0)) }
        )
    }
}
