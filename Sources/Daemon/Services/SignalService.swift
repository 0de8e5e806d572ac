import ServiceLifecycle
import UnixSignals

/// SIGHUP reloads; SIGTERM and SIGINT end the watchdog with their name as the reason, also while a reload is at work.
struct SignalService: Service {
    let signals: UnixSignalsSequence
    let reload: @Sendable () async -> Void
    let stop: @Sendable (_ because: String) async -> Void

    func run() async throws {
        await withDiscardingTaskGroup { group in
            for await signal in signals.cancelOnGracefulShutdown() {
                switch signal {
                case .sighup: group.addTask { await reload() }
                case .sigterm: await stop("SIGTERM")
                case .sigint: await stop("SIGINT")
                default: break
                }
            }
        }
    }

    /// Takes the signals from the system; those that come before `run` wait for it.
    static func trap() async -> UnixSignalsSequence {
        await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint)
    }
}
