package import Alerting
package import Basics
package import Checks
package import Curl
package import DockerEngine
package import Logging
import Settings

/// Keeps one engine watcher running under the present settings of its check; another address starts another one.
package actor EngineSupervisor {
    private let check: CheckID
    private let curl: CurlLoop
    private let time: any TimeSource
    private let log: Logger
    private let resyncs: Resyncs
    private let ownContainer: String?
    private let notes: HealingNotes
    private let memory: @Sendable () async -> Memory
    private let submit: @Sendable (Sweep) async -> Void
    private var keeper: ContainerKeeper?
    private var watcher: EngineWatcher?
    private var fingerprint: String?
    private var label: String?
    private var address: String?
    private var task: Task<Void, Never>?
    private var look: Task<Void, Never>?
    private var due = Due.nothing

    private enum Due { case nothing, watch, look }

    /// How what must be known of healing outlives a restart of the watchdog.
    package struct HealingNotes: Sendable {
        var read: @Sendable () async -> String?
        var write: @Sendable (String?) async -> Void

        package init(
            read: @escaping @Sendable () async -> String? = { nil },
            write: @escaping @Sendable (String?) async -> Void = { _ in }
        ) {
            self.read = read
            self.write = write
        }
    }

    /// What is known of the containers from before: the check's last complete sweep, and the alerts (S21).
    package typealias Memory = (previousSweep: Timestamp?, alerts: [Alert])

    /// `resyncs` counts over all watchers; `memory` is asked when a watcher starts and when other containers are chosen;
    /// `submit` takes partial sweeps, in order.
    ///
    /// `ownContainer` is the one in which the watchdog runs.
    package init(
        _ check: CheckID,
        curl: CurlLoop,
        time: any TimeSource,
        log: Logger,
        resyncs: Resyncs = Resyncs(),
        ownContainer: String? = nil,
        notes: HealingNotes = HealingNotes(),
        memory: @escaping @Sendable () async -> Memory,
        submit: @escaping @Sendable (Sweep) async -> Void
    ) {
        self.check = check
        self.curl = curl
        self.time = time
        self.log = log
        self.resyncs = resyncs
        self.ownContainer = ownContainer
        self.notes = notes
        self.memory = memory
        self.submit = submit
    }

    /// What the container check asks; nil while it is off.
    package var watch: (any ContainerWatch)? { keeper }

    /// Takes the settings of a configuration; `begin` follows.
    ///
    /// - Returns: The targets that are no longer chosen: their alerts resolve at once (S14).
    func apply(_ engine: WatchedEngine) async -> Set<Target> {
        guard engine.fingerprint != fingerprint else { return [] }
        fingerprint = engine.fingerprint
        label = engine.label
        let settings = engine.settings
        var options = engine.options
        options.ownContainer = ownContainer
        let memory = await self.memory()
        var left = Set(memory.alerts.filter { options.selection.leavesOut($0) }.map(\.id.target))
        let place = "\(settings.host ?? "") \(settings.certPath?.description ?? "") \(settings.tlsVerify)"
        if let keeper, place == address {
            left.formUnion(await keeper.use(options, label: label))
            due = .look
        } else {
            // Of another engine's containers, none ended under our eyes.
            let previousSweep = address == nil ? memory.previousSweep : nil
            await stop()
            address = place
            await prepare(engine, options, (previousSweep, memory.alerts.filter { !left.contains($0.id.target) }))
        }
        return left
    }

    /// Begins with what `apply` took, once the alerts know the check: what a list tells is lost on a check that does not run.
    package func begin() {
        switch due {
        case .nothing: break
        case .watch: task = Task { [watcher] in try? await watcher?.run() }
        case .look:
            // What is newly chosen is there at once, not with the next list.
            look?.cancel()
            look = Task { [watcher] in await watcher?.refresh() }
        }
        due = .nothing
    }

    private func prepare(_ engine: WatchedEngine, _ options: ContainerOptions, _ memory: Memory) async {
        let board = ContainerBoard(
            options,
            memory: ContainerMemory(previousSweep: memory.previousSweep, alerts: memory.alerts),
            healing: Healing(notes: await notes.read()),
            bootedAt: engine.isHere ? time.now - time.uptime : nil
        )
        let keeper = ContainerKeeper(board, check: check, time: time, label: label)
        self.keeper = keeper
        do {
            watcher = try Self.watcher(
                check,
                engine.settings,
                keeper,
                wasSeen: memory.previousSweep != nil,
                curl: curl,
                time: time,
                resyncs: resyncs,
                submit: submit,
                note: { [weak self] note in await self?.write(note) },
                remember: notes.write
            )
            due = .watch
        } catch {
            await keeper.engineLost(
                .blind(
                    .degraded(because: "\(error)", remedy: error.hint(in: EngineSettingNames(instance: check.instance)))
                )
            )
        }
    }

    /// The watcher of the engine that the settings name.
    package static func watcher(
        _ check: CheckID,
        _ settings: DockerCheck.Settings,
        _ keeper: ContainerKeeper,
        wasSeen: Bool = false,
        curl: CurlLoop,
        time: any TimeSource,
        resyncs: Resyncs = Resyncs(),
        submit: @escaping @Sendable (Sweep) async -> Void = { _ in },
        note: @escaping @Sendable (EngineWatcher.Note) async -> Void = { _ in },
        remember: @escaping @Sendable (String?) async -> Void = { _ in }
    ) throws(EngineError) -> EngineWatcher {
        EngineWatcher(
            address: try settings.address(),
            isConfigured: settings.isHostConfigured,
            wasSeen: wasSeen,
            loop: curl,
            keeper: keeper,
            check: check,
            time: time,
            resyncs: resyncs,
            submit: submit,
            note: note,
            remember: remember
        )
    }

    /// Ends the watching.
    package func stop() async {
        look?.cancel()
        task?.cancel()
        await look?.value
        await task?.value
        look = nil
        task = nil
        due = .nothing
        watcher = nil
        keeper = nil
        address = nil
    }

    private func write(_ note: EngineWatcher.Note) {
        var log = log
        if let label { log[metadataKey: "engine"] = "\(label)" }
        switch note {
        case .connected(let version, let api):
            log.notice("engine connected", metadata: ["engine.version": "\(version)", "engine.api": "\(api)"])
        case .absent(let because, let remedy):
            log.notice("no container engine", metadata: ["reason": "\(because)", "hint": "\(remedy ?? "")"])
        case .lost(let because, let hint):
            var metadata: Logger.Metadata = ["error": "\(because)"]
            if let hint { metadata["hint"] = "\(hint)" }
            log.error("engine lost", metadata: metadata)
        case .trouble(let because):
            log.warning("engine request failed", metadata: ["error": "\(because)"])
        case .label(let problem):
            log.warning("label not usable", metadata: ["problem": "\(problem)"])
        }
    }
}
