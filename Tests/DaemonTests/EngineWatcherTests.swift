import Alerting
import Basics
import Checks
import Curl
import DockerEngine
import Synchronization
import TestSupport
import Testing

@testable import Daemon

private func running(_ name: String, policy: String = "no") -> StubContainer {
    var container = StubContainer(name)
    container.startedAt = SystemTime().now - .seconds(7200)
    container.restartPolicy = policy
    return container
}

/// What Podman answers of an end: at once, and half a second later.
enum PodmanEnd: CaseIterable {
    case removing, failsThenGone, stays, failsThenStays

    var isRemoval: Bool { self == .removing || self == .failsThenGone }
    var beginsWithFailure: Bool { self == .failsThenGone || self == .failsThenStays }
}

@Suite(.serialized) struct EngineWatcherTests {
    private func stub(_ containers: StubContainer...) throws -> EngineStub {
        let stub = try EngineStub()
        stub.containers = containers
        return stub
    }

    @Test("a death is pushed in the moment its event arrives, without a question to the engine")
    func deathIsPushed() async throws {
        let web = running("web", policy: "always")
        try await WatchedStub(try stub(web)).watch { watched in
            let asked = watched.stub.requests.count
            watched.stub.emit("die", web, ["exitCode": "137"])
            let death = try await watched.death()
            #expect(death.target == Target("web"))
            #expect(death.annotations["exit_code"] == "137")
            #expect(watched.stub.requests.count == asked)
        }
    }

    @Test("an engine of this machine says where its data is, and an inspect whose network a container lives in")
    func blastRadius() async throws {
        let vpn = running("vpn")
        var child = running("child")
        child.networkMode = "container:\(vpn.id)"
        try await WatchedStub(try stub(child, vpn)).watch { watched in
            #expect(await watched.keeper.dataFolders == [CheckID("docker"): "/var/lib/docker"])
            #expect(watched.stub.paths.count { $0 == "/info" } == 1)
            #expect(await watched.keeper.running(of: CheckID("docker")).containers.map(\.name) == ["child", "vpn"])
            watched.stub.emit("die", vpn, ["exitCode": "1"])
            let death = try await watched.death()
            #expect(death.annotations["containers"] == "child")
        }
    }

    @Test("S23 without an oom event one inspect finds the cause of a 137")
    func oneInspectForTheCause() async throws {
        var web = running("web")
        web.memory = 64 << 20
        // The clock stands: the inspect is waited for, however slow the machine is.
        try await WatchedStub(try stub(web), time: ManualTime(now: SystemTime().now)).watch { [web] watched in
            let before = watched.inspects
            var dead = web
            dead.state = "exited"
            dead.exitCode = 137
            dead.oomKilled = true
            dead.finishedAt = SystemTime().now
            watched.stub.set(dead)
            watched.stub.emit("die", web, ["exitCode": "137"])
            let death = try await watched.death()
            #expect(death.annotations["oom"] == "true")
            #expect(watched.inspects == before + 1)
        }
    }

    @Test("S22 a death does not wait for an inspect that hangs or answers 404", arguments: [true, false])
    func inspectThatDoesNotHelp(hangs: Bool) async throws {
        var web = running("web")
        web.memory = 64 << 20
        try await WatchedStub(try stub(web)).watch { [web] watched in
            let path = "/containers/\(web.id)/json"
            watched.stub.reply(
                to: path,
                with: hangs ? .hang : .body("{\"message\":\"no such container\"}", status: 404)
            )
            let start = SystemTime().uptime
            watched.stub.emit("die", web, ["exitCode": "137"])
            let death = try await watched.death()
            #expect(death.annotations["oom"] == "false")
            #expect(SystemTime().uptime - start < .seconds(5))
        }
    }

