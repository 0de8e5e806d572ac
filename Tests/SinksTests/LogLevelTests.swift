import Alerting
import Basics
import Testing

@testable import Sinks

@Suite("Log level")
struct LogLevelTests {
    @Test(
        "a severity has one level, and each level one number",
        arguments: [
            (nil, .info, 9), (.info, .info, 9), (.warning, .warning, 13), (.critical, .critical, 18),
        ] as [(Severity?, LogLevel, Int64)]
    )
    func levels(severity: Severity?, level: LogLevel, number: Int64) throws {
        var event = try Samples.alert()
        event.severity = severity
        #expect(LogLevel(event) == level)
        #expect(level.number == number)
        event.status = .resolved
        #expect(LogLevel(event) == .notice)
        #expect(LogLevel.notice.number == 10)
    }
}
