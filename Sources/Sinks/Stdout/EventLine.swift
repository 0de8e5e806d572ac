import Alerting
import Basics

/// An event as one line that no container runtime splits (S7).
enum EventLine {
    /// Docker and the CRI copy logs in pieces of 16 KiB; the newline counts.
    static let limit = 16 * 1024 - 1

    static func json(_ queued: QueuedEvent) -> String {
        fit(queued.event) { event, truncated in
            event.json(queued.placement, truncated: truncated).text.escapingInvisible
        }
    }

    static func logfmt(_ queued: QueuedEvent) -> String {
        fit(queued.event) { event, truncated in
            guard case .object(let members) = event.json(queued.placement, truncated: truncated) else { return "" }
            return members.flatMap(pairs).joined(separator: " ")
        }
    }

    static func ecs(_ queued: QueuedEvent) -> String {
        fit(queued.event) { event, truncated in
            ECSRecord(event, queued.placement, truncated: truncated).json.text.escapingInvisible
        }
    }

    static func otel(_ queued: QueuedEvent, version: String) -> String {
        fit(queued.event) { event, truncated in
            OTLPRecord(event, queued.placement, truncated: truncated, version: version).json.text.escapingInvisible
        }
    }

    private static func fit(_ event: Event, write: (Event, _ truncated: Bool) -> String) -> String {
        Fitting.fit(event, limit: limit, size: { $0.utf8.count }, write: write)
    }

    // MARK: - logfmt

    /// `name=value`, objects as `name.key=value`; what is null is left out.
    private static func pairs(_ member: JSON.Member) -> [String] {
        switch member.value {
        case .null: []
        case .object(let members): members.map { "\(key(member.name)).\(key($0.name))=\(value($0.value))" }
        default: ["\(key(member.name))=\(value(member.value))"]
        }
    }

    private static func key(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { needsQuotes($0) ? "_" : $0 }))
    }

    private static func value(_ value: JSON) -> String {
        guard case .string(let text) = value else { return value.text }
        return text.isEmpty || text.unicodeScalars.contains(where: needsQuotes) ? value.text.escapingInvisible : text
    }

    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value <= 0x20 || scalar == "\"" || scalar == "=" || scalar == "\\" || scalar.isInvisible
    }
}

extension Unicode.Scalar {
    /// What a terminal acts on, or what reorders and hides text: C1 controls and formatting marks.
    fileprivate var isInvisible: Bool {
        switch value {
        case 0x7F...0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}

extension String {
    /// JSON text whose invisible characters are written as `\uXXXX`; they occur only within strings.
    fileprivate var escapingInvisible: String {
        guard unicodeScalars.contains(where: \.isInvisible) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            guard scalar.isInvisible else {
                result.unicodeScalars.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return result
    }
}
