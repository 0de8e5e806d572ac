import Basics
import ServiceLifecycle

/// SIGHUP reloads; SIGTERM and SIGINT end the watchdog with their name as the reason, also while a reload is at work.
struct SignalService: Service {
    let signals: AsyncStream<Signal>
    let reload: @Sendable () async -> Void
    let stop: @Sendable (_ because: String) async -> Void

    func run() async throws {
        await withDiscardingTaskGroup { group in
            for await signal in signals.cancelOnGracefulShutdown() {
                switch signal {
                case .hangUp: group.addTask { await reload() }
                case .terminate, .interrupt: await stop(signal.name)
                }
            }
        }
    }

    private static let thread = ThreadExecutor("custos-signals", serves: .tasks)

    /// Takes the signals from the system; those that come before `run` wait for it.
    ///
    /// On a thread of its own, which waits in a read(2): a source of Dispatch's would bring its pool, and with it a wake-up
    /// every second.
    /// Nil where the system refuses: they then do what they do by default.
    static func trap() -> AsyncStream<Signal>? {
        guard Signal.trap() else { return nil }
        // None may be lost: behind many reloads may be the end.
        return AsyncStream(bufferingPolicy: .unbounded) { signals in
            Task(executorPreference: thread.preference) {
                while let signal = Signal.next() { signals.yield(signal) }
            }
        }
    }
}
