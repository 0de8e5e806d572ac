package import Basics

/// One container of the list: `GET /containers/json`.
package struct ContainerSummary: Hashable, Sendable {
    package var id: String
    /// Every name, without the leading slash; the first is the container's own.
    package var names: [String]
    package var image: String
    package var imageID: String
    package var state: ContainerState
    /// The engine's sentence: `Exited (137) 5 minutes ago`, `Up 2 hours (healthy)`.
    package var status: String
    package var created: Timestamp
    /// As their owner wrote them: not to be trusted, and not to be shown without `safe`.
    package var labels: [String: String]
    /// From the engine since API 1.52, before that from the sentence; nil where neither tells.
    package var health: HealthStatus?

    /// The container's own name, or the short identifier where there is none.
    package var name: String { names.first ?? String(id.prefix(12)) }

    /// The exit code in the engine's sentence, for a container that ended.
    package var exitCode: Int? {
        guard state == .exited || state == .restarting || state == .dead else { return nil }
        guard let open = status.firstIndex(of: "("), let close = status[open...].firstIndex(of: ")") else { return nil }
        return Int(status[status.index(after: open)..<close])
    }
}

extension ContainerSummary: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case image = "Image"
        case imageID = "ImageID"
        case state = "State"
        case status = "Status"
        case created = "Created"
        case labels = "Labels"
        case health = "Health"
    }

    private struct Health: Decodable {
        var Status: HealthStatus?
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id).safe(limit: 128)
        let paths = try values.decodeIfPresent([String].self, forKey: .names) ?? []
        // A link shows as "/other/alias": the container's own name has one slash.
        names = paths.sorted { Self.depth($0) < Self.depth($1) }.prefix(16).map(Self.name)
        image = try values.decodeIfPresent(String.self, forKey: .image)?.safe(limit: 512) ?? ""
        imageID = try values.decodeIfPresent(String.self, forKey: .imageID)?.safe(limit: 128) ?? ""
        state = try values.decodeIfPresent(ContainerState.self, forKey: .state) ?? .unknown
        status = try values.decodeIfPresent(String.self, forKey: .status)?.safe(limit: 200) ?? ""
        created = Timestamp(seconds: Double(try values.decodeIfPresent(Int64.self, forKey: .created) ?? 0))
        labels = BoundedText.labels(try values.decodeIfPresent([String: String].self, forKey: .labels) ?? [:])
        health = try values.decodeIfPresent(Health.self, forKey: .health)?.Status ?? Self.health(in: status)
    }

    private static func depth(_ path: String) -> Int { path.utf8.count { $0 == UInt8(ascii: "/") } }

    /// A name without its leading slash, fit to be shown.
    static func name(_ path: String) -> String {
        (path.hasPrefix("/") ? String(path.dropFirst()) : path).safe(limit: 255)
    }

    private static func health(in status: String) -> HealthStatus? {
        if status.hasSuffix("(healthy)") { return .healthy }
        if status.hasSuffix("(unhealthy)") { return .unhealthy }
        if status.hasSuffix("(health: starting)") { return .starting }
        return nil
    }
}
