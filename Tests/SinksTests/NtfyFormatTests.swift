import Alerting
import Basics
import Settings
import TestSupport
import Testing

@testable import Sinks

@Suite("ntfy format")
struct NtfyFormatTests {
    @Test("priority and tag follow the severity")
    func priority() throws {
        func published(_ event: Event) -> [JSON?] {
            let body = NtfyFormat.body([Samples.queued(event)], topic: "t")
            return [body["priority"], body["tags"]?[0]]
        }
        #expect(try published(Samples.alert()) == [5, "rotating_light"])
        #expect(try published(Samples.number()) == [4, "warning"])
        #expect(try published(Samples.resolved()) == [3, "white_check_mark"])
        #expect(try published(Samples.started()) == [3, "information_source"])
    }

    @Test("a message stays short enough not to become an attachment")
    func limit() throws {
        var event = try Samples.alert()
        event.annotations = Dictionary((0..<50).map { ("name\($0)", String(repeating: "x", count: 5000)) }) { $1 }
        let body = NtfyFormat.body(Array(repeating: Samples.queued(event), count: 20), topic: "t")
        #expect(try #require(body["message"]?.stringValue).utf8.count <= 4096)
    }

    @Test(
        "the topic is the last part of the path",
        arguments: [
            ("https://ntfy.sh/custos", "https://ntfy.sh/", "custos"),
            (
                "https://u:p@ntfy.example:8443/sub/path/a-b_1?auth=x", "https://u:p@ntfy.example:8443/sub/path/?auth=x",
                "a-b_1"
            ),
        ]
    )
    func address(text: String, server: String, topic: String) throws {
        let url = try #require(HTTPAddress(text))
        let address = try #require(NtfyAddress(url))
        #expect(address.server == server)
        #expect(address.topic == topic)
    }

    @Test(
        "an address without a topic is none",
        arguments: ["https://ntfy.sh", "https://ntfy.sh/", "https://ntfy.sh/a.b"]
    )
    func noTopic(text: String) throws {
        let url = try #require(HTTPAddress(text))
        #expect(NtfyAddress(url).map(\.topic) == nil)
    }
}
