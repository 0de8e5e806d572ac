import Alerting
import Basics

/// An event as one line of OTLP/JSON: a `LogsData` with one resource, one scope and one log record.
///
/// The form of OpenTelemetry's file exporter rather than a bare log record, since this is what the collector reads back
/// (its `otlp_json_file` receiver and `otlp_json` connector): nothing has to be configured field by field. Format:
/// <https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/> and
/// <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto>. 64-bit
/// integers are strings there, enumerations numbers.
struct OTLPRecord {
    private let event: Event
    private let placement: Event.Placement
    private let truncated: Bool
    private let version: String

    init(_ event: Event, _ placement: Event.Placement, truncated: Bool, version: String) {
        self.event = event
        self.placement = placement
        self.truncated = truncated
        self.version = version
    }

    var json: JSON {
        let resource: [(String, JSON?)] = [
            ("host.name", Self.text(event.node)), ("service.name", Self.text("custos")),
            ("service.version", Self.text(version)),
        ]
        return [
            "resourceLogs": [
                [
                    "resource": ["attributes": Self.attributes(resource)],
                    "scopeLogs": [
                        ["scope": ["name": "custos", "version": .string(version)], "logRecords": [record]]
                    ],
                ]
            ]
        ]
    }

    private var record: JSON {
        let level = LogLevel(event)
        let time = JSON.string(Self.nanoseconds(event.time))
        return [
            "timeUnixNano": time,
            "observedTimeUnixNano": time,
            "severityNumber": .integer(level.number),
            "severityText": .string(level.text),
            "eventName": .string("custos.\(event.kind.rawValue).\(event.reason.rawValue)"),
            "body": ["stringValue": .string(event.summary)],
            "attributes": Self.attributes(
                known + free("custos.label.", event.labels) + free("custos.annotation.", event.annotations)
            ),
        ]
    }

    private var known: [(String, JSON?)] {
        let container = ContainerFields(event)
        return [
            // Records with the same uid are duplicates of one another; a ULID is what the convention proposes.
            ("log.record.uid", Self.text(event.id.description)),
            ("container.id", Self.text(container?.id)),
            ("container.name", Self.text(container?.name)),
            ("container.image.name", Self.text(container?.image)),
            ("container.image.tags", container?.tag.map { ["arrayValue": ["values": [["stringValue": .string($0)]]]] }),
            ("custos.schema", Self.text("custos.event/1")),
            ("custos.kind", Self.text(event.kind.rawValue)),
            ("custos.status", Self.text(event.status?.rawValue)),
            ("custos.severity", Self.text(event.severity?.rawValue)),
            ("custos.previous_severity", Self.text(event.previousSeverity?.rawValue)),
            ("custos.reason", Self.text(event.reason.rawValue)),
            ("custos.check", Self.text(event.check)),
            ("custos.check_kind", Self.text(event.checkKind)),
            ("custos.measure", Self.text(event.measure)),
            ("custos.target", Self.text(event.target)),
            ("custos.fingerprint", Self.text(event.fingerprint)),
            ("custos.value", event.value.flatMap { $0.isFinite ? ["doubleValue": .number($0)] : nil }),
            ("custos.state", Self.text(event.state)),
            ("custos.threshold", Self.text(event.threshold)),
            ("custos.starts_at", Self.text(event.startsAt?.description)),
            ("custos.ends_at", Self.text(event.endsAt?.description)),
            ("custos.runbook", Self.text(event.runbook)),
            ("custos.stream", Self.text(placement.stream)),
            ("custos.sequence", ["intValue": .string(String(placement.sequence))]),
            ("custos.durable", placement.durable ? nil : ["boolValue": false]),
            ("custos.truncated", truncated ? ["boolValue": true] : nil),
        ]
    }

    private func free(_ prefix: String, _ values: [String: String]) -> [(String, JSON?)] {
        values.sorted { $0.key < $1.key }.map { (prefix + $0.key, Self.text($0.value)) }
    }

    private static func text(_ text: String?) -> JSON? { text.map { ["stringValue": .string($0)] } }

    private static func attributes(_ values: [(String, JSON?)]) -> JSON {
        .array(values.compactMap { name, value in value.map { ["key": .string(name), "value": $0] } })
    }

    /// Since 1970; never negative, the field has no sign.
    private static func nanoseconds(_ moment: Timestamp) -> String {
        moment.milliseconds > 0 ? "\(moment.milliseconds)000000" : "0"
    }
}
