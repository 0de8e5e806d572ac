import Alerting
import Basics
import Glibc
import Procfs
import Settings
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Checks
@testable import TimeSync

@Suite struct NTPCheckTests {
    private let time = ManualTime()

    private func settings(
        _ servers: [UInt16] = [],
        _ change: (inout NTPSettings) -> Void = { _ in }
    ) throws -> NTPSettings {
        var settings = NTPSettings()
        settings.servers = try servers.map { try Endpoint(setting: "127.0.0.1:\($0)") }
        settings.chrony = .off
        change(&settings)
        return settings
    }

    private func observe(
        _ check: NTPCheck,
        on host: Host? = nil,
        at moment: any TimeSource = SystemTime()
    ) async throws
        -> [Observation]
    {
        try await check.observe(World(host: try host ?? HostFixture().host, time: moment))
    }

    private func value(_ measure: Measure, of target: String, in seen: [Observation]) -> Observation.Value? {
        seen.first { $0.measure == measure && $0.target.name == target }?.value
    }

    private func stub(_ change: (inout TimeAnswer) -> Void = { _ in }) throws -> DatagramStub {
        var answer = TimeAnswer()
        change(&answer)
        return try DatagramStub { [answer] in [answer.datagram(to: $0)] }
    }

    // MARK: - The kernel

    @Test("this machine's own clock is read without any setting")
    func kernel() async throws {
        let host = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let seen = try await observe(NTPCheck(settings()), on: host)
        guard case .state(let state) = value(NTPCheck.sync, of: "host", in: seen) else {
            Issue.record("no state")
            return
        }
        #expect(["synchronised", "unsynchronised"].contains(state))
        #expect(seen.allSatisfy { $0.scope == .host })
        // Without discipline there is no error to judge.
        let error = value(NTPCheck.maximumError, of: "host", in: seen)
        if state == "unsynchronised" { #expect(error == .unknown(because: "nobody disciplines the clock")) }
    }

    @Test("a captured host without chronyd and servers has no clock to read")
    func captured() async throws {
        let check = try NTPCheck(settings())
        let error = await #expect(throws: CheckError.self) { try await observe(check) }
        #expect(error == .notApplicable(because: "adjtimex(2) does not exist", remedy: nil))
    }

    @Test("S31 an unsynchronised clock warns after an hour, and a wrong one at 100 and 500 ms")
    func defaults() {
        let rules = Dictionary(grouping: NTPCheck(NTPSettings()).rules, by: \.measure)
        #expect(rules[NTPCheck.sync]?.first?.shape == .state(bad: ["unsynchronised": .warning, "local": .warning]))
        #expect(rules[NTPCheck.sync]?.first?.holdFor == .seconds(3600))
        #expect(rules[NTPCheck.offset]?.first?.shape == .above(warning: 0.1, critical: 0.5))
        #expect(rules[NTPCheck.stratum]?.first?.shape == .above(warning: 9, critical: 15))
        // Without a source the stratum is 16: the same news may not come sooner.
        #expect(rules[NTPCheck.stratum]?.first?.holdFor == .seconds(3600))
        #expect(rules[NTPCheck.estimatedError] == nil)
    }

    @Test("what is switched off is not judged")
    func switchedOff() throws {
        let check = try NTPCheck(
            settings {
                $0.unsynchronised = nil
                $0.unanswered = nil
                $0.disagreement = nil
                $0.allowLocal = true
            }
        )
        #expect(
            Set(check.rules.map(\.measure)).isDisjoint(with: [NTPCheck.sync, NTPCheck.answers, NTPCheck.agreement])
        )
        let own = try NTPCheck(settings { $0.allowLocal = true })
        #expect(own.rules.contains { $0.shape == .state(bad: ["unsynchronised": .warning]) })
    }

    // MARK: - Servers

    @Test("each server is a target with offset, delay, stratum, leap and root distance")
    func servers() async throws {
        let (good, bad) = (try stub(), try stub { $0.ahead = -7200 })
        let seen = try await observe(NTPCheck(settings([good.port, bad.port])))
        let (first, second) = ("127.0.0.1:\(good.port)", "127.0.0.1:\(bad.port)")
        #expect(value(NTPCheck.answers, of: first, in: seen) == .state("answering"))
        #expect(value(NTPCheck.stratum, of: first, in: seen) == .number(2))
        #expect(value(NTPCheck.leap, of: first, in: seen) == .state("none"))
        let numbers = [first, second].map { target -> Double in
            guard case .number(let number) = value(NTPCheck.offset, of: target, in: seen) else { return .nan }
            return number
        }
        #expect(numbers[0] < 0.05)
        #expect(abs(numbers[1] - 7200) < 1)
        let summary = seen.first { $0.measure == NTPCheck.offset && $0.target.name == second }?.summary
        #expect(summary == "the clock is 2h fast, says \(second)")
        // Two servers that contradict each other.
        #expect(value(NTPCheck.agreement, of: "host", in: seen) == .state("disagree"))
        guard case .number(let spread) = value(NTPCheck.spread, of: "host", in: seen) else {
            Issue.record("no spread")
            return
        }
        #expect(abs(spread - 7200) < 1)
    }

