import Basics
import Testing

@testable import Sinks

@Suite("Backoff")
struct BackoffTests {
    /// A generator whose numbers are the same in every run.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64 = 42

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }

    @Test("the ceiling doubles from 1 s to 5 min and stays there")
    func ceiling() {
        let ceilings = (1...10).map { Backoff().ceiling(after: $0) }
        #expect(ceilings == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map { .seconds($0) })
        #expect(Backoff().ceiling(after: 0) == .seconds(1))
        #expect(Backoff().ceiling(after: .max) == .seconds(300))
    }

    @Test("waits are spread over the whole span below the ceiling")
    func jitter() {
        var random = Seeded()
        let waits = (0..<1000).map { _ in Backoff().delay(after: 5, using: &random) }
        #expect(waits.allSatisfy { $0 >= .zero && $0 <= .seconds(16) })
        for quarter in 0..<4 {
            let span = Duration.seconds(4 * quarter)..<(.seconds(4 * quarter + 4))
            #expect((200...300).contains(waits.count { span.contains($0) }))
        }
    }

    @Test("what the receiver asked for is never undercut")
    func retryAfter() {
        var random = Seeded()
        let waits = (0..<100).map { _ in Backoff().delay(after: 1, retryAfter: .seconds(30), using: &random) }
        #expect(waits.allSatisfy { $0 == .seconds(30) })
    }
}
