import Alerting
import Basics
import Checks
import Journal
import Logging
import Procfs
import ServiceLifecycle
import Sinks

extension Parts {
    /// How long sinks may take to be told what is due when the watchdog stops.
    private static let grace = Duration.seconds(8)
    /// How long the started event waits for the first sweeps.
    private static let firstPass = Duration.seconds(10)

    /// In the order in which they start; they stop in reverse, so that each may rely on those before it.
    var services: [any Service] {
        [remembering] + servers + [telling, reloading] + heartbeat + [starting, looking]
    }

    private var remembering: any Service {
        SimpleService(name: "journal") {
            await Upkeep(journal: journal, time: time, settings: configuration.journal) { status in
                await CustosDaemon.tell(status, keeper, log)
            } lost: {
                await keeper.restore()
            }.run(from: opening.status)
        } last: {
            await journal.close(clean: true)
        }
    }

    private var telling: any Service {
        SimpleService(name: "sinks") {
            await keeper.revisit()
        } last: {
            await keeper.announce(.stopping, "custos on \(node) stops: \(ending.because)")
            await pool.drain(within: Self.grace)
        }
    }

    private var reloading: any Service {
        SimpleService(name: "reload") { await reloader.run() }
    }

    /// A ping to a dead man's switch, if one is configured.
    private var heartbeat: [any Service] {
        guard let ping = HeartbeatPing(configuration.heartbeat, tools: tools) else { return [] }
        let heartbeat = HeartbeatService(
            ping,
            node: node,
            time: time,
            isHealthy: { await scheduler.health().isHealthy },
            outcome: { sinkLog.note("heartbeat", $0?.because) }
        )
        return [SimpleService(name: "heartbeat") { await heartbeat.run() }]
    }

    /// Starts what the configuration asks for, says so when the first sweeps are done (S10), and gives back from then on
    /// what busy times took of the heap, which does not do it by itself.
    private var starting: any Service {
        SimpleService(name: "start") {
            await runtime.start()
            _ = await withDeadline(Self.firstPass, time: time) { await keeper.firstPassDone() }
            let report = StartReport(
                report: await keeper.report(),
                opening: opening,
                unreadable: unreadable,
                streams: await pool.streams(),
                origin: origin,
                furtherRequests: configuration.furtherRequests
            )
            await CustosDaemon.tell(report, problems, keeper, log)
            repeat { OwnProcess.returnMemory() } while (try? await time.sleep(for: .seconds(60))) != nil
        } last: {
            await containers.stop()
        }
    }

    private var looking: any Service {
        SimpleService(name: "scheduler") { await scheduler.run() }
    }

    /// What the signals do; the last service to start, so that it is the first to stop.
    func answering(_ signals: AsyncStream<Signal>) -> any Service {
        SignalService(
            signals: signals,
            reload: { await reloader.reload() },
            stop: { because in
                log.notice("stopping", metadata: ["reason": "\(because)"])
                await ending.stop(because)
            }
        )
    }
}
