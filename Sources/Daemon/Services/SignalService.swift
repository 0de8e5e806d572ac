import ServiceLifecycle
import UnixSignals

/// SIGHUP reloads; SIGTERM and SIGINT end the watchdog with their name as the reason.
struct SignalService: Service {
    let reload: @Sendable () async -> Void
    let stop: @Sendable (_ because: String) async -> Void

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint)
        for await signal in signals.cancelOnGracefulShutdown() {
            switch signal {
            case .sighup: await reload()
            case .sigterm: await stop("SIGTERM")
            case .sigint: await stop("SIGINT")
            default: break
            }
        }
    }
}
