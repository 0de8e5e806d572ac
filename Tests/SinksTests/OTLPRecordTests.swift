import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("OTLP record")
struct OTLPRecordTests {
    private static func line(_ event: Event) throws -> JSON {
        try JSON(parsing: EventLine.otel(Samples.queued(event), version: "1.0.0").utf8)
    }

    private static func record(_ event: Event) throws -> JSON {
        try #require(line(event)["resourceLogs"]?[0]?["scopeLogs"]?[0]?["logRecords"]?[0])
    }

    private static func attribute(_ name: String, _ record: JSON?) -> JSON? {
        record?["attributes"]?.items.first { $0["key"]?.stringValue == name }?["value"]
    }

    @Test("every line is a valid LogsData of one record")
    func valid() throws {
        let schema = try TestFolder.schema("Tests/Fixtures/schemas/otlp-logs.schema.json")
        for sample in try Samples.all() {
            #expect(schema.problems(in: try Self.line(sample.event)) == [], "\(sample.name)")
        }
    }

    @Test("64-bit integers are texts, since JSON's numbers are not that long")
    func integers() throws {
        let record = try Self.record(Samples.alert())
        #expect(record["timeUnixNano"] == "1795224154123000000")
        #expect(Self.attribute("custos.sequence", record) == ["intValue": "4711"])
    }

    @Test("the resource is the host and this program")
    func resource() throws {
        let resource = try Self.line(Samples.alert())["resourceLogs"]?[0]?["resource"]
        #expect(Self.attribute("host.name", resource) == ["stringValue": "edge-7"])
        #expect(Self.attribute("service.name", resource) == ["stringValue": "custos"])
        #expect(Self.attribute("service.version", resource) == ["stringValue": "1.0.0"])
    }

    @Test("the record's uid is the event's id, so that duplicates can be dropped")
    func uid() throws {
        let event = try Samples.alert()
        let uid = Self.attribute("log.record.uid", try Self.record(event))
        #expect(uid == ["stringValue": .string(event.id.description)])
    }

    @Test("no attribute comes twice, whatever labels are called")
    func unique() throws {
        var event = try Samples.alert()
        event.labels = ["kind": "x", "custos.kind": "y"]
        event.annotations = ["kind": "z"]
        let names = try Self.record(event)["attributes"]?.items.compactMap { $0["key"]?.stringValue } ?? []
        #expect(Set(names).count == names.count)
        #expect(names.contains("custos.label.kind") && names.contains("custos.annotation.kind"))
    }

    @Test("a container has the names of the semantic conventions")
    func container() throws {
        var event = try Samples.alert()
        event.labels["container"] = "grafana-1"
        event.annotations["container_id"] = "0123456789ab"
        let record = try Self.record(event)
        #expect(Self.attribute("container.id", record) == ["stringValue": "0123456789ab"])
        #expect(Self.attribute("container.name", record) == ["stringValue": "grafana-1"])
        #expect(Self.attribute("container.image.name", record) == ["stringValue": "grafana/grafana"])
        #expect(
            Self.attribute("container.image.tags", record)
                == ["arrayValue": ["values": [["stringValue": "11.2.0"]]]]
        )
    }

    @Test("a moment before 1970 and a value that is no number give no invalid field")
    func odd() throws {
        var event = try Samples.number()
        event.time = Timestamp(milliseconds: -5)
        event.value = .infinity
        let record = try Self.record(event)
        #expect(record["timeUnixNano"] == "0")
        #expect(Self.attribute("custos.value", record) == nil)
    }
}
