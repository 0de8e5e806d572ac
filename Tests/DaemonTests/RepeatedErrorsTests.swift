import Basics
import TestSupport
import Testing

@testable import Daemon

@Suite struct RepeatedErrorsTests {
    private let time = ManualTime()
    private let lines = LogLines()

    @Test("an error is logged when it changes and then hourly, its end once")
    func changesAndHours() {
        let errors = RepeatedErrors(log: lines.logger, time: time)
        for minute in 0..<61 {
            errors.note("webhook", minute == 0 ? "refused" : "timed out")
            time.advance(by: .seconds(60))
        }
        let failed = "warning sink fails error"
        #expect(lines.text == ["\(failed)=refused sink=webhook", "\(failed)=timed out sink=webhook"])
        errors.note("webhook", "timed out")
        errors.note("webhook", nil)
        errors.note("webhook", nil)
        errors.note("webhook", "timed out")
        #expect(
            Array(lines.text.dropFirst(2)) == [
                "\(failed)=timed out sink=webhook", "notice sink recovered sink=webhook",
                "\(failed)=timed out sink=webhook",
            ]
        )
    }

    @Test("each subject has errors of its own")
    func subjects() {
        let errors = RepeatedErrors(log: lines.logger, time: time)
        for _ in 0..<3 { for sink in ["a", "b"] { errors.note(sink, "refused") } }
        #expect(lines.text.count == 2)
        errors.note("a", nil)
        #expect(lines.text.last == "notice sink recovered sink=a")
    }
}
