import Alerting
import Basics
import Logging
import ServiceLifecycle
import Settings
import StatusServer

extension CustosDaemon {
    /// The status server and the control socket, as far as they are wanted and possible.
    func servers(
        _ configuration: Configuration,
        _ answers: ControlAnswers,
        _ metrics: Metrics,
        _ log: Logger
    ) -> [any Service] {
        var services: [any Service] = []
        let keeper = answers.keeper
        let report: @Sendable (String) -> @Sendable (HTTPListener.Condition) async -> Void = { name in
            { condition in
                guard case .blocked(let because) = condition else { return }
                log.error("cannot listen", metadata: ["server": "\(name)", "error": "\(because)"])
                await keeper.announce(.degraded, "The \(name) cannot listen: \(because)", severity: .warning)
            }
        }
        if let listen = configuration.status.listen {
            let source = StatusSource(
                live: {
                    let (isHealthy, reason) = await answers.health()
                    return (isHealthy, reason)
                },
                ready: {
                    await keeper.isFirstPassDone ? (true, "the first sweeps are done") : (false, "the first sweeps run")
                },
                metrics: { await metrics.text() },
                report: { await keeper.report().json },
                alerts: { await answers.alerts() }
            )
            services.append(
                StatusServer(
                    host: listen.host.isEmpty ? "0.0.0.0" : listen.host,
                    port: listen.port,
                    source: source,
                    time: answers.time,
                    report: report("status server")
                )
            )
        }
        let places = ControlSocketPath.candidates(control: configuration.control, journal: configuration.journal)
        if let path = ControlSocketPath.forListening(places) {
            services.append(
                ControlServer(path: path, source: answers.source, time: answers.time, report: report("control socket"))
            )
        } else {
            log.error("no control socket", metadata: ["hint": "make the folder of \(places[0]) writable"])
        }
        return services
    }
}
