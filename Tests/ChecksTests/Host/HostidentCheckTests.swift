import Alerting
import Basics
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct HostidentCheckTests {
    private func observe(_ fixture: HostFixture, addresses: Severity? = nil) async throws -> [Observation] {
        var settings = HostidentCheck.Settings()
        settings.addresses = addresses
        return try await HostidentCheck(settings).observe(World(host: fixture.host, time: ManualTime()))
    }

    @Test("S4 the name is the one that the host's administrator wrote")
    func name() async throws {
        let seen = try await observe(HostFixture())
        #expect(seen.map(\.value) == [.state("watched-1")])
        #expect(seen.first?.target.name == "host")
        #expect(seen.first?.summary == "the host's name is watched-1")
    }

    @Test("S13 another name is one occurrence, against the name kept over restarts")
    func change() async throws {
        let rule = try #require(HostidentCheck(.init()).rules.first)
        #expect(rule.shape == .changed(.warning))
        let fixture = try HostFixture()
        var memory = Rule.Memory(shape: rule.shape.word)
        func judge(atMinute minute: Int64) async throws -> Judgement {
            let value = try #require(try await observe(fixture).first?.value)
            let now = Timestamp(milliseconds: minute * 60_000)
            return rule.judge(value, at: now, uptime: .zero, bootID: "\(minute)", memory: &memory)
        }
        #expect(try await judge(atMinute: 0) == .ok)
        try fixture.write("root/etc/hostname", "cloned-7\n")
        #expect(try await judge(atMinute: 5) == .breach(.warning, because: "changed from watched-1 to cloned-7"))
        #expect(try await judge(atMinute: 16) == .ok)
    }

    @Test("S31 addresses are looked at on request only")
    func addresses() async throws {
        #expect(HostidentCheck(.init()).rules.map(\.measure) == [HostidentCheck.name])
        let seen = try await observe(HostFixture(), addresses: .info).filter { $0.measure == HostidentCheck.addresses }
        #expect(seen.map(\.target.name) == ["ipv4", "ipv6"])
        #expect(seen.map(\.value) == [.state("192.0.2.2"), .state("2001:db8:0:0:0:0:0:2")])
        #expect(seen.allSatisfy { $0.scope == .host })
    }

    @Test func withoutIPv6ThereAreNone() async throws {
        let fixture = try HostFixture()
        try fixture.remove("proc/1/net/ipv6_route")
        #expect(try await observe(fixture, addresses: .info).last?.value == .state("none"))
    }

    @Test(arguments: ["container-view", "hidepid"]) func hiddenAddressesAreUnknown(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        guard case .unknown(let because) = try await observe(fixture, addresses: .info).last?.value else {
            Issue.record("they were told")
            return
        }
        #expect(because.contains(overlay == "hidepid" ? "hidepid" : "-v /proc:/host/proc:ro"))
    }

    @Test("a container's own name is not the host's: without the host's root there is none")
    func withoutRoot() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/sys/kernel/hostname", "3f1c2d7a9b0e\n")
        let host = Host(roots: HostRoots(proc: fixture.path("proc"), sys: fixture.path("sys")))
        let error = await #expect(throws: CheckError.self) {
            try await HostidentCheck(.init()).observe(World(host: host, time: ManualTime()))
        }
        #expect(error?.remedy == "mount the host's root: -v /:/host/root:ro,rslave")
    }

    @Test func aHostWithoutTheFileHasNoName() async throws {
        let fixture = try HostFixture()
        try fixture.remove("root/etc/hostname")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .notApplicable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["empty-files", "truncated"]) func aBrokenFileDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        try fixture.write("root/etc/hostname", overlay == "truncated" ? "two words\n" : "")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .degraded = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
