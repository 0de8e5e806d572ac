import Alerting
import Basics
import Testing

@testable import Sinks

@Suite("Text lines")
struct TextLinesTests {
    @Test("an event is one line, evidence a second one")
    func lines() throws {
        let text = TextLines(coloured: false) { _ in 0 }
        var event = try Samples.started()
        event.annotations = [:]
        #expect(
            text.text(event) == "2026-11-21 01:22:34 STARTED  Custos 1.0.0 started: watches 14 containers and 4 checks"
        )
        for sample in try Samples.all() {
            #expect(text.text(sample.event).split(separator: "\n").count == 2)
        }
    }

    @Test("times are local")
    func zone() throws {
        let west = TextLines(coloured: false) { _ in -5 * 3600 }
        #expect(west.text(try Samples.alert()).hasPrefix("2026-11-20 20:22:34 CRITICAL grafana: "))
    }

    @Test("colour only where it is wanted, and never from outside")
    func colour() throws {
        let plain = TextLines(coloured: false) { _ in 0 }
        let bright = TextLines(coloured: true) { _ in 0 }
        #expect(!plain.text(try Samples.hostile()).contains("\u{1B}"))
        #expect(bright.text(try Samples.alert()).contains("\u{1B}[31mCRITICAL\u{1B}[0m"))
        #expect(bright.text(try Samples.resolved()).contains("\u{1B}[32mRESOLVED\u{1B}[0m"))
        #expect(!bright.text(try Samples.hostile()).contains("\u{1B}[2J"))
    }
}
