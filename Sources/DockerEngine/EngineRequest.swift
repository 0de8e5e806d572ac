import Basics

/// The requests that are ever made: GET of these paths, one POST, and nothing else.
///
/// The socket is as good as root on the host, so there is no way to name another method or path. `logs` and `restart` are
/// made only where a setting, or a label on the container, asks for it.
enum EngineRequest {
    case version
    case ping
    case info
    case containers
    case inspect(ContainerID)
    case events(since: Timestamp?)
    case logs(ContainerID, LogQuery)
    case restart(ContainerID)

    /// The endpoint, without version and query.
    var path: String {
        switch self {
        case .version: "/version"
        case .ping: "/_ping"
        case .info: "/info"
        case .containers: "/containers/json"
        case .inspect(let id): "/containers/\(id)/json"
        case .events: "/events"
        case .logs(let id, _): "/containers/\(id)/logs"
        case .restart(let id): "/containers/\(id)/restart"
        }
    }

    /// The container that is asked about.
    var container: ContainerID? {
        switch self {
        case .inspect(let id), .logs(let id, _), .restart(let id): id
        case .version, .ping, .info, .containers, .events: nil
        }
    }

    /// Whether it changes something, in which case a good answer says nothing (status 204).
    var isAct: Bool { if case .restart = self { true } else { false } }

    /// Whether a good answer is what a container wrote, and no JSON.
    var isText: Bool { if case .logs = self { true } else { false } }

    /// What is sent; `version` is nil until it is agreed.
    func target(_ version: APIVersion?) -> String {
        (version.map { "/v\($0)" } ?? "") + path + query
    }

    /// The longest answer that is read, in bytes.
    var limit: Int {
        switch self {
        case .version, .ping, .restart: 64 << 10
        case .info, .inspect: 2 << 20
        // Fifty lines, of which the engine writes at most 16 KiB in one piece.
        case .logs: 1 << 20
        // Five hundred containers with ten labels of 4 KiB each, and some air.
        case .containers: 24 << 20
        // What the stream holds for a reader who is slow.
        case .events: 256 << 10
        }
    }

    private var query: String {
        switch self {
        case .version, .ping, .info, .inspect, .restart: ""
        case .containers: "?all=1"
        case .events(let since):
            "?filters=\(Self.filters)" + (since.map { "&since=\(Self.seconds($0))" } ?? "")
        case .logs(_, let query):
            "?stdout=1&stderr=1&tail=\(max(0, query.lines))"
                + (query.since.map { "&since=\(Self.seconds($0))" } ?? "")
                + (query.until.map { "&until=\(Self.seconds($0))" } ?? "")
        }
    }

    /// The engine sends only what is wanted: each health check alone makes three `exec_…` events.
    ///
    /// Old engines compare whole actions, so both ends of a health check stand beside their common name; Podman's
    /// own names for `die` and `destroy` follow.
    private static let filters: String = {
        let actions =
            EngineEvent.Action.names + ["health_status: healthy", "health_status: unhealthy", "died", "remove"]
        let filter: JSON = [
            "event": .array(actions.map { .string($0) }),
            "type": ["container"],
        ]
        return encoded(filter.text)
    }()

    /// `1795235511.123000000`: seconds and nanoseconds since the epoch.
    private static func seconds(_ moment: Timestamp) -> String {
        let milliseconds = max(0, moment.milliseconds)
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction)000000"
    }

    /// Percent-encodes all but RFC 3986's unreserved characters.
    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += byte < 16 ? "%0" : "%"
                result += String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}

/// A container's identifier or name, fit to stand in a path.
struct ContainerID: CustomStringConvertible {
    let description: String

    /// Nil where the text could lead to another endpoint.
    init?(_ text: String) {
        let bytes = text.utf8
        guard let first = bytes.first, Self.isAlphanumeric(first), bytes.count <= 255 else { return nil }
        guard bytes.allSatisfy({ Self.isAlphanumeric($0) || "_.-".utf8.contains($0) }) else { return nil }
        description = text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
