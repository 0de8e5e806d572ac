import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("Event line")
struct EventLineTests {
    /// Ways in which an event can be too long for one line.
    enum Excess: CaseIterable {
        case annotation, manyAnnotations, labels, summary, target, escapes
    }

    private static func long(_ excess: Excess) throws -> QueuedEvent {
        var event = try Samples.alert()
        let text = String(repeating: "é", count: 50_000)
        switch excess {
        case .annotation: event.annotations["log"] = text
        case .manyAnnotations: event.annotations = Dictionary((0..<5000).map { ("name\($0)", "value") }) { $1 }
        case .labels: event.labels = Dictionary((0..<5000).map { ("name\($0)", "value") }) { $1 }
        case .summary: event.summary = text
        case .target: event.target = text
        case .escapes: event.annotations["log"] = String(repeating: "\u{1}", count: 16_000)
        }
        return Samples.queued(event)
    }

    @Test("S7 no line exceeds 16 KiB; a shortened one says so and stays valid", arguments: Excess.allCases)
    func limit(excess: Excess) throws {
        let queued = try Self.long(excess)
        let line = EventLine.json(queued)
        #expect(line.utf8.count < 16 * 1024)
        #expect(EventLine.logfmt(queued).utf8.count < 16 * 1024)
        #expect(EventLine.logfmt(queued).hasSuffix(" truncated=true"))
        for (line, schema) in [(EventLine.ecs(queued), "ecs"), (EventLine.otel(queued, version: "1"), "otlp-logs")] {
            #expect(line.utf8.count < 16 * 1024)
            #expect(line.contains("truncated"))
            let schema = try TestFolder.schema("Tests/Fixtures/schemas/\(schema).schema.json")
            #expect(try schema.problems(in: JSON(parsing: line.utf8)) == [])
        }
        let json = try JSON(parsing: line.utf8)
        #expect(json["truncated"] == true)
        #expect(json["id"] == .string(queued.event.id.description))
        #expect(json["fingerprint"] == "5d1c9c1f0a3e7b42")
        let schema = JSONSchemaValidator(try JSON(parsing: TestFolder.read("docs/reference/event.schema.json")))
        #expect(schema.problems(in: json) == [])
    }

    @Test("a line that fits is the native event, unshortened")
    func whole() throws {
        var event = try Samples.alert()
        event.annotations["log"] = String(repeating: "x", count: 14_000)
        let queued = Samples.queued(event)
        #expect(EventLine.json(queued) == event.json(queued.placement).text)
    }

    @Test("no format ever breaks a line or moves a terminal's cursor")
    func controls() throws {
        var event = try Samples.hostile()
        event.state = "\u{9B}31m"
        let queued = Samples.queued(event)
        #expect(try JSON(parsing: EventLine.json(queued).utf8)["state"] == "\u{9B}31m")
        let lines = [
            EventLine.json(queued), EventLine.logfmt(queued), EventLine.ecs(queued),
            EventLine.otel(queued, version: "1"),
        ]
        for line in lines {
            #expect(!line.utf8.contains { $0 < 0x20 || $0 == 0x7F })
            #expect(!line.unicodeScalars.contains { (0x80...0x9F).contains($0.value) || $0.value == 0x202E })
        }
    }

    @Test("logfmt quotes what needs it and leaves out what is null")
    func logfmt() throws {
        let line = EventLine.logfmt(Samples.queued(try Samples.number()))
        #expect(
            line == """
                schema=custos.event/1 id=01JD6Q3Z8W00000000000000A3 time=2026-11-21T01:22:34.123Z kind=alert status=firing \
                severity=warning reason=fired check=neigh check_kind=neigh measure=neigh_used_ratio target=ipv4 \
                fingerprint=0123456789abcdef node=edge-7 summary="The neighbour table is 91 % full" value=0.914 \
                threshold="> 0.9" starts_at=2026-11-21T01:22:34.123Z stream=01JD6Q0000XXXXXXXXXXXXXXXX/webhook.ops \
                sequence=4711
                """
        )
        #expect(EventLine.logfmt(Samples.queued(try Samples.hostile())).contains(#" labels.com.example/x_y="=\"\\" "#))
    }

    @Test("each sample has its golden lines")
    func golden() throws {
        for sample in try Samples.all() {
            let queued = Samples.queued(sample.event)
            let text = TextLines(coloured: false) { _ in 3600 }
            try expectGolden(EventLine.json(queued) + "\n", "sinks/stdout/\(sample.name).json")
            try expectGolden(EventLine.logfmt(queued) + "\n", "sinks/stdout/\(sample.name).logfmt")
            try expectGolden(EventLine.ecs(queued) + "\n", "sinks/stdout/\(sample.name).ecs.json")
            try expectGolden(EventLine.otel(queued, version: "1.0.0") + "\n", "sinks/stdout/\(sample.name).otel.json")
            try expectGolden(text.text(sample.event) + "\n", "sinks/stdout/\(sample.name).txt")
        }
    }
}
