package import Alerting
package import Basics
package import Checks
package import Curl
package import DockerEngine
package import Logging
import Settings

/// Keeps one engine watcher running under the present settings; another address starts another one.
package actor EngineSupervisor {
    private let curl: CurlLoop
    private let time: any TimeSource
    private let log: Logger
    private let submit: @Sendable (Sweep) async -> Void
    private var keeper: ContainerKeeper?
    private var fingerprint: String?
    private var address: String?
    private var task: Task<Void, Never>?

    package init(
        curl: CurlLoop,
        time: any TimeSource,
        log: Logger,
        submit: @escaping @Sendable (Sweep) async -> Void
    ) {
        self.curl = curl
        self.time = time
        self.log = log
        self.submit = submit
    }

    /// What the container check asks; nil while it is off.
    package var watch: (any ContainerWatch)? { keeper }

    /// Takes the settings of a configuration.
    ///
    /// - Returns: Which targets are no longer chosen: their alerts resolve at once (S14).
    package func apply(_ configuration: Configuration) async -> @Sendable (CheckID, Target) -> Bool {
        let settings = configuration.docker
        guard configuration.dockerFingerprint != fingerprint else { return { _, _ in false } }
        fingerprint = configuration.dockerFingerprint
        guard fingerprint != nil else {
            await stop()
            return { _, _ in false }
        }
        let place = "\(settings.host ?? "") \(settings.certPath?.description ?? "") \(settings.tlsVerify)"
        if let keeper, place == address {
            let left = await keeper.use(settings.options)
            return { check, target in check.kind == DockerCheck.kind && left.contains(target) }
        }
        await stop()
        address = place
        start(settings)
        return { _, _ in false }
    }

    private func start(_ settings: DockerCheck.Settings) {
        let keeper = ContainerKeeper(ContainerBoard(settings.options), time: time)
        self.keeper = keeper
        let watcher: EngineWatcher
        do {
            watcher = try Self.watcher(settings, keeper, curl: curl, time: time, submit: submit) { [log] note in
                Self.write(note, to: log)
            }
        } catch {
            let because = CheckError.degraded(because: "\(error)", remedy: error.hint)
            task = Task { await keeper.engineLost(.blind(because)) }
            return
        }
        task = Task { try? await watcher.run() }
    }

    /// The watcher of the engine that the settings name.
    package static func watcher(
        _ settings: DockerCheck.Settings,
        _ keeper: ContainerKeeper,
        curl: CurlLoop,
        time: any TimeSource,
        submit: @escaping @Sendable (Sweep) async -> Void = { _ in },
        note: @escaping @Sendable (EngineWatcher.Note) async -> Void = { _ in }
    ) throws(EngineError) -> EngineWatcher {
        EngineWatcher(
            address: try settings.address(),
            isConfigured: settings.isHostConfigured,
            loop: curl,
            keeper: keeper,
            time: time,
            submit: submit,
            note: note
        )
    }

    /// Ends the watching.
    package func stop() async {
        task?.cancel()
        await task?.value
        task = nil
        keeper = nil
        address = nil
    }

    private static func write(_ note: EngineWatcher.Note, to log: Logger) {
        switch note {
        case .connected(let version, let api):
            log.notice("engine connected", metadata: ["engine.version": "\(version)", "engine.api": "\(api)"])
        case .absent(let because, let remedy):
            log.notice("containers are not watched", metadata: ["reason": "\(because)", "hint": "\(remedy ?? "")"])
        case .lost(let because, let hint):
            var metadata: Logger.Metadata = ["error": "\(because)"]
            if let hint { metadata["hint"] = "\(hint)" }
            log.error("engine lost", metadata: metadata)
        case .trouble(let because):
            log.warning("engine request failed", metadata: ["error": "\(because)"])
        }
    }
}
