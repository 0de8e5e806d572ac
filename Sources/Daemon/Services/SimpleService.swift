import ServiceLifecycle

/// A loop as a service: cancelled when the watchdog stops, then given a last word.
struct SimpleService: Service {
    let name: String
    let work: @Sendable () async throws -> Void
    /// Runs after the loop has ended, before the services listed earlier are stopped.
    var last: @Sendable () async -> Void = {}

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await work() }
        // A loop that had nothing to do must not end the group: it waits for the end like the others.
        if !Task.isCancelled { try? await gracefulShutdown() }
        await last()
    }
}
