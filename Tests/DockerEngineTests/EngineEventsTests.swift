import Basics
import Curl
import DockerEngine
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EngineEventsTests {
    let loop = CurlLoop()

    private func listen(_ stub: EngineStub, since: Timestamp? = nil) async throws -> EngineEvents.Iterator {
        let client = try await EngineClient.connect(to: stub.address, over: loop)
        let events = try await client.events(since: since)
        try await stub.streams()
        return events.makeAsyncIterator()
    }

    private func take(_ count: Int, _ events: inout EngineEvents.Iterator) async throws -> [EngineEvent] {
        var taken: [EngineEvent] = []
        while taken.count < count, let notice = try await events.next(isolation: nil) {
            if case .event(let event) = notice { taken.append(event) } else { Issue.record("\(notice)") }
        }
        return taken
    }

    @Test("the recorded events of every version read alike", arguments: ["1.24", "1.41", "1.44", "1.52"])
    func recorded(_ version: String) async throws {
        let stub = try EngineStub(version)
        var events = try await listen(stub)
        stub.replayEvents()
        let all = try await take(37, &events)
        let hog = all.filter { $0.name == "hog" }
        #expect(hog.map(\.action) == [.create, .start, .oom, .die])
        #expect(hog.last?.exitCode == 137)
        #expect(hog.last?.attributes["image"] == "busybox")
        let web = all.filter { $0.name == "shop-web-1" }
        #expect(
            web.map(\.action) == [
                .create, .start, .healthStatus(.healthy), .healthStatus(.unhealthy), .kill, .kill, .die, .stop, .start,
                .healthStatus(.healthy),
            ]
        )
        #expect(web.compactMap(\.signal) == [15, 9])
        #expect(web.first?.attributes["com.docker.compose.project"] == "shop")
        let renamed = try #require(all.first { $0.action == .rename })
        #expect(renamed.attributes["oldName"] == "/renamed-before")
        #expect(renamed.name == "renamed-after")
        #expect(all.allSatisfy { $0.id.utf8.count == 64 && $0.nanoseconds > 1_795_000_000_000_000_000 })
        #expect(all.allSatisfy { $0.time.milliseconds == $0.nanoseconds / 1_000_000 })
        #expect(all.first { $0.name == "worker" }?.attributes["multi"] == "line one\nline two\u{1B}[31m")
    }

    @Test("S25 the engine is asked to send containers and the wanted actions only")
    func filter() async throws {
        let stub = try EngineStub()
        _ = try await listen(stub, since: Timestamp(milliseconds: 1_795_235_511_007))
        let query = try #require(stub.requests.last?.query)
        #expect(query["since"] == "1795235511.007000000")
        let filter = try #require(query["filters"])
        #expect(filter.hasSuffix("\"type\":[\"container\"]}"))
        for action in [
            "create", "start", "die", "kill", "stop", "oom", "destroy", "rename", "pause", "unpause", "restart",
            "health_status", "update",
        ] {
            #expect(filter.contains("\"\(action)\""))
        }
        #expect(!filter.contains("exec"))
    }

    @Test("what was missed since a moment comes first")
    func replay() async throws {
        let stub = try EngineStub()
        let web = StubContainer("web")
        stub.emit("start", web, at: Timestamp(milliseconds: 1_000_000))
        stub.emit("die", web, ["exitCode": "1"], at: Timestamp(milliseconds: 2_000_000))
        var events = try await listen(stub, since: Timestamp(milliseconds: 1_500_000))
        stub.emit("destroy", web)
        #expect(try await take(2, &events).map(\.action) == [.die, .destroy])
    }

    @Test("an event arrives while the stream goes on")
    func live() async throws {
        let stub = try EngineStub("1.52")
        var events = try await listen(stub)
        for round in 1...20 {
            let moment = stub.emit("die", StubContainer("web", labels: ["a": "b"]), ["exitCode": "\(round)"])
            let event = try #require(try await take(1, &events).first)
            #expect(event.exitCode == round)
            #expect(event.nanoseconds == moment)
            #expect(event.attributes["a"] == "b")
        }
    }

    @Test("a stream cut in the middle of an event says so, and nothing half-read is told")
    func cut() async throws {
        let stub = try EngineStub()
        var events = try await listen(stub)
        stub.emit("start", StubContainer("web"))
        stub.cutStreams(after: "{\"Type\":\"container\",\"Action\":\"die\",\"Ac")
        #expect(try await take(1, &events).map(\.action) == [.start])
        await #expect(throws: EngineError.cut(path: "/events")) { try await events.next(isolation: nil) }
    }

    @Test("an engine that stops cuts its stream")
    func stopped() async throws {
        let stub = try EngineStub()
        var events = try await listen(stub)
        stub.stop()
        await #expect(throws: EngineError.cut(path: "/events")) { try await events.next(isolation: nil) }
    }

    @Test("a stream that ends in order is told as cut all the same")
    func ended() async throws {
        let stub = try EngineStub()
        stub.reply(to: "/events", with: .body(""))
        let client = try await EngineClient.connect(to: stub.address, over: loop)
        var events = try await client.events().makeAsyncIterator()
        await #expect(throws: EngineError.cut(path: "/events")) { try await events.next(isolation: nil) }
    }

    @Test("json-seq, empty lines, other types and other actions are read for what they are")
    func shapes() async throws {
        let stub = try EngineStub()
        var events = try await listen(stub)
        stub.push("\n\r\n\u{1E}{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"a\"},\"timeNano\":5}\n")
        stub.push("{\"Type\":\"network\",\"Action\":\"destroy\",\"Actor\":{\"ID\":\"n\"}}\n")
        stub.push(
            "{\"Type\":\"container\",\"Action\":\"exec_start: sh\",\"Actor\":{\"ID\":\"a\"}}\n{\"Action\":\"die\"}\n"
        )
        stub.push("{\"status\":\"die\",\"id\":\"b\",\"from\":\"busybox\",\"time\":7}\n")
        stub.push("{\"Type\":\"container\",\"Action\":\"health_status\",\"Actor\":{\"ID\":\"c\"},\"timeNano\":9}\n")
        let all = try await take(3, &events)
        #expect(all.map(\.id) == ["a", "b", "c"])
        #expect(all.map(\.action) == [.start, .die, .healthStatus(.none)])
        #expect(all.map(\.nanoseconds) == [5, 7_000_000_000, 9])
        #expect(all[1].attributes == ["image": "busybox"])
    }

    @Test("a line that cannot be read, or is too long, is told as unreadable, and the stream goes on")
    func unreadable() async throws {
        let stub = try EngineStub()
        var events = try await listen(stub)
        stub.push("{\"Type\":\"container\",oops\n")
        #expect(try await events.next(isolation: nil) == .unreadable(because: "no valid JSON"))
        stub.push("{\"Type\":\"" + String(repeating: "x", count: 300 << 10) + "\"}\n")
        #expect(try await events.next(isolation: nil) == .unreadable(because: "an event is too long"))
        stub.emit("start", StubContainer("web"))
        #expect(try await take(1, &events).map(\.action) == [.start])
    }

    @Test("labels of 4 KiB are kept, longer ones are cut, and what identifies a container outlives the limit")
    func bounds() async throws {
        let stub = try EngineStub()
        var events = try await listen(stub)
        let fits = String(repeating: "f", count: 4096)
        stub.emit("start", StubContainer("a", labels: ["fits": fits, "long": fits + "x"]))
        let first = try #require(try await take(1, &events).first)
        #expect(first.attributes["fits"] == fits)
        #expect(first.attributes["long"] == fits)
        var labels = ["com.docker.compose.service": "web", "custos.ignore": "true"]
        for index in 0..<40 { labels["a\(index)"] = fits }
        stub.emit("start", StubContainer("b", labels: labels))
        let second = try #require(try await take(1, &events).first)
        #expect(second.name == "b")
        #expect(second.attributes["com.docker.compose.service"] == "web")
        #expect(second.attributes["custos.ignore"] == "true")
        #expect(second.attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count } <= 64 << 10)
        #expect(second.attributes.count > 10)
    }

    @Test("cancellation ends the wait for an event")
    func cancelled() async throws {
        let stub = try EngineStub()
        let client = try await EngineClient.connect(to: stub.address, over: loop)
        let events = try await client.events()
        let task = Task { for try await _ in events {} }
        task.cancel()
        await #expect(throws: EngineError.cancelled) { try await task.value }
        _ = try await eventually("the stream's end") { stub.streamCount == 0 ? true : nil }
    }

    @Test("requests go on while a stream is open")
    func beside() async throws {
        let stub = try EngineStub()
        let client = try await EngineClient.connect(to: stub.address, over: loop)
        let events = try await client.events()
        try await client.ping()
        #expect(try await client.containers().count == 6)
        #expect(stub.connectionCount == 2)
        withExtendedLifetime(events) {}
    }
}
