package import Basics
import Hummingbird
import ServiceLifecycle

/// The control socket (S33): HTTP on a unix socket that only our own user may open.
package struct ControlServer: Service {
    private let listener: HTTPListener

    package init(
        path: String,
        source: ControlSource,
        time: any TimeSource,
        report: @escaping @Sendable (HTTPListener.Condition) async -> Void
    ) {
        let responder = ControlRoutes.responder(source)
        listener = HTTPListener(.unix(path: path), time: time, report: report) { request, context in
            try await responder.respond(to: request, context: context)
        }
    }

    /// Serves until the task is cancelled or shut down gracefully.
    package func run() async throws { try await listener.run() }
}
