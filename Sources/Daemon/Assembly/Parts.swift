import Alerting
import Basics
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
    /// How many of the journal's rows were left out at the start, by table.
    let unreadable: [String: Int]
    let keeper: AlertKeeper
    let pool: DispatcherPool
    let sinkLog: RepeatedErrors
    let containers: EngineFleet
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
        (journal, opening) = await Self.open(configuration.journal, time, bootID, log)
        (node, origin) = await Self.name(configuration, host, journal, curl)
        let state = await journal.load()
        unreadable = state.unreadable
        keeper = Self.keeper(journal, state, node, bootID, time, log)
        sinkLog = RepeatedErrors(log: log, time: time)
        pool = await Self.pool(journal, node, time, keeper, sinkLog)
        let resyncs = Resyncs()
        containers = Self.containers(keeper, journal, host, curl, resyncs, time, log)
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
            resyncs: resyncs,
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
