package import Alerting
package import Basics
package import Sinks

/// Calls a dead man's switch while sweeps make progress: a watchdog that hangs must look dead from outside.
package struct HeartbeatService: Sendable {
    private let ping: HeartbeatPing
    private let node: String
    private let time: any TimeSource
    private let isHealthy: @Sendable () async -> Bool
    private let outcome: @Sendable (DeliveryError?) async -> Void

    package init(
        _ ping: HeartbeatPing,
        node: String,
        time: any TimeSource,
        isHealthy: @escaping @Sendable () async -> Bool,
        outcome: @escaping @Sendable (DeliveryError?) async -> Void
    ) {
        self.ping = ping
        self.node = node
        self.time = time
        self.isHealthy = isHealthy
        self.outcome = outcome
    }

    /// Pings until the task is cancelled; a stuck watchdog holds its ping back.
    package func run() async {
        var ulids = ULID.Generator()
        repeat {
            guard await isHealthy() else { continue }
            let now = time.now
            let event = Event(
                id: ulids.next(at: now),
                time: now,
                kind: .heartbeat,
                reason: .alive,
                node: node,
                summary: "custos watches \(node)"
            )
            do throws(DeliveryError) {
                try await ping.send(event)
                await outcome(nil)
            } catch {
                await outcome(error)
            }
        } while (try? await time.sleep(for: ping.every)) != nil
    }
}
