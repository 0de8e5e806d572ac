import Alerting
import Basics
import Checks
import DockerEngine
import TestSupport
import Testing

@testable import Daemon

/// The last lines of a container that died, where a setting asks for them.
@Suite(.serialized) struct LastLinesTests {
    private static var web: StubContainer {
        var web = StubContainer("web")
        web.startedAt = SystemTime().now - .seconds(7200)
        web.restartPolicy = "always"
        return web
    }

    /// The death of `web` in an engine that answers so when it is asked for the lines.
    private func death(_ reply: EngineStub.Reply, lines: Int = 3) async throws -> (Observation, [RecordedRequest]) {
        let stub = try EngineStub()
        let web = Self.web
        stub.containers = [web]
        stub.reply(to: "/containers/\(web.id)/logs", with: reply)
        var options = ContainerOptions()
        options.tuning.logLines = lines
        let watched = WatchedStub(stub, options)
        try await watched.watch { watched in
            watched.stub.emit("die", web, ["exitCode": "1"])
            _ = try await watched.death()
        }
        return (try await watched.death(), stub.requests.filter { $0.path.contains("/logs") })
    }

    @Test("the last lines go with the death, masked, of both streams")
    func lines() async throws {
        let body = "\u{1}\0\0\0\0\0\0\u{F}password=geheim\u{2}\0\0\0\0\0\0\u{4}bad\n"
        let (death, requests) = try await death(.body(body, type: "application/octet-stream"))
        #expect(death.annotations["last_log_lines"] == "bad\npassword=<redacted>")
        #expect(death.annotations["exit_code"] == "1")
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect(request.method == "GET")
        #expect(request.query["tail"] == "3")
        #expect(request.query["stdout"] == "1" && request.query["stderr"] == "1")
        #expect(request.query["since"] != nil && request.query["until"] != nil)
    }

    @Test("a log that begins like a web page is a log all the same")
    func markup() async throws {
        let (death, _) = try await death(.body("<xml>broken</xml>\n", type: "text/plain"))
        #expect(death.annotations["last_log_lines"] == "<xml>broken</xml>")
    }

    @Test(
        "lines that cannot be had are one annotation, and the death is told all the same",
        arguments: [
            (EngineStub.Reply.forbidden, "is not allowed (status 403); let the socket proxy allow GET /containers/"),
            (.body("{\"message\":\"no such container\"}", status: 404), "no such container: "),
            (
                .body("{\"message\":\"configured logging driver does not support reading\"}", status: 500),
                "failed with status 500: configured logging driver does not support reading"
            ),
            (.hang, "no answer within 1s500ms"),
            (.html, "what answers is not a Docker Engine"),
        ]
    )
    func missing(reply: EngineStub.Reply, because: String) async throws {
        let start = SystemTime().uptime
        let (death, _) = try await death(reply)
        #expect(death.annotations["log_missing"]?.contains(because) == true, "\(death.annotations)")
        #expect(death.annotations["last_log_lines"] == nil)
        #expect(SystemTime().uptime - start < .seconds(8))
    }

    @Test("without the setting nobody asks for a log")
    func off() async throws {
        let (death, requests) = try await death(.body("geheim\n"), lines: 0)
        #expect(death.annotations["last_log_lines"] == nil)
        #expect(requests.isEmpty)
    }
}
