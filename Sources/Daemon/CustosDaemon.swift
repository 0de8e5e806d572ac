import Alerting
package import Basics
import Checks
import Curl
import Journal
import Logging
import Procfs
import ServiceLifecycle
package import Settings
import Sinks
import StatusServer

/// The watchdog: its services in the order in which they start; they stop in reverse.
///
/// Nothing but a configuration that cannot be used keeps it from running: a missing engine, socket, sink or journal is
/// degraded, said once, and tried again.
package struct CustosDaemon: Sendable {
    /// How long sinks may take to be told what is due when the watchdog stops.
    private static let grace = Duration.seconds(8)

    private let source: ConfigurationSource
    private let environment: [String: String]
    private let time: any TimeSource

    package init(source: ConfigurationSource, environment: [String: String], time: any TimeSource = SystemTime()) {
        self.source = source
        self.environment = environment
        self.time = time
    }

    /// The configuration has problems that cannot be passed over (S32).
    package struct Refused: Error {
        package var problems: [Problem]
    }

    /// Watches until a signal ends it.
    ///
    /// - Throws: `Refused`.
    package func run() async throws {
        let started = time.now
        let (configuration, problems) = source.load()
        guard !problems.contains(where: \.isFatal) else { throw Refused(problems: problems) }
        let log = StandardErrorLog.logger(configuration.log, time: time)
        for problem in problems { log.warning("configuration problem", metadata: ["problem": "\(problem)"]) }

        let curl = CurlLoop()
        let host = Host(roots: configuration.hostRoots(environment))
        let bootID = try? host.bootID().text
        let (journal, opening) = await Journal.open(
            at: configuration.journal.location,
            time: time,
            bootID: bootID
        )
        if let trouble = opening.status.trouble {
            log.error("journal degraded", metadata: ["error": "\(trouble.because)", "hint": "\(trouble.hint)"])
        }
        let (node, origin) = await NodeName.find(configuration, host, kept: await journal.kept("node"), curl: curl)
        await journal.keep("node", node)
        let keeper = AlertKeeper(
            journal: journal,
            state: await journal.load(),
            node: node,
            bootID: bootID,
            time: time,
            changed: { changes in for change in changes { Self.log(change, to: log) } }
        )
        let pool = DispatcherPool(journal: journal, time: time, node: node)
        let sinkLog = RepeatedErrors(log: log, time: time)
        await pool.report { sink, error in
            sinkLog.note(sink, error?.because)
            await keeper.note(sink, error)
        }
        let containers = EngineSupervisor(curl: curl, time: time, log: log) { await keeper.absorb($0) }
        let scheduler = Scheduler(
            time: time,
            world: { [time] instance in
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
                    metadata: ["check.id": "\(sweep.check)", "duration.ms": "\((sweep.took ?? .zero).wholeMilliseconds)"]
                )
                await keeper.absorb(sweep)
            }
        )
        let tools = SinkTools(curl: curl, time: time, version: Version.current)
        let runtime = Runtime(
            configuration,
            keeper: keeper,
            pool: pool,
            scheduler: scheduler,
            containers: containers,
            tools: tools,
            log: log
        )
        let reloader = Reloader(source: source, time: time) { await runtime.apply($0) }
        let health: @Sendable () async -> (isHealthy: Bool, reason: String) = {
            let stuck = await scheduler.stuck()
            guard stuck.isEmpty else {
                return (false, "no progress: \(stuck.map(\.description).joined(separator: ", "))")
            }
            return (true, "sweeps make progress")
        }
        let metrics = Metrics(
            keeper: keeper,
            journal: journal,
            scheduler: scheduler,
            reloader: reloader,
            time: time,
            started: started
        )
        let answers = ControlAnswers(
            keeper: keeper,
            journal: journal,
            pool: pool,
            time: time,
            node: node,
            health: health
        )
        let ending = Ending()

        var services: [any Service] = [
            SimpleService(name: "journal") { [time] in
                await Upkeep(journal: journal, time: time, settings: configuration.journal) { status in
                    await Self.tell(status, keeper, log)
                }.run(from: opening.status)
            } last: {
                await journal.close(clean: true)
            }
        ]
        services += servers(configuration, answers, metrics, log)
        services += [
            SimpleService(name: "sinks") {
                await keeper.revisit()
            } last: {
                await keeper.announce(.stopping, "custos on \(node) stops: \(ending.because)")
                await pool.drain(within: Self.grace)
            },
            SimpleService(name: "reload") { await reloader.run() },
        ]
        if let ping = HeartbeatPing(configuration.heartbeat, tools: tools) {
            let heartbeat = HeartbeatService(ping, node: node, time: time, isHealthy: { await health().isHealthy }) {
                sinkLog.note("heartbeat", $0?.because)
            }
            services.append(SimpleService(name: "heartbeat") { await heartbeat.run() })
        }
        services += [
            SimpleService(name: "start") { [time] in
                await runtime.start()
                _ = await withDeadline(.seconds(10), time: time) { await keeper.firstPassDone() }
                let report = StartReport(
                    report: await keeper.report(),
                    opening: opening,
                    streams: await pool.streams(),
                    origin: origin
                )
                await Self.tell(report, problems, keeper, log)
            } last: {
                await containers.stop()
            },
            SimpleService(name: "scheduler") { await scheduler.run() },
        ]
        services.append(
            SignalService(
                reload: { await reloader.reload() },
                stop: { because in
                    log.notice("stopping", metadata: ["reason": "\(because)"])
                    await ending.stop(because)
                }
            )
        )
        let group = ServiceGroup(services: services, logger: .silent)
        ending.attach(group)
        try await group.run()
    }
}
