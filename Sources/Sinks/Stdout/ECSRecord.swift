import Alerting
import Basics

/// An event in the words of the Elastic Common Schema 8: what Elasticsearch indexes without a pipeline.
///
/// Fields: <https://www.elastic.co/guide/en/ecs/8.17/ecs-field-reference.html>. What the schema has no word for is below
/// `custos`. Objects are nested and nothing is null; a dot within a label's name becomes `_`, since it would open an
/// object.
struct ECSRecord {
    static let version = "8.17.0"

    private let event: Event
    private let placement: Event.Placement
    private let truncated: Bool

    init(_ event: Event, _ placement: Event.Placement, truncated: Bool) {
        self.event = event
        self.placement = placement
        self.truncated = truncated
    }

    var json: JSON {
        .fields(
            ("@timestamp", .string(event.time.description)),
            ("log", .fields(("level", .string(LogLevel(event).rawValue)), ("logger", "custos"))),
            ("message", .string(event.summary)),
            ("ecs", .fields(("version", .string(Self.version)))),
            ("event", what),
            ("host", .fields(("name", .string(event.node)))),
            ("container", container),
            ("labels", Self.flat(event.labels)),
            ("custos", own)
        )
    }

    private var what: JSON {
        let (category, type) = Category(event).words
        return .fields(
            ("kind", .string(kind)),
            ("category", .array([.string(category)])),
            ("type", .array([.string(type)])),
            ("module", "custos"),
            ("dataset", "custos.event"),
            ("provider", "custos"),
            ("id", .string(event.id.description)),
            ("action", .string(event.reason.rawValue)),
            ("code", .string(event.measure)),
            ("severity", event.severity.map { .integer(Self.number($0)) }),
            ("sequence", .integer(placement.sequence)),
            ("start", .string(event.startsAt?.description)),
            ("end", .string(event.endsAt?.description)),
            ("duration", duration),
            ("reference", .string(event.runbook))
        )
    }

    private var kind: String {
        switch event.kind {
        case .alert: "alert"
        case .heartbeat: "state"
        case .lifecycle, .digest: "event"
        }
    }

    /// In nanoseconds.
    private var duration: JSON? {
        guard let start = event.startsAt, let end = event.endsAt else { return nil }
        let (nanoseconds, overflow) = end.since(start).wholeMilliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow || nanoseconds < 0 ? nil : .integer(nanoseconds)
    }

    private var container: JSON? {
        guard let container = ContainerFields(event) else { return nil }
        return .fields(
            ("id", .string(container.id)),
            ("name", .string(container.name)),
            (
                "image",
                .fields(("name", .string(container.image)), ("tag", container.tag.map { .array([.string($0)]) }))
            ),
            ("runtime", "docker")
        )
    }

    private var own: JSON {
        .fields(
            ("schema", "custos.event/1"),
            ("kind", .string(event.kind.rawValue)),
            ("status", .string(event.status?.rawValue)),
            ("severity", .string(event.severity?.rawValue)),
            ("previous_severity", .string(event.previousSeverity?.rawValue)),
            ("check", .string(event.check)),
            ("check_kind", .string(event.checkKind)),
            ("measure", .string(event.measure)),
            ("target", .string(event.target)),
            ("fingerprint", .string(event.fingerprint)),
            ("value", .number(event.value)),
            ("state", .string(event.state)),
            ("threshold", .string(event.threshold)),
            ("annotations", Self.flat(event.annotations)),
            ("stream", .string(placement.stream)),
            ("durable", placement.durable ? nil : false),
            ("truncated", truncated ? true : nil)
        )
    }

    /// The steps that Elastic's own rules use: low, medium, critical.
    private static func number(_ severity: Severity) -> Int64 {
        switch severity {
        case .info: 21
        case .warning: 47
        case .critical: 99
        }
    }

    /// Names without dots; of two that become the same the first in order stays.
    private static func flat(_ values: [String: String]) -> JSON {
        var names: Set<String> = []
        return .object(
            values.sorted { $0.key < $1.key }.compactMap { name, text in
                let flat = name.isEmpty ? "_" : String(name.map { $0 == "." ? "_" : $0 })
                return names.insert(flat).inserted ? JSON.Member(flat, .string(text)) : nil
            }
        )
    }
}

/// ECS's second and third level of categories, each type one that the schema expects of its category.
private enum Category {
    case host, process(type: String), network, configuration(type: String)

    /// Checks whose targets are the network's.
    private static let networkKinds: Set = ["conntrack", "neigh", "sockstat"]

    init(_ event: Event) {
        switch (event.kind, event.reason) {
        case (.alert, _):
            if event.checkKind == "docker" {
                let ended = event.measure == "container_death" && event.status == .firing
                self = .process(type: ended ? "end" : "change")
            } else {
                self = Self.networkKinds.contains(event.checkKind ?? "") ? .network : .host
            }
        case (_, .started), (_, .uncleanStart): self = .process(type: "start")
        case (_, .stopping): self = .process(type: "end")
        case (_, .reloaded): self = .configuration(type: "change")
        case (_, .reloadRefused), (_, .configurationProblem): self = .configuration(type: "info")
        default: self = .process(type: "info")
        }
    }

    var words: (category: String, type: String) {
        switch self {
        case .host: ("host", "change")
        case .process(let type): ("process", type)
        case .network: ("network", "info")
        case .configuration(let type): ("configuration", type)
        }
    }
}
