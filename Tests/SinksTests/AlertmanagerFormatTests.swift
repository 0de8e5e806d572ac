import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("Alertmanager format")
struct AlertmanagerFormatTests {
    private static func first(_ event: Event) throws -> JSON {
        try #require(AlertmanagerFormat.body([Samples.queued(event)], receiver: "webhook.ops")["alerts"]?[0])
    }

    @Test("S3 every alert carries the node and its fingerprint")
    func identity() throws {
        for sample in try Samples.all() where sample.event.kind == .alert {
            let alert = try Self.first(sample.event)
            #expect(alert["labels"]?["node"]?.stringValue == "edge-7")
            #expect(alert["fingerprint"]?.stringValue == sample.event.fingerprint)
        }
    }

    @Test("a label from outside never replaces one that identifies")
    func reserved() throws {
        var event = try Samples.number()
        event.labels = ["node": "other", "severity": "none", "alertname": "x", "target": "y", "1st.label": "z"]
        event.annotations = ["summary": "lies"]
        let alert = try Self.first(event)
        #expect(alert["labels"]?["node"]?.stringValue == "edge-7")
        #expect(alert["labels"]?["severity"]?.stringValue == "warning")
        #expect(alert["labels"]?["alertname"]?.stringValue == "neigh_used_ratio")
        #expect(alert["labels"]?["target"]?.stringValue == "ipv4")
        #expect(alert["labels"]?["_1st_label"]?.stringValue == "z")
        #expect(alert["annotations"]?["summary"]?.stringValue == event.summary)
    }

    @Test("the status is firing while anything in it fires; what has no status is over when it is told")
    func status() throws {
        func status(_ events: Event...) -> String? {
            AlertmanagerFormat.body(events.map { Samples.queued($0) }, receiver: "w")["status"]?.stringValue
        }
        #expect(try status(Samples.resolved(), Samples.alert()) == "firing")
        #expect(try status(Samples.resolved(), Samples.started()) == "resolved")
        #expect(try Self.first(Samples.started())["endsAt"]?.stringValue == Samples.time.description)
        #expect(try Self.first(Samples.alert())["endsAt"]?.stringValue == "0001-01-01T00:00:00Z")
    }

    @Test("what all alerts share is common")
    func common() throws {
        let body = AlertmanagerFormat.body(
            [Samples.queued(try Samples.alert()), Samples.queued(try Samples.number())],
            receiver: "w"
        )
        #expect(body["commonLabels"] == ["node": "edge-7"])
    }

    @Test("its own API keeps what fires open for a day, ends what is over, and ends the severities told before")
    func posted() throws {
        func posted(_ event: Event) throws -> [JSON] {
            guard case .array(let alerts) = AlertmanagerFormat.posted([Samples.queued(event)]) else { return [] }
            return alerts
        }
        func text(_ alert: JSON, _ field: String, _ name: String) -> String? { alert[field]?[name]?.stringValue }
        let firing = try posted(Samples.number())
        #expect(firing.map { $0["endsAt"]?.stringValue } == [(Samples.time + .seconds(86_400)).description])
        #expect(try posted(Samples.started()).map { $0["endsAt"]?.stringValue } == [Samples.time.description])

        // An end that Alertmanager's clock has not reached would not end it.
        let resolved = try Samples.resolved()
        let over = try posted(resolved)
        #expect(Set(over.map { text($0, "labels", "severity") }) == ["warning", "critical"])
        #expect(over.allSatisfy { $0["endsAt"] == $0["startsAt"] })
        #expect(over.last.flatMap { text($0, "annotations", "ended_at") } == resolved.endsAt?.description)

        for reason in [Event.Reason.severityChanged, .silenceEnded] {
            var worse = try Samples.number()
            worse.labels["image"] = "web:2"
            worse.reason = reason
            worse.severity = .critical
            worse.previousSeverity = reason == .severityChanged ? .warning : nil
            let all = try posted(worse)
            let open = all.filter { $0["endsAt"] != $0["startsAt"] }
            #expect(open.map { text($0, "labels", "severity") } == ["critical"])
            #expect(all.map { text($0, "labels", "severity") } == ["warning", "critical"])
            #expect(all.allSatisfy { $0["labels"]?["image"] == nil && text($0, "annotations", "image") == "web:2" })
            #expect(all.allSatisfy { text($0, "labels", "fingerprint") == worse.fingerprint })
        }
    }
}