    @Test("a server without a source of its own is told so, and its offset is not believed")
    func unsynchronisedServer() async throws {
        let server = try stub {
            $0.leap = 3
            $0.ahead = 100
        }
        let seen = try await observe(NTPCheck(settings([server.port])))
        let target = "127.0.0.1:\(server.port)"
        #expect(value(NTPCheck.answers, of: target, in: seen) == .state("unsynchronised"))
        #expect(value(NTPCheck.offset, of: target, in: seen) == .unknown(because: "the server is not synchronised"))
    }

    @Test("what gives no answer keeps its alerts and says why")
    func silence() async throws {
        let silent = try DatagramStub { _ in [] }
        let seen = try await observe(NTPCheck(settings([silent.port]) { $0.answerWithin = .milliseconds(100) }))
        let target = "127.0.0.1:\(silent.port)"
        #expect(value(NTPCheck.answers, of: target, in: seen) == .state("no_answer"))
        guard case .unknown(let because) = value(NTPCheck.offset, of: target, in: seen) else {
            Issue.record("an offset of nothing")
            return
        }
        #expect(because == "\(target) does not answer")
    }

    @Test("a server is asked no more often than allowed; what it said stays, and is not judged anew")
    func rhythm() async throws {
        let server = try stub()
        let check = try NTPCheck(settings([server.port]) { $0.queryEvery = .seconds(3600) })
        let first = try await observe(check)
        let second = try await observe(check)
        #expect(server.questions.count == 1)
        #expect(first.allSatisfy { !$0.isRepeated })
        #expect(second.contains { $0.measure == NTPCheck.offset && $0.isRepeated })
    }

    @Test("a server that sends us away is asked once, and told when that has lasted", arguments: ["DENY", "RSTR"])
    func sentAway(code: String) async throws {
        let server = try stub {
            ($0.leap, $0.stratum) = (3, 0)
            $0.reference = Array(code.utf8)
        }
        let host = try HostFixture().host
        let check = try NTPCheck(settings([server.port]))
        let id = CheckID("ntp")
        var book = AlertBook(bootID: "b")
        _ = book.reconfigure([CheckPlan(check: id, rules: check.rules)], at: time.now)
        var fired: [Int] = []
        for sweep in 0...25 {
            let seen = try await observe(check, on: host, at: time)
            let step = book.absorb(Sweep(check: id, at: time.now, uptime: time.uptime, outcome: .success(seen)))
            if step.changes.contains(where: { $0.transition == .fired }) { fired.append(sweep) }
            time.advance(by: .seconds(30))
        }
        // After the 10 minutes of `unanswered_for`.
        #expect(fired == [20])
        #expect(server.questions.count == 1)
    }

    @Test("a server named twice is asked once")
    func twice() async throws {
        let server = try stub()
        let seen = try await observe(NTPCheck(settings([server.port, server.port])))
        #expect(server.questions.count == 1)
        #expect(seen.count { $0.measure == NTPCheck.answers } == 1)
    }

    // MARK: - chronyd

    @Test("what is left to correct and what the last update found have opposite signs, and one sense of words")
    func signs() {
        let tracking = ChronyTracking(
            referenceID: 0x7F00_0001,
            stratum: 3,
            leap: .none,
            referenceTime: 1000,
            offset: 0.002,
            lastOffset: 0.003,
            meanOffset: 0.001,
            frequency: 0,
            rootDelay: 0,
            rootDispersion: 0,
            updateInterval: 64
        )
        let seen = NTPCheck.observations(of: .success(tracking), at: 1010)
        let offset = seen.first { $0.measure == NTPCheck.offset }
        #expect(offset?.summary == "the clock is 2 ms slow, says chronyd")
        #expect(offset?.annotations["offset"] == "2 ms slow")
        // chronyc: a positive last offset is a clock that was ahead of its sources.
        #expect(offset?.annotations["last_offset"] == "3 ms fast")
    }

    @Test("a chronyd that is named and silent is told so; one that was only looked for is let be")
    func chronyd() async throws {
        let silent = try DatagramStub { _ in [] }
        let place = ChronyPlace.network(try Endpoint(setting: "127.0.0.1:\(silent.port)"))
        let seen = try await observe(
            NTPCheck(
                settings {
                    $0.chrony = place
                    $0.answerWithin = .milliseconds(100)
                }
            )
        )
        #expect(value(NTPCheck.answers, of: "chronyd", in: seen) == .state("no_answer"))
        let server = try stub()
        let looked = try await observe(NTPCheck(settings([server.port]) { $0.chrony = .auto }))
        #expect(looked.allSatisfy { $0.target.name != "chronyd" })
    }

    @Test(
        "where chronyd is asked has one text each",
        arguments: ["auto", "off", "127.0.0.1:323", "/run/chrony/chronyd.sock"]
    )
    func places(text: String) throws {
        #expect(try ChronyPlace(setting: text).settingText == text)
        #expect(throws: Mismatch.self) { try ChronyPlace(setting: "a b") }
    }
}
