package import Alerting
package import Sinks

/// One configured sink, ready to be told: its settings are inside `deliver`.
package struct SinkInstance: Sendable {
    package var route: SinkRoute
    package var policy: DeliveryPolicy
    /// Equal for equal settings: a sink whose fingerprint is unchanged is left alone by a reload.
    package var fingerprint: String
    package var deliver: @Sendable (Delivery) async -> Result<Void, DeliveryError>

    package var id: SinkID { route.sink }

    package init(
        route: SinkRoute,
        policy: DeliveryPolicy = DeliveryPolicy(),
        fingerprint: String = "",
        deliver: @escaping @Sendable (Delivery) async -> Result<Void, DeliveryError>
    ) {
        self.route = route
        self.policy = policy
        self.fingerprint = fingerprint
        self.deliver = deliver
    }

    /// The same around a sink.
    package init(_ sink: any Sink, route: SinkRoute, fingerprint: String) {
        self.init(route: route, policy: sink.policy, fingerprint: fingerprint) { delivery in
            do throws(DeliveryError) {
                try await sink.deliver(delivery)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
    }
}
