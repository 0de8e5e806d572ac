import Basics
import Curl
import TestSupport
import Testing

@testable import DockerEngine

/// Texts that are no valid JSON or no valid text: one container's label must not hide the others.
@Suite(.timeLimit(.minutes(1)))
struct EngineJSONTests {
    private static let halves = [
        #"\ud800"#, #"\udc00"#, #"\ud83d\u0041"#, #"\udc00\ud83d"#, #"\ud83d\ud83d\ude00"#, #"\\\ud800"#, #"\ud83d\n"#,
    ]

    private func labels(_ text: String) async throws -> [[String: String]] {
        let stub = try EngineStub()
        stub.reply(
            to: "/containers/json",
            with: .body(
                #"[{"Id":"a","Labels":{"note":"x\#(text)y"}},{"Id":"b","Labels":{"note":"\ud83d\ude00 \\ud83d"}}]"#
            )
        )
        return try await EngineClient.connect(to: stub.address, over: CurlLoop()).containers().map(\.labels)
    }

    @Test("single halves of a surrogate pair cost only themselves, in a list", arguments: halves)
    func list(half: String) async throws {
        let labels = try await labels(half)
        #expect(labels.count == 2)
        #expect(labels.first?["note"]?.contains("\u{FFFD}") == true)
        #expect(labels.first?["note"]?.hasPrefix("x") == true)
        #expect(labels.first?["note"]?.hasSuffix("y") == true)
        #expect(labels.last?["note"] == "\u{1F600} \\ud83d")
    }

    @Test(
        "bytes that are no UTF-8 cost only themselves",
        arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF8, 0x88]]
    )
    func bytes(broken: [UInt8]) throws {
        let body = Array(#"[{"Id":"a","Labels":{"note":"x"#.utf8) + broken + Array(#"y"}},{"Id":"b"}]"#.utf8)
        let all = try EngineJSON.decode([ContainerSummary].self, from: body)
        #expect(all.map(\.id) == ["a", "b"])
        #expect(all.first?.labels["note"]?.first == "x")
        #expect(all.first?.labels["note"]?.last == "y")
        #expect(all.first?.labels["note"]?.contains("\u{FFFD}") == true)
    }

    @Test(
        "what is cut or no JSON at all stays an error",
        arguments: [#"{"a":"\ud8"#, #"{"a":"\"#, "\\", "", #""\ud800"#]
    )
    func beyondRepair(text: String) {
        #expect(throws: (any Error).self) { try EngineJSON.decode([String: String].self, from: Array(text.utf8)) }
    }

    @Test("NUL and other control characters within a label arrive as they were written")
    func controls() async throws {
        #expect(try await labels(#"\u0000\u001b[31m\u007f"#).first?["note"] == "x\0\u{1B}[31m\u{7F}y")
    }

    @Test("an event with a broken text is an event")
    func event() async throws {
        let stub = try EngineStub()
        let client = try await EngineClient.connect(to: stub.address, over: CurlLoop())
        let events = try await client.events()
        try await stub.streams()
        let attributes = #"{"name":"w\udfff","exitCode":"1"}"#
        stub.push(
            #"{"Type":"container","Action":"die","Actor":{"ID":"a","Attributes":\#(attributes)},"timeNano":5}"# + "\n"
        )
        var iterator = events.makeAsyncIterator()
        guard case .event(let event)? = try await iterator.next(isolation: nil) else {
            Issue.record("no event")
            return
        }
        #expect(event.name == "w\u{FFFD}")
        #expect(event.exitCode == 1)
    }
}
