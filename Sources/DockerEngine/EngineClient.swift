package import Basics
package import Curl
import FoundationEssentials

/// A typed view of one engine's API, in the version agreed with it when it was connected.
///
/// It holds no connection: after an engine was away it may be a newer one, so connect again.
package struct EngineClient: Sendable {
    package let address: EngineAddress
    /// What the engine said of itself when it was connected.
    package let engine: EngineIdentity
    /// The API version of every further request.
    package let api: APIVersion

    private let wire: EngineWire

    /// Asks who is there and agrees on a version; `timeout` is for each answer, and for the event stream to begin.
    package static func connect(
        to address: EngineAddress,
        over loop: CurlLoop,
        timeout: Duration = .seconds(10)
    ) async throws(EngineError) -> EngineClient {
        if case .tcp(_, _, let keys?) = address, let fault = keys.fault { throw fault }
        let wire = EngineWire(address: address, loop: loop, timeout: timeout)
        let identity = try await wire.fetch(.version, nil, as: EngineIdentity.self)
        guard let newest = APIVersion(identity.newestAPI) else {
            throw .malformed(path: "/version", because: "ApiVersion is no version")
        }
        let api = try APIVersion.agreed(newest: newest, oldest: identity.oldestAPI.flatMap { APIVersion($0) })
        return EngineClient(address: address, engine: identity, api: api, wire: wire)
    }

    /// Returns when the engine is alive.
    package func ping() async throws(EngineError) {
        _ = try await wire.send(.ping, api)
    }

    package func info() async throws(EngineError) -> EngineInfo {
        try await wire.fetch(.info, api, as: EngineInfo.self)
    }

    /// Every container, whatever its state.
    package func containers() async throws(EngineError) -> [ContainerSummary] {
        try await wire.fetch(.containers, api, as: [ContainerSummary].self)
    }

    /// All that is known of one container, by identifier or name.
    ///
    /// - Throws: `.noSuchContainer` also for a text that can be no identifier.
    package func inspect(_ id: String) async throws(EngineError) -> ContainerInspect {
        guard let container = ContainerID(id) else { throw .noSuchContainer(id.safe(limit: 100)) }
        return try await wire.fetch(.inspect(container), api, as: ContainerInspect.self)
    }

    /// The last lines that a container wrote, which only a setting asks for.
    package func logs(_ id: String, _ query: LogQuery) async throws(EngineError) -> LogTail {
        guard let container = ContainerID(id) else { throw .noSuchContainer(id.safe(limit: 100)) }
        let body = try await wire.send(.logs(container, query), api)
        return LogTail(body, isTTY: query.isTTY, lines: query.lines)
    }

    /// Stops a container and starts it again, which only a setting or a label asks for; returns when it runs.
    ///
    /// `stopTimeout` is what it may take to stop.
    package func restart(_ id: String, stopTimeout: Duration) async throws(EngineError) {
        guard let container = ContainerID(id) else { throw .noSuchContainer(id.safe(limit: 100)) }
        _ = try await wire.send(.restart(container), api, within: min(stopTimeout, .seconds(600)) + .seconds(30))
    }

    /// What happens to containers from now on, after what the engine remembers since `since`.
    ///
    /// The engine remembers its last 256 events only, and none across its own restart: list after every connect.
    package func events(since: Timestamp? = nil) async throws(EngineError) -> EngineEvents {
        EngineEvents(stream: try await wire.stream(.events(since: since), api), place: "\(address)")
    }
}
