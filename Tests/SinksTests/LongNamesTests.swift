import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

/// Names, labels and evidence of 4 KiB with all that does harm, from the observation to the wire.
@Suite("Long names")
struct LongNamesTests {
    private static let nasty =
        "x\"\n\r\u{1B}[2J\u{9B}31m\u{202E}\0'\\<!channel>@everyone&" + String(repeating: "é", count: 2048)

    /// What the alert book and the telling make of an observation whose every text is hostile.
    private static func event() throws -> Event {
        let measure = Measure(name: "container_death", unit: .none, summary: "Deaths.")
        var book = AlertBook(bootID: nil)
        let rule = Rule(measure, .occurred(atLeast: 1, within: .seconds(600), .critical))
        let now = Samples.time
        _ = book.reconfigure([CheckPlan(check: CheckID("docker"), rules: [rule])], at: now)
        var observation = Observation(measure, of: Target(nasty, identity: [nasty: nasty]), .occurrences(1))
        observation.summary = nasty
        observation.labels = Dictionary((0..<500).map { ("\($0)\(nasty)", nasty) }) { $1 }
        observation.annotations = Dictionary((0..<500).map { ("\($0)\(nasty)", nasty) }) { $1 }
        let step = book.absorb(
            Sweep(check: CheckID("docker"), at: now, uptime: .seconds(1), outcome: .success([observation]))
        )
        var telling = Telling(node: "edge-7", routes: [SinkRoute(sink: "a")])
        return try #require(telling.decide(step, book: book, at: now).events.first)
    }

    @Test("an event is bounded, and holds no control character but the line breaks of its evidence")
    func bounded() throws {
        let event = try Self.event()
        #expect(event.summary.utf8.count <= 520)
        #expect(try #require(event.target).utf8.count <= 260)
        #expect(event.labels.count <= 128)
        #expect(event.annotations.count <= 32)
        #expect(event.json().utf8.count < 200 * 1024)
        let texts = event.labels.flatMap { [$0.key, $0.value] } + [event.summary, event.target ?? ""]
        for text in texts + event.annotations.keys { #expect(!text.unicodeScalars.contains(where: Self.isControl)) }
        for text in event.annotations.values {
            #expect(!text.unicodeScalars.contains { Self.isControl($0) && $0 != "\n" })
        }
    }

    @Test("S7 on stdout it is one line below 16 KiB that is still valid")
    func stdout() throws {
        let queued = Samples.queued(try Self.event())
        for line in [
            EventLine.json(queued), EventLine.logfmt(queued), EventLine.ecs(queued),
            EventLine.otel(queued, version: "1"),
        ] {
            #expect(line.utf8.count < 16 * 1024)
            #expect(!line.unicodeScalars.contains(where: Self.isControl))
        }
        let json = try JSON(parsing: EventLine.json(queued).utf8)
        let schema = JSONSchemaValidator(try JSON(parsing: TestFolder.read("docs/reference/event.schema.json")))
        #expect(schema.problems(in: json) == [])
    }

    @Test("each format stays within its receiver's limits", arguments: WebhookFormat.allCases)
    func formats(format: WebhookFormat) throws {
        let events = try (0..<format.batchLimit).map { _ in try Self.event() }
        let payloads = format.payloads(of: try Samples.delivery(events), topic: "custos")
        #expect(payloads.count == 1)
        let body = try #require(payloads.first?.body)
        let json = try JSON(parsing: body)
        func length(_ json: JSON?) throws -> Int { try #require(json?.stringValue).unicodeScalars.count }
        switch format {
        case .native, .alertmanager, .alertmanagerAPI, .template: #expect(body.count < 200 * 1024 * events.count)
        case .cloudevents:
            #expect(json.items.count == format.batchLimit)
            for event in json.items { #expect(event.utf8.count <= 64 * 1024) }
        case .slack:
            #expect(try length(json["text"]) <= 4000)
            let fields = try #require(json["attachments"]?.items).flatMap { $0["fields"]?.items ?? [] }
            #expect(!fields.isEmpty)
            for field in fields { #expect(try length(field["value"]) <= 2000) }
        case .discord:
            let embeds = try #require(json["embeds"]?.items)
            let sizes = try embeds.map {
                try length($0["title"]) + length($0["description"]) + length($0["footer"]?["text"])
            }
            #expect(sizes.reduce(0, +) <= 6000)
        case .ntfy:
            #expect(body.count > 0)
            #expect(try #require(json["message"]?.stringValue).utf8.count <= 4096)
            #expect(try length(json["title"]) <= 250)
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x202E
    }
}
