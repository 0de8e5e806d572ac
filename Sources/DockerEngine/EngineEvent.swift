package import Basics

/// Something that happened to a container.
package struct EngineEvent: Hashable, Sendable {
    /// What happened; the rest of what the engine can say is of no interest.
    package enum Action: Hashable, Sendable {
        case create, start, die, kill, stop, oom, destroy, rename, pause, unpause, restart, update
        case healthStatus(HealthStatus)
        /// A probe of the health check has ended, says Podman: after each one, and perhaps with the status before it.
        case probed(HealthStatus)

        /// What the engine's filter is told.
        package static let names = [
            "create", "start", "die", "kill", "stop", "oom", "destroy", "rename", "pause", "unpause", "restart",
            "update",
            "health_status",
        ]

        /// Reads the engine's word; nil for an action of no interest.
        package init?(_ text: String) {
            switch text {
            case "create": self = .create
            case "start": self = .start
            case "die", "died": self = .die
            case "kill": self = .kill
            case "stop": self = .stop
            case "oom": self = .oom
            case "destroy", "remove": self = .destroy
            case "rename": self = .rename
            case "pause": self = .pause
            case "unpause": self = .unpause
            case "restart": self = .restart
            case "update": self = .update
            default:
                guard text.hasPrefix("health_status") else { return nil }
                let state = text.dropFirst("health_status".count).drop { $0 == ":" || $0 == " " }
                self = .healthStatus(HealthStatus(String(state)))
            }
        }
    }

    package var action: Action
    /// The container's identifier.
    package var id: String
    /// `name`, `image`, the labels, and what the action adds: `exitCode`, `execDuration`, `signal`, `oldName`.
    package var attributes: [String: String]
    package var time: Timestamp
    /// The engine's own time in nanoseconds since the epoch: with `id` and `action` it tells a replayed event.
    package var nanoseconds: Int64

    package init(action: Action, id: String, attributes: [String: String] = [:], nanoseconds: Int64) {
        self.action = action
        self.id = id
        self.attributes = attributes
        self.nanoseconds = nanoseconds
        time = Timestamp(milliseconds: nanoseconds / 1_000_000)
    }

    /// The container's name at that moment.
    package var name: String? { attributes["name"] }

    /// The exit code of a `die`.
    package var exitCode: Int? { attributes["exitCode"].flatMap { Int($0) } }

    /// The signal of a `kill`.
    package var signal: Int? { attributes["signal"].flatMap { Int($0) } }
}

/// What a line of the stream holds; nil members where it is of no interest.
struct EventLine: Decodable {
    var event: EngineEvent?

    private struct Wire: Decodable {
        struct Actor: Decodable {
            var ID: String?
            var Attributes: [String: String]?
        }

        // Since API 1.22; `status`, `id` and `from` are older and gone since 1.52.
        var `Type`: String?
        var Action: String?
        var Actor: Actor?
        var status: String?
        var id: String?
        var from: String?
        var time: Int64?
        var timeNano: Int64?
        // Podman's.
        var HealthStatus: HealthStatus?
    }

    init(from decoder: any Decoder) throws {
        let wire = try Wire(from: decoder)
        guard wire.Type ?? "container" == "container" else { return }
        guard var action = (wire.Action ?? wire.status).flatMap({ EngineEvent.Action($0) }) else { return }
        if action == .healthStatus(.none), let status = wire.HealthStatus { action = .probed(status) }
        guard let id = wire.Actor?.ID ?? wire.id, !id.isEmpty else { return }
        let attributes = wire.Actor?.Attributes ?? wire.from.map { ["image": $0] } ?? [:]
        event = EngineEvent(
            action: action,
            id: id.safe(limit: 128),
            attributes: BoundedText.labels(attributes),
            nanoseconds: wire.timeNano ?? (wire.time ?? 0).multipliedReportingOverflow(by: 1_000_000_000).partialValue
        )
    }
}
