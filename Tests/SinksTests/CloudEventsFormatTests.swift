import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("CloudEvents format")
struct CloudEventsFormatTests {
    private static func one(_ event: Event, sequence: Int64 = 4711) throws -> JSON {
        try JSON(parsing: CloudEventsFormat.payload([Samples.queued(event, sequence)]).body)
    }

    @Test("every event is a valid CloudEvent whose data is a valid native event")
    func valid() throws {
        let envelope = try TestFolder.schema("Tests/Fixtures/schemas/cloudevents.schema.json")
        let native = try TestFolder.schema("docs/reference/event.schema.json")
        for sample in try Samples.all() {
            let json = try Self.one(sample.event)
            #expect(envelope.problems(in: json) == [], "\(sample.name)")
            #expect(native.problems(in: try #require(json["data"])) == [], "\(sample.name)")
        }
    }

    @Test(
        "what the specification requires is missed where it lacks",
        arguments: ["specversion", "id", "source", "type"]
    )
    func required(name: String) throws {
        guard case .object(let members) = try Self.one(Samples.alert()) else {
            Issue.record("an event is an object")
            return
        }
        let envelope = try TestFolder.schema("Tests/Fixtures/schemas/cloudevents.schema.json")
        #expect(envelope.problems(in: .object(members.filter { $0.name != name })) == ["$: lacks \(name)"])
    }

    @Test("one event goes in structured mode, several in batched mode")
    func modes() throws {
        let one = CloudEventsFormat.payload([Samples.queued(try Samples.alert())])
        #expect(one.contentType == "application/cloudevents+json")
        let two = CloudEventsFormat.payload([Samples.queued(try Samples.alert()), Samples.queued(try Samples.number())])
        #expect(two.contentType == "application/cloudevents-batch+json")
        #expect(try JSON(parsing: two.body).items.map { $0["id"]?.stringValue?.suffix(2) } == ["A1", "A3"])
    }

    @Test("S3 source and id are the same wherever an event is told; the order within a stream is not")
    func identity() throws {
        let event = try Samples.alert()
        let here = try Self.one(event, sequence: 9)
        let there = try Self.one(event, sequence: 10)
        for name in ["id", "source"] { #expect(here[name] == there[name]) }
        #expect(here["source"] == "custos://edge-7")
        #expect(here["partitionkey"]?.stringValue == event.fingerprint)
        let (nine, ten) = (try #require(here["sequence"]?.stringValue), try #require(there["sequence"]?.stringValue))
        #expect(nine < ten, "a text sorts as the number does")
    }

    @Test("type and subject tell routers what happened to what")
    func routing() throws {
        let alert = try Self.one(Samples.number())
        #expect(alert["type"] == "custos.alert.fired")
        #expect(alert["subject"] == "neigh/neigh_used_ratio/ipv4")
        let started = try Self.one(Samples.started())
        #expect(started["type"] == "custos.lifecycle.started")
        #expect(started["subject"] == nil)
    }

    @Test("attributes hold neither control characters nor noncharacters, and a node's name stays within the source")
    func hostile() throws {
        var event = try Samples.hostile()
        let nobody = try [0xFFFE, 0xFDD0].map { Character(try #require(Unicode.Scalar($0 as UInt32))) }
        event.target = "a\(nobody[0])b\(nobody[1])\u{0}\u{9B}"
        event.node = "evil/../x y?#\n\u{E9}"
        let json = try Self.one(event)
        #expect(json["subject"] == "docker/container_health/a\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}")
        #expect(json["source"] == "custos://evil%2F..%2Fx%20y%3F%23%0A%C3%A9")
    }

    @Test("an event stays within the 64 KiB that every intermediary forwards, and says so")
    func size() throws {
        var event = try Samples.alert()
        event.annotations = Dictionary((0..<30).map { ("log \($0)", String(repeating: "x", count: 4096)) }) { $1 }
        let payload = CloudEventsFormat.payload([Samples.queued(event)])
        #expect(payload.body.count <= 64 * 1024)
        #expect(try JSON(parsing: payload.body)["data"]?["truncated"] == true)
    }
}
