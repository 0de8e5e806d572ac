/// Wakes one waiting task; rings that come while nobody waits are remembered as one.
package struct Doorbell: Sendable {
    private let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func ring() { continuation.yield() }

    /// Returns at the next ring, or at once when one is remembered or the task is cancelled.
    package func wait() async {
        for await _ in rings { return }
    }
}
