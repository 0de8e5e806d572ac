import Alerting
import Basics
import Checks
import Curl
import Journal
import Logging
import Procfs
import Settings
import Sinks

/// What a running watchdog is made of, wired once at its start; `services` says how it lives.
struct Parts: Sendable {
    let configuration: Configuration
    /// Those that were passed over (S32).
    let problems: [Problem]
    let time: any TimeSource
    let log: Logger
    let node: String
    let origin: NodeName.Origin
    let journal: Journal
    let opening: JournalOpening
    let keeper: AlertKeeper
    let pool: DispatcherPool
    let sinkLog: RepeatedErrors
    let containers: EngineSupervisor
    let scheduler: Scheduler
    let tools: SinkTools
    let runtime: Runtime
    let reloader: Reloader
    let metrics: Metrics
    let answers: ControlAnswers
    let ending = Ending()

    init(
        _ configuration: Configuration,
        problems: [Problem],
        source: ConfigurationSource,
        environment: [String: String],
        time: any TimeSource,
        log: Logger
    ) async {
        let started = time.now
        self.configuration = configuration
        self.problems = problems
        self.time = time
        self.log = log
        let curl = CurlLoop()
        let host = Host(roots: configuration.hostRoots(environment))
        let bootID = try? host.bootID().text
        let (journal, opening) = await Self.open(configuration.journal, time, bootID, log)
        (self.journal, self.opening) = (journal, opening)
        (node, origin) = await Self.name(configuration, host, journal, curl)
        let keeper = AlertKeeper(
            journal: journal,
            state: await journal.load(),
            node: node,
            bootID: bootID,
            time: time,
            changed: { changes in for change in changes { CustosDaemon.log(change, to: log) } }
        )
        self.keeper = keeper
        pool = DispatcherPool(journal: journal, time: time, node: node)
        sinkLog = RepeatedErrors(log: log, time: time)
        await pool.report { [sinkLog] sink, error in
            sinkLog.note(sink, error?.because)
            await keeper.note(sink, error)
        }
        containers = EngineSupervisor(
            curl: curl,
            time: time,
            log: log,
            memory: { (await keeper.previousSweep(of: CheckID(DockerCheck.kind)), await keeper.alerts().map(\.alert)) },
            submit: { await keeper.absorb($0) }
        )
        scheduler = Self.scheduler(host, keeper, containers, time, log)
        tools = SinkTools(curl: curl, time: time, version: Version.current)
        let runtime = Runtime(
            configuration,
            keeper: keeper,
            pool: pool,
            scheduler: scheduler,
            containers: containers,
            tools: tools,
            log: log
        )
        self.runtime = runtime
        reloader = Reloader(source: source, time: time) { await runtime.apply($0) }
        metrics = Metrics(
            keeper: keeper,
            journal: journal,
            scheduler: scheduler,
            reloader: reloader,
            time: time,
            started: started
        )
        answers = ControlAnswers(
            keeper: keeper,
            journal: journal,
            pool: pool,
            time: time,
            node: node,
            health: { [scheduler] in await scheduler.health() }
        )
    }
}

extension Parts {
    private static func open(
        _ settings: JournalSettings,
        _ time: any TimeSource,
        _ bootID: String?,
        _ log: Logger
    ) async -> (Journal, JournalOpening) {
        let (journal, opening) = await Journal.open(at: settings.location, time: time, bootID: bootID)
        if let trouble = opening.status.trouble {
            log.error("journal degraded", metadata: ["error": "\(trouble.because)", "hint": "\(trouble.hint)"])
        }
        return (journal, opening)
    }

    /// The node's name (S4), kept for a start at which nobody can say it.
    private static func name(
        _ configuration: Configuration,
        _ host: Host,
        _ journal: Journal,
        _ curl: CurlLoop
    ) async -> (String, NodeName.Origin) {
        let (node, origin) = await NodeName.find(configuration, host, kept: await journal.kept("node"), curl: curl)
        // `unknown` is no name: kept, it would pass for one at the next start.
        if origin != .unknown { await journal.keep("node", node) }
        return (node, origin)
    }

    private static func scheduler(
        _ host: Host,
        _ keeper: AlertKeeper,
        _ containers: EngineSupervisor,
        _ time: any TimeSource,
        _ log: Logger
    ) -> Scheduler {
        Scheduler(
            time: time,
            world: { instance in
                World(
                    host: host,
                    time: time,
                    previousSweep: await keeper.previousSweep(of: instance.id),
                    containers: await containers.watch
                )
            },
            submit: { sweep in
                log.debug(
                    "sweep",
                    metadata: [
                        "check.id": "\(sweep.check)", "duration.ms": "\((sweep.took ?? .zero).wholeMilliseconds)",
                    ]
                )
                await keeper.absorb(sweep)
            }
        )
    }
}

extension Scheduler {
    /// Whether every loop makes progress, and a sentence about it.
    func health() -> (isHealthy: Bool, reason: String) {
        let stuck = stuck()
        guard stuck.isEmpty else {
            return (false, "no progress: \(stuck.map(\.description).joined(separator: ", "))")
        }
        return (true, "sweeps make progress")
    }
}
