import Alerting
import Basics
import Settings

/// A body that the user wrote, with `{{field}}` where an event's fields go.
///
/// What is put in is escaped for the content type: JSON strings, form values, otherwise plain text.
package struct Template: Sendable, Hashable {
    /// Why a template cannot be used.
    package enum Problem: Error, Sendable, Equatable {
        case unclosed, notJSON
        case unknown(field: String, nearest: String?)

        /// A sentence for the operator.
        package var message: String {
            switch self {
            case .unclosed: "a `{{` is not closed by `}}`"
            case .notJSON: "what the template gives is not valid JSON (set content_type if it is not meant to be)"
            case .unknown(let field, let nearest):
                "unknown field `\(field.safe(limit: 60))`" + (nearest.map { "; did you mean `\($0)`?" } ?? "")
            }
        }
    }

    /// Every field that a template may name, besides `labels.NAME` and `annotations.NAME`.
    package static let fields = [
        "id", "time", "kind", "status", "severity", "previous_severity", "reason", "check", "check_kind", "measure",
        "target", "fingerprint", "node", "summary", "value", "state", "threshold", "starts_at", "ends_at", "runbook",
        "stream", "sequence", "title", "text", "json",
    ]

    /// The native event itself.
    static let whole = Template(parts: [.field("json")], contentType: "application/json")

    private enum Part: Hashable {
        case literal(String)
        case field(String)
    }

    private let parts: [Part]
    private let contentType: String

    private init(parts: [Part], contentType: String) {
        self.parts = parts
        self.contentType = contentType
    }

    /// - Throws: when a field is unknown, a placeholder is open, or the result is not JSON though it says so.
    package init(_ text: String, contentType: String = "application/json") throws(Problem) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.cut(at: "{{") {
            if !open.isEmpty { parts.append(.literal(String(open))) }
            guard let inside = rest.cut(at: "}}") else { throw .unclosed }
            let field = String(inside.trimmingSpaces)
            guard Self.isKnown(field) else { throw .unknown(field: field, nearest: Self.nearest(to: field)) }
            parts.append(.field(field))
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.init(parts: parts, contentType: contentType)
        guard escaping != .json || JSONText.isValid(payload([Self.sample]).body) else { throw .notJSON }
    }

    /// The request for one event; several are put one after the other, a line each.
    func payload(_ events: [QueuedEvent]) -> Payload {
        let bodies = events.map { queued in
            parts.map { part in
                switch part {
                case .literal(let text): text
                case .field(let name): escaped(name, of: queued)
                }
            }.joined()
        }
        return Payload(contentType: contentType, body: Array(bodies.joined(separator: "\n").utf8))
    }

    // MARK: - Fields

    private static func isKnown(_ field: String) -> Bool {
        fields.contains(field)
            || ["labels.", "annotations."].contains { field.hasPrefix($0) && field.count > $0.count }
    }

    private static func nearest(to field: String) -> String? {
        Nearest.match(field, fields)
    }

    private func escaped(_ name: String, of queued: QueuedEvent) -> String {
        switch name {
        // These are JSON by themselves.
        case "json" where escaping == .json: queued.event.json(queued.placement).text
        case "value" where escaping == .json: JSON.number(queued.event.value).text
        default: escaping.apply(to: Self.text(name, of: queued))
        }
    }

    private static func text(_ name: String, of queued: QueuedEvent) -> String {
        let event = queued.event
        let text: String? =
            switch name {
            case "id": event.id.description
            case "time": event.time.description
            case "kind": event.kind.rawValue
            case "status": event.status?.rawValue
            case "severity": event.severity?.rawValue
            case "previous_severity": event.previousSeverity?.rawValue
            case "reason": event.reason.rawValue
            case "check": event.check
            case "check_kind": event.checkKind
            case "measure": event.measure
            case "target": event.target
            case "fingerprint": event.fingerprint
            case "node": event.node
            case "summary": event.summary
            case "value": event.value.map { JSON.number($0).text }
            case "state": event.state
            case "threshold": event.threshold
            case "starts_at": event.startsAt?.description
            case "ends_at": event.endsAt?.description
            case "runbook": event.runbook
            case "stream": queued.placement.stream
            case "sequence": String(queued.placement.sequence)
            case "title": EventText(event).title(limit: 500)
            case "text":
                ([EventText(event).title(limit: 500)] + EventText(event).details.map { "\($0.name): \($0.text)" })
                    .joined(separator: "\n")
            case "json": event.json(queued.placement).text
            case _ where name.hasPrefix("labels."): event.labels[String(name.dropFirst("labels.".count))]
            default: event.annotations[String(name.dropFirst("annotations.".count))]
            }
        return text ?? ""
    }

    /// Full of characters that only correct escaping survives.
    private static var sample: QueuedEvent {
        var ids = ULID.Generator()
        let moment = Timestamp(milliseconds: 0)
        let event = Event(
            id: ids.next(at: moment),
            time: moment,
            kind: .alert,
            reason: .fired,
            node: "\"\\",
            summary: "\n"
        )
        return QueuedEvent(event: event, placement: .init(stream: "", sequence: 1))
    }

    // MARK: - Escaping

    private var escaping: Escaping {
        let type = contentType.prefix { $0 != ";" }.lowercased().trimmingSpaces
        if type.hasSuffix("json") { return .json }
        return type == "application/x-www-form-urlencoded" ? .form : .plain
    }
}

/// How a field's text becomes part of a body.
private enum Escaping {
    case json, form, plain

    func apply(to text: String) -> String {
        switch self {
        case .json: String(JSON.string(text).text.dropFirst().dropLast())
        case .form: text.percentEncoded
        case .plain: text.safeLines(limit: 16_384)
        }
    }
}

extension Substring {
    /// What stands before the first `marker`, and moves behind it; nil where there is none.
    fileprivate mutating func cut(at marker: String) -> Substring? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(marker) {
                let before = self[..<place]
                self = self[place...].dropFirst(marker.count)
                return before
            }
            place = index(after: place)
        }
        return nil
    }
}

extension StringProtocol {
    /// Without spaces at either end.
    fileprivate var trimmingSpaces: SubSequence {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return text.drop { $0 == " " }
    }
}

extension String {
    /// RFC 3986: everything but unreserved characters becomes `%XX`.
    var percentEncoded: String {
        var result = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
