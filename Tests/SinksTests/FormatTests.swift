import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("Webhook formats")
struct FormatTests {
    @Test("S5 each format writes its golden payload", arguments: WebhookFormat.allCases)
    func golden(format: WebhookFormat) throws {
        let template = try Template(
            #"{"who": "{{ node }}", "what": "{{title}}", "more": "{{text}}", "value": {{value}}}"#
        )
        for sample in try Samples.all() {
            let delivery = try Samples.delivery([sample.event])
            let payloads = format.payloads(of: delivery, topic: "custos", template: template)
            #expect(payloads.count == 1)
            let body = try #require(payloads.first?.body)
            try expectGolden(JSON(parsing: body).pretty, "sinks/\(format.rawValue)/\(sample.name).json")
        }
        let batch = try Samples.delivery([Samples.alert(), Samples.number(), Samples.resolved()])
        let bodies = format.payloads(of: batch, topic: "custos", template: template).map(\.body)
        let parsed = try bodies.map { try JSON(parsing: $0) }
        try expectGolden(JSON.array(parsed).pretty, "sinks/\(format.rawValue)/batch.json")
    }

    @Test("a batch larger than a format's limit becomes several requests in order", arguments: WebhookFormat.allCases)
    func chunks(format: WebhookFormat) throws {
        let count = format.batchLimit * 2 + 1
        let events = try (0..<count).map { index in
            var event = try Samples.number()
            event.summary = "event \(index)."
            return event
        }
        let payloads = format.payloads(of: try Samples.delivery(events), topic: "t")
        #expect(payloads.count == 3)
        let texts = payloads.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(texts.first?.contains("event 0.") == true)
        #expect(texts.last?.contains("event \(count - 1).") == true)
        #expect(texts.first?.contains("event \(count - 1).") == false)
    }

    @Test(
        "no format gives away control characters or bidirectional marks to a chat",
        arguments: [WebhookFormat.slack, .discord, .ntfy]
    )
    func hostile(format: WebhookFormat) throws {
        for payload in format.payloads(of: try Samples.delivery([Samples.hostile()]), topic: "t") {
            let text = try Self.strings(JSON(parsing: payload.body)).joined(separator: "\u{1}")
            for forbidden in ["\u{1B}", "\u{7}", "\u{202E}", "\r"] { #expect(!text.contains(forbidden)) }
        }
    }

    private static func strings(_ json: JSON) -> [String] {
        switch json {
        case .string(let text): [text]
        case .array(let items): items.flatMap(strings)
        case .object(let members): members.flatMap { [$0.name] + strings($0.value) }
        default: []
        }
    }
}
