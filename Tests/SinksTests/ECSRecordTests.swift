import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("ECS record")
struct ECSRecordTests {
    /// Which types the schema expects of a category.
    private static let expected: [String: Set<String>] = [
        "configuration": ["access", "change", "creation", "deletion", "info"],
        "host": ["access", "change", "end", "info", "start"],
        "network": ["access", "allowed", "connection", "denied", "end", "info", "protocol", "start"],
        "process": ["access", "change", "end", "info", "start"],
    ]

    private static func record(_ event: Event) throws -> JSON {
        try JSON(parsing: EventLine.ecs(Samples.queued(event)).utf8)
    }

    @Test("every event keeps to the schema")
    func valid() throws {
        let schema = try TestFolder.schema("Tests/Fixtures/schemas/ecs.schema.json")
        for sample in try Samples.all() {
            #expect(schema.problems(in: try Self.record(sample.event)) == [], "\(sample.name)")
        }
    }

    @Test("category and type are a pair that the schema expects, whatever happened")
    func categories() throws {
        let kinds: [(Event.Kind, [Event.Reason])] = [
            (.alert, [.fired, .occurred, .resolved, .gone, .reminder, .flapping, .severityChanged, .silenceEnded]),
            (
                .lifecycle,
                [
                    .started, .stopping, .reloaded, .tombstone, .degraded, .test, .uncleanStart, .reloadRefused,
                    .configurationProblem, .journalTrouble,
                ]
            ), (.digest, [.flood]), (.heartbeat, [.alive]),
        ]
        for (kind, reasons) in kinds {
            for reason in reasons {
                for check in ["docker", "neigh", "sockstat", "conntrack", "disk"] {
                    var event = try Samples.alert()
                    (event.kind, event.reason, event.checkKind) = (kind, reason, check)
                    let what = try #require(try Self.record(event)["event"])
                    let category = try #require(what["category"]?[0]?.stringValue)
                    let type = try #require(what["type"]?[0]?.stringValue)
                    #expect(
                        Self.expected[category]?.contains(type) == true,
                        "\(kind) \(reason) \(check): \(category) \(type)"
                    )
                }
            }
        }
    }

    @Test("a container's death ends a process; its recovery changes it")
    func death() throws {
        var event = try Samples.alert()
        event.measure = "container_death"
        #expect(try Self.record(event)["event"]?["type"] == ["end"])
        event.status = .resolved
        #expect(try Self.record(event)["event"]?["type"] == ["change"])
    }

    @Test("what is resolved is a notice; the severity it had stays readable")
    func resolved() throws {
        let record = try Self.record(Samples.resolved())
        #expect(record["log"]?["level"] == "notice")
        #expect(record["custos"]?["severity"] == "critical")
        #expect(record["event"]?["severity"] == 99)
        #expect(record["event"]?["duration"] == 150_000_000_000)
    }

    @Test("a dot in a name opens no object, and no name is lost to another without cause")
    func dots() throws {
        var event = try Samples.number()
        event.labels = ["com.docker.stack": "a", "com": "b", "com_docker_stack": "c", "": "d"]
        event.annotations = ["x.y": "z"]
        let record = try Self.record(event)
        #expect(record["labels"] == ["_": "d", "com": "b", "com_docker_stack": "a"])
        #expect(record["custos"]?["annotations"] == ["x_y": "z"])
    }

    @Test("nothing is null")
    func nulls() throws {
        for sample in try Samples.all() {
            #expect(!EventLine.ecs(Samples.queued(sample.event)).contains(":null"), "\(sample.name)")
        }
    }
}
