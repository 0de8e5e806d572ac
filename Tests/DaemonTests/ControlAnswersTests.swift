import Alerting
import Basics
import Curl
import Glibc
import StatusServer
import TestSupport
import Testing

@testable import Daemon

/// What the watchdog answers over its control socket.
@Suite struct ControlAnswersTests {
    private let receiver: HTTPReceiver

    init() throws {
        receiver = try HTTPReceiver()
    }

    /// A watchdog whose host has nearly no file handles left.
    private func living(_ body: @escaping @Sendable (PartsBench) async throws -> Void) async throws {
        let host = try HostFixture()
        try host.write("proc/sys/fs/file-nr", "9900\t0\t10000\n")
        let bench = try await PartsBench("webhook: {url: '\(receiver.url())'}", host: host, time: SystemTime())
        try await bench.living {
            _ = try await receiver.event("started")
            try await body(bench)
        }
    }

    private func json(_ answer: HTTPResponse) throws -> JSON { try JSON(parsing: answer.body) }

    @Test("S33 health is 200 with a verdict and a reason")
    func health() async throws {
        try await living { bench async throws in
            let answer = try await bench.ask("/v1/health")
            #expect(answer.status == 200)
            #expect(answer.text == #"{"healthy":true,"reason":"sweeps make progress"}"#)
        }
    }

    @Test("events come oldest first, and only those after an id where one is given")
    func events() async throws {
        try await living { bench async throws in
            await bench.parts.keeper.announce(.test, "one")
            await bench.parts.keeper.announce(.test, "two")
            let all = try json(try await bench.ask("/v1/events?limit=100"))["events"]?.items ?? []
            #expect(all.suffix(2).map { $0["summary"]?.stringValue } == ["one", "two"])
            let id = try #require(all.dropLast().last?["id"]?.stringValue)
            let after = try json(try await bench.ask("/v1/events?limit=100&after=\(id)"))["events"]?.items ?? []
            #expect(after.map { $0["summary"]?.stringValue } == ["two"])
            let lines = try await bench.ask("/v1/events?limit=1&lines=true")
            #expect(lines.text.split(separator: "\n").count == 1)
            #expect(try JSON(parsing: lines.body)["schema"]?.stringValue == "custos.event/1")
        }
    }

    @Test("a silence is added, shown with what it mutes, and expired")
    func silences() async throws {
        try await living { bench async throws in
            let body = #"{"matchers":{"kind":"filefd"},"for":"30m","comment":"a\u001b[2J","author":"ops"}"#
            let added = try json(try await bench.ask("/v1/silences", .post, body: body))
            let id = try #require(added["id"]?.stringValue)
            #expect(added["comment"]?.stringValue?.contains("\u{1B}") == false)
            let listed = try json(try await bench.ask("/v1/silences"))["silences"]?.items ?? []
            #expect(listed.map { $0["id"]?.stringValue } == [id])
            #expect(listed.first?["matchers"]?["kind"]?.stringValue == "filefd")
            #expect(try await bench.ask("/v1/silences/\(id)", .delete).status == 200)
            #expect(try await bench.ask("/v1/silences/\(id)", .delete).status == 404)
            #expect(try await bench.ask("/v1/silences/nonsense", .delete).status == 404)
            #expect(try await bench.ask("/v1/silences").text == #"{"silences":[]}"#)
        }
    }

    @Test("a silence that makes no sense is refused with the reason")
    func badSilences() async throws {
        let bodies: [(String, String)] = [
            ("", "matchers"), ("{", "matchers"), ("[]", "matchers"), (#"{"for":"1h"}"#, "matchers"),
            (#"{"matchers":{},"for":"1h"}"#, "at least one matcher"),
            (#"{"matchers":{"a":"["},"for":"1h"}"#, "bracket"),
            (#"{"matchers":{"a":"b"},"for":"soon"}"#, "duration"),
            (#"{"matchers":{"a":"b"},"for":"0"}"#, "duration"),
            (#"{"matchers":{"a":"b"},"for":"99999999999999999999d"}"#, "duration"),
        ]
        try await living { bench async throws in
            for (body, reason) in bodies {
                let answer = try await bench.ask("/v1/silences", .post, body: body)
                #expect(answer.status == 400, "\(body)")
                #expect(answer.text.contains(reason), "\(body): \(answer.text)")
            }
            #expect(await bench.parts.keeper.silences.isEmpty)
        }
    }

    @Test("sinks are tested outside their streams; an unknown one is 404")
    func sinks() async throws {
        try await living { bench async throws in
            let tested = try await bench.ask("/v1/sinks/test/webhook", .post)
            #expect(tested.text == #"{"sinks":[{"sink":"webhook","accepted":true,"reason":""}]}"#)
            let event = try await receiver.event("test")
            #expect(event["sequence"] == .integer(1))
            #expect(event["stream"]?.stringValue == "\(event["id"]?.stringValue ?? "")/webhook")
            receiver.then(.init(401))
            let refused = try json(try await bench.ask("/v1/sinks/test", .post))["sinks"]?[0]
            #expect(refused?["accepted"] == .bool(false))
            #expect(refused?["reason"]?.stringValue?.contains("401") == true)
            #expect(try await bench.ask("/v1/sinks/test/nobody", .post).status == 404)
            #expect(try await bench.ask("/v1/sinks/retry/nobody", .post).status == 404)
            #expect(try await bench.ask("/v1/sinks/retry/webhook", .post).text == #"{"queued":0}"#)
        }
    }

    @Test("dead letters that are retried arrive")
    func retry() async throws {
        try await living { bench async throws in
            receiver.then(.init(400))
            await bench.parts.keeper.announce(.degraded, "refused at first")
            _ = try await receiver.event("tombstone")
            #expect(try await bench.ask("/v1/sinks/retry/webhook", .post).text == #"{"queued":1}"#)
            _ = try await eventually("the dead letter") {
                let told = receiver.events.filter { $0["summary"]?.stringValue == "refused at first" }
                return told.count == 2 ? told : nil
            }
        }
    }

    @Test("alerts show what fires and what mutes it, the report what was seen")
    func alertsAndReport() async throws {
        try await living { bench async throws in
            let body = #"{"matchers":{"kind":"filefd"},"for":"30m"}"#
            _ = try await bench.ask("/v1/silences", .post, body: body)
            let alerts = try json(try await bench.ask("/v1/alerts"))["alerts"]?.items ?? []
            #expect(alerts.map { $0["check"]?.stringValue } == ["filefd"])
            #expect(alerts.first?["muted_by"]?.stringValue?.hasPrefix("silence ") == true)
            #expect(alerts.first?["state"]?.stringValue == "firing")
            let report = try json(try await bench.ask("/v1/report"))
            #expect(report["schema"]?.stringValue == "custos.report/1")
            #expect(report["overall"]?["status"]?.stringValue == "critical")
        }
    }
}
