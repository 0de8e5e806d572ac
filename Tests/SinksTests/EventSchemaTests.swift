import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("The native event's schema")
struct EventSchemaTests {
    private static func validator() throws -> JSONSchemaValidator {
        JSONSchemaValidator(try JSON(parsing: TestFolder.read("docs/reference/event.schema.json")))
    }

    @Test("S8 every native payload is valid, value and state apart")
    func valid() throws {
        let validator = try Self.validator()
        for sample in try Samples.all() {
            let body = try #require(WebhookFormat.native.payloads(of: Samples.delivery([sample.event])).first?.body)
            let event = try #require(try JSON(parsing: body)[0])
            #expect(validator.problems(in: event) == [])
            let line = EventLine.json(Samples.queued(sample.event))
            #expect(try validator.problems(in: JSON(parsing: line.utf8)) == [])
        }
    }

    @Test("a digest and an event that is not durable are valid")
    func special() throws {
        let digest = try Event.digest(
            of: [Samples.queued(Samples.alert())],
            id: Samples.id("D9"),
            at: Samples.time,
            node: "n"
        )
        let placement = Event.Placement(stream: Samples.stream, sequence: 1, durable: false)
        #expect(try Self.validator().problems(in: JSON(parsing: digest.json(placement).utf8)) == [])
    }

    @Test("the schema names exactly the fields of an event, in the contract's order")
    func fields() throws {
        let text = String(decoding: try TestFolder.read("docs/reference/event.schema.json"), as: UTF8.self)
        let placement = Event.Placement(stream: Samples.stream, sequence: 1, durable: false)
        guard case .object(let members) = try Samples.alert().json(placement) else {
            Issue.record("an event is an object")
            return
        }
        let schema = try JSON(parsing: text.utf8)
        guard case .object(let properties)? = schema["properties"] else {
            Issue.record("the schema lists properties")
            return
        }
        #expect(Set(members.map(\.name) + ["truncated"]) == Set(properties.map(\.name)))
    }

    @Test(
        "what is not an event is refused",
        arguments: [
            ("value", JSON.string("3")), ("state", 3), ("id", "1"), ("time", "yesterday"), ("kind", "alarm"),
            ("severity", "fatal"), ("labels", ["a": 1]), ("sequence", 0), ("extra", true), ("durable", true),
        ] as [(String, JSON)]
    )
    func invalid(field: String, value: JSON) throws {
        guard case .object(var members) = try Samples.alert().json(.init(stream: "s", sequence: 1)) else { return }
        members.removeAll { $0.name == field }
        let rest = members
        members.append(.init(field, value))
        #expect(try Self.validator().problems(in: .object(members)) != [])
        // Without the field the event lacks something, unless the field is optional.
        let optional = ["sequence", "extra", "durable"].contains(field)
        #expect(try Self.validator().problems(in: .object(rest)).isEmpty == optional)
    }
}
