import Alerting
import Basics
import Testing

@testable import Sinks

@Suite("HTTP verdict")
struct HTTPVerdictTests {
    private enum Verdict { case accepted, transient, alarming, permanent }

    private static func verdict(_ status: Int) -> Verdict {
        switch HTTPVerdict.judge(status: status, retryAfter: nil, from: "https://h", at: Timestamp(milliseconds: 0)) {
        case nil: .accepted
        case .permanent: .permanent
        case .transient(_, _, let alarming): alarming ? .alarming : .transient
        }
    }

    @Test("S5 every status has its verdict")
    func table() {
        for status in 200...299 { #expect(Self.verdict(status) == .accepted) }
        for status in [408, 425, 429] + Array(500...599) { #expect(Self.verdict(status) == .transient) }
        for status in [400, 413, 422] + Array(300...399) { #expect(Self.verdict(status) == .permanent) }
        for status in [401, 403, 404, 405, 409, 410, 415, 418, 451] { #expect(Self.verdict(status) == .alarming) }
    }

    @Test(
        "S5 Retry-After is read as seconds and as a date, and is bounded",
        arguments: [
            ("0", .zero), ("30", .seconds(30)), ("7200", .seconds(3600)), ("9223372036854775807", .seconds(3600)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", .seconds(30)), ("Wed, 21 Oct 2015 07:27:00 GMT", .zero),
            ("Wed, 21 Oct 2115 07:28:30 GMT", .seconds(3600)), ("-1", nil), ("soon", nil), ("", nil),
            ("Wed, 99 Foo 2015 07:28:30 GMT", nil), ("99999999999999999999", nil),
        ] as [(String, Duration?)]
    )
    func retryAfter(field: String, wait: Duration?) throws {
        let now = try #require(Timestamp("2015-10-21T07:28:00Z"))
        let error = HTTPVerdict.judge(status: 429, retryAfter: field, from: "https://h", at: now)
        #expect(error == .transient(because: "https://h answered 429", retryAfter: wait))
    }
}