    @Test("S20 Podman is asked once more whether it removes what has ended", arguments: PodmanEnd.allCases)
    func removalByForce(_ end: PodmanEnd) async throws {
        let web = running("web", policy: "always")
        let stub = try EngineStub("1.41", replies: "podman-4.3.1")
        stub.containers = [web]
        let time = ManualTime(now: SystemTime().now)
        try await WatchedStub(stub, time: time).watch { [web] watched in
            let path = "/containers/\(web.id)/json"
            let before = watched.inspects
            var dead = web
            dead.state = "exited"
            dead.exitCode = 137
            dead.finishedAt = time.now
            watched.stub.set(dead)
            if end.beginsWithFailure {
                watched.stub.reply(to: path, with: .body("{\"message\":\"no longer valid\"}", status: 500))
            }
            watched.stub.emit("died", web, ["containerExitCode": "137"])
            _ = try await eventually("the pause before the second question") {
                time.hasSleeper(for: EngineWatcher.removalPatience) ? true : nil
            }
            #expect(watched.inspects == before + 1)
            #expect(watched.deaths.isEmpty)
            watched.stub.reply(to: path, with: nil)
            switch end {
            case .removing: dead.state = "removing"
            case .failsThenGone: watched.stub.containers = []
            case .stays: break
            case .failsThenStays: dead.oomKilled = true
            }
            if end != .failsThenGone { watched.stub.set(dead) }
            time.advance(by: EngineWatcher.removalPatience)
            if end.isRemoval {
                _ = try await eventually("the request") {
                    watched.observations.contains { $0.value == .state("stopped") } ? true : nil
                }
                #expect(watched.deaths.isEmpty)
            } else {
                let death = try await watched.death()
                #expect(death.annotations["oom"] == "\(end == .failsThenStays)")
            }
            #expect(watched.inspects == before + 2)
        }
    }

    @Test("what cannot be a removal's work is told by Podman's first answer", arguments: [true, false])
    func crashUnderPodman(isOutOfMemory: Bool) async throws {
        let web = running("web")
        let stub = try EngineStub("1.41", replies: "podman-4.3.1")
        stub.containers = [web]
        let time = ManualTime(now: SystemTime().now)
        try await WatchedStub(stub, time: time).watch { [web] watched in
            let before = watched.inspects
            var dead = web
            dead.state = "exited"
            dead.exitCode = isOutOfMemory ? 137 : 3
            dead.oomKilled = isOutOfMemory
            dead.finishedAt = time.now
            watched.stub.set(dead)
            watched.stub.emit("died", web, ["containerExitCode": "\(dead.exitCode)"])
            let death = try await watched.death()
            #expect(death.annotations["oom"] == "\(isOutOfMemory)")
            #expect(watched.inspects == before + 1)
        }
    }

    @Test("a stream that is cut is opened again, and the list tells what was missed")
    func cutStream() async throws {
        let web = running("web")
        try await WatchedStub(try stub(web)).watch { watched in
            var dead = web
            dead.state = "exited"
            dead.exitCode = 1
            dead.finishedAt = SystemTime().now
            watched.stub.set(dead)
            watched.stub.cutStreams(after: "{\"Type\":\"contai")
            try await watched.connected(2)
            let death = try await watched.death()
            #expect(death.target == Target("engine"))
            #expect(watched.engineStates == [.state("reachable")])
            #expect(watched.resyncs.count(.connected) == 2)
        }
    }

    @Test("an event that cannot be read is made up for by a list, counted by its reason")
    func unreadableEvent() async throws {
        try await WatchedStub(try stub(running("web"))).watch { watched in
            #expect(watched.resyncs.count(.unreadable) == 0)
            watched.stub.push("nonsense\n")
            _ = try await eventually("a list") { watched.resyncs.count(.unreadable) == 1 ? true : nil }
            #expect(watched.resyncs.count(.connected) == 1)
        }
    }

    @Test("an engine that goes away is told at once, and again when it is back")
    func engineRestart() async throws {
        let web = running("web")
        try await WatchedStub(try stub(web)).watch { watched in
            watched.stub.replyToAll(with: .html)
            watched.stub.cutStreams()
            _ = try await eventually("unreachable") {
                watched.engineStates.contains(.state("unreachable")) ? true : nil
            }
            watched.stub.replyToAll(with: nil)
            try await watched.connected(2)
            _ = try await eventually("reachable") { watched.engineStates.last == .state("reachable") ? true : nil }
            #expect(watched.deaths.isEmpty)
            #expect(watched.gone.isEmpty)
        }
    }

