import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("Digest list")
struct DigestListTests {
    /// A digest of many reminders, with one first firing and one resolve at its end.
    private static func digest() throws -> Event {
        var reminder = try Samples.alert()
        reminder.reason = .reminder
        reminder.summary = "again and again"
        var fired = try Samples.number()
        fired.summary = "for the first\ntime <!channel>"
        let events = Array(repeating: reminder, count: 300) + [fired, try Samples.resolved()]
        return Event.digest(
            of: events.enumerated().map { Samples.queued($1, Int64($0 + 1)) },
            id: try Samples.id("D9"),
            at: Samples.time,
            node: "edge-7"
        )
    }

    @Test(
        "S9 a digest in a chat shows first firings and resolves before anything else",
        arguments: [WebhookFormat.slack, .discord, .ntfy]
    )
    func chats(format: WebhookFormat) throws {
        let delivery = try Samples.delivery([Self.digest()])
        let body = try #require(format.payloads(of: delivery, topic: "t").first?.body)
        let text = String(decoding: body, as: UTF8.self)
        let fired = try #require(text.place(of: "WARNING for the first"))
        let resolved = try #require(text.place(of: "RESOLVED Container grafana is healthy again"))
        let reminder = try #require(text.place(of: "CRITICAL again and again"))
        #expect(fired < resolved && resolved < reminder)
        #expect(text.contains("… and ") && text.contains(" more"))
        #expect(text.utf8.count < 6000)
    }

    @Test("S9 the native digest names every event")
    func native() throws {
        let lines = try #require(Self.digest().annotations["events"]).split(separator: "\n")
        #expect(lines.count == 302)
    }

    @Test("what is no list gives nothing")
    func foreign() {
        #expect(DigestList("a b c\n\n").text(limit: 100) == "")
    }
}
