package import Basics

/// An immutable record that something changed: the public contract (`docs/reference/event.schema.json`).
package struct Event: Sendable, Equatable, Decodable {
    package enum Kind: String, Sendable, Codable { case alert, lifecycle, heartbeat, digest }
    package enum Status: String, Sendable, Codable { case firing, resolved }

    /// Why the event was made (S16), and for lifecycle events what happened.
    package enum Reason: String, Sendable, Codable {
        case fired, occurred, resolved, gone, reminder, flapping
        case severityChanged = "severity_changed"
        case silenceEnded = "silence_ended"
        // lifecycle
        case started, stopping, reloaded, tombstone, degraded, test
        case uncleanStart = "unclean_start"
        case reloadRefused = "reload_refused"
        case configurationProblem = "configuration_problem"
        case journalTrouble = "journal_trouble"
        // digest and heartbeat
        case flood, alive
    }

    package var id: ULID
    package var time: Timestamp
    package var kind: Kind
    package var status: Status?
    package var severity: Severity?
    package var previousSeverity: Severity?
    package var reason: Reason
    package var check: String?
    package var checkKind: String?
    package var measure: String?
    package var target: String?
    package var fingerprint: String?
    package var node: String
    package var summary: String
    package var value: Double?
    package var state: String?
    package var threshold: String?
    package var startsAt: Timestamp?
    package var endsAt: Timestamp?
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
    package var runbook: String?

    package init(id: ULID, time: Timestamp, kind: Kind, reason: Reason, node: String, summary: String) {
        self.id = id
        self.time = time
        self.kind = kind
        self.reason = reason
        self.node = node
        self.summary = summary
    }

    enum CodingKeys: String, CodingKey {
        case id, time, kind, status, severity, reason, check, measure, target, fingerprint, node, summary, value, state
        case threshold, labels, annotations, runbook
        case previousSeverity = "previous_severity"
        case checkKind = "check_kind"
        case startsAt = "starts_at"
        case endsAt = "ends_at"
    }
}

extension Event {
    /// The native event, all fields in the contract's order; `placement` adds the stream's, `truncated` says that texts
    /// were cut.
    package func json(_ placement: Placement? = nil, truncated: Bool = false) -> JSON {
        var members: [JSON.Member] = [
            .init("schema", "custos.event/1"),
            .init("id", .string(id.description)),
            .init("time", .string(time.description)),
            .init("kind", .string(kind.rawValue)),
            .init("status", .string(status?.rawValue)),
            .init("severity", .string(severity?.rawValue)),
            .init("previous_severity", .string(previousSeverity?.rawValue)),
            .init("reason", .string(reason.rawValue)),
            .init("check", .string(check)),
            .init("check_kind", .string(checkKind)),
            .init("measure", .string(measure)),
            .init("target", .string(target)),
            .init("fingerprint", .string(fingerprint)),
            .init("node", .string(node)),
            .init("summary", .string(summary)),
            .init("value", .number(value)),
            .init("state", .string(state)),
            .init("threshold", .string(threshold)),
            .init("starts_at", .string(startsAt?.description)),
            .init("ends_at", .string(endsAt?.description)),
            .init("labels", .map(labels)),
            .init("annotations", .map(annotations)),
            .init("runbook", .string(runbook)),
        ]
        if let placement {
            members.append(.init("stream", .string(placement.stream)))
            members.append(.init("sequence", .integer(placement.sequence)))
            if !placement.durable { members.append(.init("durable", false)) }
        }
        if truncated { members.append(.init("truncated", true)) }
        return .object(members)
    }

    /// Where an event stands in the stream of one sink (S2).
    package struct Placement: Sendable, Hashable {
        /// `<journal ULID>/<sink>`.
        package var stream: String
        /// Rises by one per stream, without gaps.
        package var sequence: Int64
        /// Whether the journal holds it; false while it cannot be written (S17).
        package var durable: Bool

        package init(stream: String, sequence: Int64, durable: Bool = true) {
            self.stream = stream
            self.sequence = sequence
            self.durable = durable
        }
    }
}