    @Test(
        "what is no engine is told as unreachable, with the reason",
        arguments: [EngineStub.Reply.html, .cut("{\"Api")]
    )
    func noEngine(reply: EngineStub.Reply) async throws {
        let stub = try stub()
        stub.replyToAll(with: reply)
        let watched = WatchedStub(stub)
        await watched.watcher.snapshot()
        let engine = await watched.keeper.engine
        #expect({ if case .unreachable(let because) = engine { !because.isEmpty } else { false } }())
    }

    @Test("a proxy that forbids a request is told by the request's name, with what to do", arguments: [true, false])
    func forbidden(listOnly: Bool) async throws {
        let stub = try stub()
        if listOnly { stub.reply(to: "/containers/json", with: .forbidden) } else { stub.replyToAll(with: .forbidden) }
        let path = listOnly ? "/containers/json" : "/version"
        let watched = WatchedStub(stub)
        await watched.watcher.snapshot()
        #expect(
            await watched.keeper.engine
                == .blind(
                    .degraded(
                        because: "GET \(path) is not allowed (status 403)",
                        remedy: "let the socket proxy allow GET \(path)"
                    )
                )
        )
    }

    @Test("a proxy that forbids inspections alone is told by the request's name; a death is told all the same")
    func forbiddenInspections() async throws {
        let web = running("web", policy: "always")
        let stub = try stub(web)
        let path = "/containers/\(web.id)/json"
        stub.reply(to: path, with: .forbidden)
        try await WatchedStub(stub).watch { watched in
            let host = try HostFixture("debian-12").host
            await #expect(
                throws: CheckError.degraded(
                    because: "GET /containers/{id}/json is not allowed (status 403)",
                    remedy: "let the socket proxy allow GET /containers/{id}/json"
                )
            ) { try await watched.keeper.observations(host: host) }
            watched.stub.emit("die", web, ["exitCode": "3"])
            let death = try await watched.death()
            #expect(death.annotations["exit_code"] == "3")
            watched.stub.reply(to: path, with: nil)
            watched.stub.emit("start", web)
            _ = try await eventually("an inspection") {
                (try? await watched.keeper.observations(host: host)) != nil ? true : nil
            }
        }
    }

    @Test(
        "of a container whose inspection fails the kernel's counts are unknown, with the reason",
        arguments: [403, 500]
    )
    func failedInspection(status: Int) async throws {
        let (web, other) = (running("web"), running("other"))
        let watched = WatchedStub(try stub(web, other))
        let answer = EngineStub.Reply.body("{\"message\":\"no such file\"}", status: status)
        watched.stub.reply(to: "/containers/\(web.id)/json", with: answer)
        await watched.watcher.snapshot()
        let observations = try await watched.keeper.observations(host: try HostFixture("debian-12").host)
        func memory(of name: String) -> Observation? {
            observations.first { $0.measure.name == "container_memory_used_ratio" && $0.target == Target(name) }
        }
        let unread = try #require(memory(of: "web"))
        let reason = status == 500 ? "failed with status 500: no such file" : "is not allowed (status 403)"
        #expect("\(unread.value)".contains(reason))
        #expect(!observations.contains { $0.target == Target("other") && $0.value == unread.value })
        #expect(observations.contains { $0.target == Target("web") && $0.value == .state("running") })
    }

    @Test("where the engine keeps its data is asked again with each list until it says so")
    func dataFolderLater() async throws {
        let time = ManualTime(now: SystemTime().now)
        let stub = try stub(running("web"))
        stub.reply(to: "/info", with: .forbidden)
        try await WatchedStub(stub, time: time).watch { watched in
            #expect(await watched.keeper.dataFolders.isEmpty)
            watched.stub.reply(to: "/info", with: nil)
            for (span, path, count) in [(120, "/_ping", 1), (120, "/_ping", 2), (60, "/containers/json", 2)] {
                _ = try await eventually("rest") { time.sleeperCount >= 1 ? true : nil }
                time.advance(by: .seconds(span))
                try await watched.stub.requests(count, to: path)
            }
            _ = try await eventually("the folder") { await watched.keeper.knowsDataFolder ? true : nil }
            #expect(watched.stub.paths.count { $0 == "/info" } == 2)
        }
    }

    @Test("no socket is no fault unless one was asked for", arguments: [true, false])
    func absentSocket(isConfigured: Bool) async throws {
        let stub = try stub()
        stub.stop()
        let watched = WatchedStub(stub, isConfigured: isConfigured)
        await watched.watcher.snapshot()
        switch await watched.keeper.engine {
        case .blind(.degraded(_, let remedy)):
            #expect(isConfigured)
            #expect(remedy?.contains("/var/run/docker.sock") == true)
        case .blind(.notApplicable(let because, let remedy)):
            #expect(!isConfigured)
            #expect(because.hasPrefix("no Docker engine at unix://"))
            #expect(remedy?.contains("mount the socket") == true)
        case let other: Issue.record("\(other)")
        }
    }

    @Test("the socket of an engine that was there, in this run or an earlier one, is missed", arguments: [true, false])
    func socketOfAKnownEngine(wasSeen: Bool) async throws {
        let stub = try stub(running("web"))
        let watched = WatchedStub(stub, isConfigured: false, wasSeen: wasSeen)
        if wasSeen { stub.stop() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await watched.watcher.run() }
            if !wasSeen {
                try await watched.connected(1)
                stub.stop()
            }
            _ = try await eventually("unreachable") {
                watched.engineStates.last == .state("unreachable") ? true : nil
            }
            group.cancelAll()
        }
    }

    @Test("S27 who shares the host's or another container's network is not read a second time")
    func sharedNetworks() async throws {
        var host = running("host")
        host.networkMode = "host"
        var sidecar = running("sidecar")
        sidecar.networkMode = "container:\(StubContainer.id(of: "web"))"
        let watched = WatchedStub(try stub(running("web"), host, sidecar))
        await watched.watcher.snapshot()
        let observations = try await watched.keeper.observations(host: try HostFixture("debian-12").host)
        let read = observations.filter { $0.measure.name == "container_listen_overflows_total" }
        #expect(read.map(\.target) == [Target("web")])
    }

    @Test("S34 permission denied is a check that cannot look, with the line to add")
    func permissionDenied() throws {
        let watched = WatchedStub(try stub())
        #expect(
            watched.watcher.judge(.denied(at: "unix:///s"), hasSeenEngine: false)
                == .blind(
                    .degraded(
                        because: "unix:///s: permission denied",
                        remedy: #"group_add: ["${DOCKER_GID:?stat -c %g /var/run/docker.sock}"]"#
                    )
                )
        )
    }

    @Test("S25 idle asks for two pings and a list in five minutes, and inspects nothing")
    func idleRequests() async throws {
        let time = ManualTime(now: SystemTime().now)
        try await WatchedStub(try stub(running("web")), time: time).watch { watched in
            let before = watched.stub.requests.count
            for (span, path, count) in [(120, "/_ping", 1), (120, "/_ping", 2), (60, "/containers/json", 2)] {
                _ = try await eventually("rest") { time.sleeperCount >= 1 ? true : nil }
                time.advance(by: .seconds(span))
                try await watched.stub.requests(count, to: path)
            }
            #expect(watched.stub.requests.count == before + 3)
            _ = try await eventually("the list") { watched.resyncs.count(.periodic) == 1 ? true : nil }
        }
    }

    @Test("two pings without an answer are an engine that hangs")
    func hungEngine() async throws {
        let time = ManualTime(now: SystemTime().now)
        try await WatchedStub(try stub(running("web")), time: time).watch { watched in
            watched.stub.replyToAll(with: .forbidden)
            _ = try await eventually("rest") { time.sleeperCount >= 1 ? true : nil }
            time.advance(by: .seconds(120))
            try await watched.stub.requests(1, to: "/_ping")
            _ = try await eventually("rest") { time.sleeperCount >= 1 ? true : nil }
            #expect(watched.engineStates == [.state("reachable")])
            time.advance(by: .seconds(5))
            _ = try await eventually("unreachable") { watched.engineStates.last == .state("unreachable") ? true : nil }
        }
    }

    @Test("500 containers are inspected once each, and never again while nothing happens")
    func manyContainers() async throws {
        let stub = try stub()
        stub.containers = (0..<500).map { running("c\($0)") }
        try await WatchedStub(stub).watch { watched in
            #expect(watched.inspects == 500)
            watched.stub.cutStreams()
            try await watched.connected(2)
            #expect(watched.inspects == 500)
            watched.stub.emit("die", running("c250"), ["exitCode": "1"])
            let death = try await watched.death()
            #expect(death.target == Target("c250"))
        }
    }

    @Test("a replayed stream tells no death twice")
    func replay() async throws {
        let web = running("web", policy: "always")
        try await WatchedStub(try stub(web)).watch { watched in
            let moment = SystemTime().now
            watched.stub.emit("die", web, ["exitCode": "3"], at: moment)
            watched.stub.emit("die", web, ["exitCode": "3"], at: moment)
            watched.stub.cutStreams()
            try await watched.connected(2)
            let other = running("other")
            watched.stub.set(other)
            watched.stub.emit("die", other, ["exitCode": "4"])
            _ = try await eventually("the other's death") {
                watched.deaths.last?.target == Target("other") ? true : nil
            }
            #expect(watched.deaths.count { $0.target == Target("web") } == 1)
        }
    }

    @Test("names and labels with quotes, newlines, escapes and 4 KiB arrive bounded and clean")
    func hostileNames() async throws {
        let evil = "q\"\n\u{1b}[2J\\" + String(repeating: "é", count: 2048)
        var web = running("evil", policy: "always")
        web.labels = ["com.docker.compose.project": evil, "com.docker.compose.service": evil]
        try await WatchedStub(try stub(web)).watch { [web] watched in
            watched.stub.emit("die", web, ["exitCode": "1", "x": evil])
            let death = try await watched.death()
            for text in [death.target.name, death.summary ?? ""] + death.labels.values + death.annotations.values {
                #expect(text.utf8.count <= 600)
                #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
            }
        }
    }

    @Test("S20 a requested end pushes no death")
    func requestedEnd() async throws {
        let web = running("web", policy: "always")
        try await WatchedStub(try stub(web)).watch { watched in
            watched.stub.emit("kill", web, ["signal": "15"])
            watched.stub.emit("die", web, ["exitCode": "143"])
            watched.stub.emit("stop", web)
            _ = try await eventually("the stop") {
                watched.observations.contains { $0.value == .state("stopped") } ? true : nil
            }
            #expect(watched.deaths.isEmpty)
        }
    }

    @Test("an OOM kill that the container outlives is told after two seconds")
    func survivedOOM() async throws {
        let web = running("web")
        try await WatchedStub(try stub(web)).watch { watched in
            watched.stub.emit("oom", web)
            watched.stub.emit("oom", web)
            _ = try await eventually("the kill") {
                watched.observations.contains { $0.measure.name == "container_oom" } ? true : nil
            }
            #expect(watched.observations.count { $0.measure.name == "container_oom" } == 1)
            #expect(watched.deaths.isEmpty)
        }
    }

    @Test("every known engine version is followed", arguments: ["1.24", "1.41", "1.52"])
    func versions(version: String) async throws {
        let stub = try EngineStub(version)
        let web = running("web")
        stub.containers = [web]
        try await WatchedStub(stub).watch { watched in
            watched.stub.emit("die", web, ["exitCode": "2"])
            let death = try await watched.death()
            #expect(death.annotations["exit_code"] == "2")
        }
    }
}
