import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("Slack format")
struct SlackFormatTests {
    @Test("reserved characters are escaped, so nothing can link or call a channel")
    func escaping() {
        #expect(SlackFormat.escaped("a & <b> <!channel>") == "a &amp; &lt;b&gt; &lt;!channel&gt;")
        #expect(SlackFormat.escaped("@channel") == "@\u{2060}channel")
        #expect(SlackFormat.escaped("mail a@example.org") == "mail a@example.org")
    }

    @Test("severities and resolves have their colours")
    func colours() throws {
        func colour(_ event: Event) throws -> String? {
            SlackFormat.body([Samples.queued(event)])["attachments"]?[0]?["color"]?.stringValue
        }
        #expect(try colour(Samples.alert()) == "#d32f2f")
        #expect(try colour(Samples.number()) == "#f57c00")
        #expect(try colour(Samples.resolved()) == "#388e3c")
        #expect(try colour(Samples.started()) == "#757575")
    }

    @Test("the title of a batch counts what is in it")
    func batch() throws {
        let events = try [Samples.alert(), Samples.alert(), Samples.resolved(), Samples.started()].map {
            Samples.queued($0)
        }
        #expect(SlackFormat.body(events)["text"]?.stringValue == "edge-7: 2 CRITICAL, 1 RESOLVED, 1 OTHER")
    }

    @Test("long evidence is cut and many fields are counted")
    func limits() throws {
        var event = try Samples.alert()
        event.annotations = Dictionary((0..<500).map { ("name\($0)", String(repeating: "x", count: 9000)) }) { $1 }
        #expect(SlackFormat.body([Samples.queued(event)]).utf8.count < 12_000)
        #expect(SlackFormat.body([Samples.queued(event)]).text.contains("490 fields"))
    }
}
