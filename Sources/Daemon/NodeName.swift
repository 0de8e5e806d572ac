import Alerting
import Basics
import Checks
import Curl
import DockerEngine
import Procfs

/// Which name the watched machine has (S4): never our own UTS name, which in a container is a random id.
package enum NodeName {
    /// Where the name was found; `unknown` is told as a degraded line.
    package enum Origin: String, Sendable { case configured, hostFile = "host file", engine, journal, unknown }

    /// The first of: configured, `<HOST_ROOT>/etc/hostname`, the engine's name, the one kept in the journal.
    package static func choose(
        configured: String?,
        hostFile: String?,
        engine: String?,
        kept: String?
    ) -> (name: String, origin: Origin) {
        let candidates: [(String?, Origin)] = [
            (configured, .configured), (hostFile, .hostFile), (engine, .engine), (kept, .journal),
        ]
        for case (let name?, let origin) in candidates {
            let clean = name.safe(limit: 253)
            if !clean.isEmpty { return (clean, origin) }
        }
        return ("unknown", .unknown)
    }
}

extension NodeName {
    /// Looks in all places, at the engine only when the nearer ones have no name.
    static func find(
        _ configuration: Configuration,
        _ host: Host,
        kept: String?,
        curl: CurlLoop
    ) async -> (name: String, origin: Origin) {
        let near = choose(
            configured: configuration.general.node,
            hostFile: try? host.hostName().text,
            engine: nil,
            kept: nil
        )
        guard near.origin == .unknown else { return near }
        for engine in configuration.engines {
            if let name = await Self.name(of: engine, curl) {
                return choose(configured: nil, hostFile: nil, engine: name, kept: nil)
            }
        }
        return choose(configured: nil, hostFile: nil, engine: nil, kept: kept)
    }

    /// What an engine calls its machine; nil of one with a name that is not at a socket, for it may be anywhere.
    private static func name(of engine: WatchedEngine, _ curl: CurlLoop) async -> String? {
        guard let address = try? engine.settings.address(), engine.check.instance == nil || address.isSocket,
            let client = try? await EngineClient.connect(to: address, over: curl, timeout: .seconds(2)),
            let name = try? await client.info().name, !name.safe(limit: 253).isEmpty
        else { return nil }
        return name
    }
}
