import Testing

@testable import Sinks

@Suite("Sink")
struct SinkTests {
    @Test("a delivery holds at least one event, whatever was asked for", arguments: [(-1, 1), (0, 1), (1, 1), (7, 7)])
    func batch(asked: Int, given: Int) {
        var policy = DeliveryPolicy()
        policy.batchMax = asked
        #expect(policy.batchMax == given)
    }
}
