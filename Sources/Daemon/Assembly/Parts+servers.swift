import Alerting
import Basics
import Logging
import ServiceLifecycle
import Settings
import StatusServer

extension Parts {
    /// The status server and the control socket, as far as they are wanted and possible.
    var servers: [any Service] {
        [statusServer, controlServer].compactMap(\.self)
    }

    private var statusServer: (any Service)? {
        guard let listen = configuration.status.listen else { return nil }
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
        return StatusServer(
            host: listen.host.isEmpty ? "0.0.0.0" : listen.host,
            port: listen.port,
            source: source,
            time: time,
            report: { await note($0, of: "status server") }
        )
    }

    private var controlServer: (any Service)? {
        let places = ControlSocketPath.candidates(control: configuration.control, journal: configuration.journal)
        guard let path = ControlSocketPath.forListening(places) else {
            log.error("no control socket", metadata: ["hint": "make the folder of \(places[0]) writable"])
            return nil
        }
        return ControlServer(
            path: path,
            source: answers.source,
            time: time,
            report: { await note($0, of: "control socket") }
        )
    }

    /// A server that cannot listen is degraded, never fatal (S35).
    private func note(_ condition: HTTPListener.Condition, of server: String) async {
        guard case .blocked(let because) = condition else { return }
        log.error("cannot listen", metadata: ["server": "\(server)", "error": "\(because)"])
        await keeper.announce(.degraded, "The \(server) cannot listen: \(because)", severity: .warning)
    }
}
