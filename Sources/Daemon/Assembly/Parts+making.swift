import Alerting
import Basics
import Checks
import Curl
import Journal
import Logging
import Procfs

/// How the parts are made that need more than a line.
extension Parts {
    static func open(
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
    static func name(
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

    static func keeper(
        _ journal: Journal,
        _ state: RetainedState,
        _ node: String,
        _ bootID: String?,
        _ time: any TimeSource,
        _ log: Logger
    ) -> AlertKeeper {
        AlertKeeper(
            journal: journal,
            state: state,
            node: node,
            bootID: bootID,
            time: time,
            changed: { changes in for change in changes { CustosDaemon.log(change, to: log) } }
        )
    }

    /// The sinks' dispatchers; what they attempt is noted by the keeper and in the log.
    static func pool(
        _ journal: Journal,
        _ node: String,
        _ time: any TimeSource,
        _ keeper: AlertKeeper,
        _ sinkLog: RepeatedErrors
    ) async -> DispatcherPool {
        let pool = DispatcherPool(journal: journal, time: time, node: node)
        await pool.report { sink, error in
            sinkLog.note(sink, error?.because)
            await keeper.note(sink, error)
        }
        return pool
    }

    static func containers(
        _ keeper: AlertKeeper,
        _ journal: Journal,
        _ host: Host,
        _ curl: CurlLoop,
        _ resyncs: Resyncs,
        _ time: any TimeSource,
        _ log: Logger
    ) -> EngineFleet {
        EngineFleet { check in
            let healing = check.instance.map { "healing.\($0)" } ?? "healing"
            return EngineSupervisor(
                check,
                curl: curl,
                time: time,
                log: log,
                resyncs: resyncs,
                ownContainer: host.ownContainer(),
                notes: EngineSupervisor.HealingNotes(
                    read: { await journal.kept(healing) },
                    write: { await journal.keep(healing, $0) }
                ),
                memory: {
                    let alerts = await keeper.alerts().map(\.alert).filter { $0.id.check == check }
                    return (await keeper.previousSweep(of: check), alerts)
                },
                submit: { await keeper.absorb($0) }
            )
        }
    }

    static func scheduler(
        _ host: Host,
        _ keeper: AlertKeeper,
        _ containers: EngineFleet,
        _ time: any TimeSource,
        _ log: Logger
    ) -> Scheduler {
        let processes = ProcessTable(host)
        return Scheduler(
            time: time,
            world: { instance in
                World(
                    host: host,
                    time: time,
                    previousSweep: await keeper.previousSweep(of: instance.id),
                    containers: await containers.watch(for: instance.id),
                    processes: processes
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
