package import Basics
import Hummingbird
import ServiceLifecycle

/// Shows the watchdog's own state over HTTP: liveness, readiness, metrics, report and alerts.
package struct StatusServer: Service {
    package typealias Condition = HTTPListener.Condition

    private let listener: HTTPListener

    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port; 0 takes a free one.
    ///   - source: What is shown.
    ///   - time: Dates answers and spaces attempts.
    ///   - report: Hears when the server listens, and once per cause when it cannot.
    package init(
        host: String = "127.0.0.1",
        port: Int = 9797,
        source: StatusSource,
        time: any TimeSource,
        report: @escaping @Sendable (Condition) async -> Void
    ) {
        let responder = StatusRoutes.responder(source)
        listener = HTTPListener(.tcp(host: host, port: port), time: time, report: report) { request, context in
            try await responder.respond(to: request, context: context)
        }
    }

    /// Serves until the task is cancelled or shut down gracefully.
    package func run() async throws { try await listener.run() }
}
