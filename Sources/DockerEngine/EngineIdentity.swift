import Basics

/// Who made an engine: Podman answers to the same requests, and tells some events otherwise.
package enum EngineProduct: Hashable, Sendable {
    case docker, podman
}

/// What an engine says of itself: `GET /version`.
package struct EngineIdentity: Hashable, Sendable, Decodable {
    /// The engine's own version: `20.10.24`.
    package let version: String
    /// The newest and the oldest API it speaks; engines before API 1.25 do not tell the oldest.
    package let newestAPI: String
    package let oldestAPI: String?
    package let product: EngineProduct

    private struct Component: Decodable {
        var Name: String?
    }

    private enum CodingKeys: String, CodingKey {
        case version = "Version"
        case components = "Components"
        case newestAPI = "ApiVersion"
        case oldestAPI = "MinAPIVersion"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decodeIfPresent(String.self, forKey: .version)?.safe(limit: 100) ?? "unknown"
        newestAPI = try values.decode(String.self, forKey: .newestAPI).safe(limit: 20)
        oldestAPI = try values.decodeIfPresent(String.self, forKey: .oldestAPI)?.safe(limit: 20)
        let components = try? values.decodeIfPresent([Component].self, forKey: .components)
        product = components?.contains { $0.Name == "Podman Engine" } == true ? .podman : .docker
    }
}

/// What an engine says of its host: `GET /info`.
package struct EngineInfo: Hashable, Sendable, Decodable {
    /// The engine's identifier, which outlives its restarts.
    package let id: String?
    /// The host's name.
    package let name: String
    /// Where it keeps images, containers and volumes, on its own machine; nil where it says nothing of use.
    package let dataFolder: String?

    private enum CodingKeys: String, CodingKey {
        case id = "ID"
        case name = "Name"
        case dataFolder = "DockerRootDir"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decodeIfPresent(String.self, forKey: .id)?.safe(limit: 200)
        name = try values.decodeIfPresent(String.self, forKey: .name)?.safe(limit: 255) ?? ""
        let folder = try values.decodeIfPresent(String.self, forKey: .dataFolder) ?? ""
        dataFolder = folder.hasPrefix("/") && folder.utf8.count <= 4096 ? folder : nil
    }
}
