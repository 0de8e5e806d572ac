import Alerting
import Basics
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct SecmodCheckTests {
    private func observe(_ fixture: HostFixture) async throws -> [Measure: Observation] {
        let all = try await SecmodCheck(.init()).observe(World(host: fixture.host, time: ManualTime()))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    @Test func bothAreStates() async throws {
        let debian = try await observe(HostFixture())
        #expect(debian[SecmodCheck.selinux]?.value == .state("disabled"))
        #expect(debian[SecmodCheck.apparmor]?.value == .state("enabled"))
        let redHat = try await observe(HostFixture("debian-12", "selinux"))
        #expect(redHat[SecmodCheck.selinux]?.value == .state("enforcing"))
        #expect(redHat[SecmodCheck.selinux]?.summary == "SELinux is enforcing")
        #expect(redHat[SecmodCheck.apparmor]?.value == .state("disabled"))
        #expect(redHat[SecmodCheck.selinux]?.target.name == "selinux")
    }

    @Test("SELinux whose files are not mounted is unknown, not off")
    func unmounted() async throws {
        let fixture = try HostFixture()
        try fixture.write("sys/fs/selinux/.kept", "")
        guard case .unknown(let because) = try await observe(fixture)[SecmodCheck.selinux]?.value else {
            Issue.record("it was told as a state")
            return
        }
        #expect(because.contains("-v /sys:/host/sys:ro"))
    }

    /// What the rules of one measure say to states in turn.
    private func judge(_ settings: SecmodCheck.Settings, _ measure: Measure, _ states: [String]) -> [Severity?] {
        let rules = SecmodCheck(settings).rules.filter { $0.measure == measure }
        var memories = rules.map { Rule.Memory(shape: $0.shape.word) }
        return states.enumerated().map { index, state in
            rules.indices.compactMap { rule -> Severity? in
                let said = rules[rule].judge(
                    .state(state),
                    at: Timestamp(milliseconds: Int64(index) * 1_200_000),
                    uptime: .zero,
                    bootID: nil,
                    memory: &memories[rule]
                )
                if case .breach(let severity, _) = said { return severity }
                return nil
            }.max()
        }
    }

    @Test("S13 what was enforced and is no more is told for as long as it lasts, any other change once")
    func baseline() {
        let states = ["enforcing", "permissive", "permissive", "enforcing", "enforcing"]
        let expected: [Severity?] = [nil, .warning, .warning, .warning, nil]
        #expect(judge(.init(), SecmodCheck.selinux, states) == expected)
        #expect(judge(.init(), SecmodCheck.selinux, ["disabled", "disabled"]) == [nil, nil])
        #expect(
            judge(.init(), SecmodCheck.apparmor, ["enabled", "disabled", "disabled"]) == [nil, .warning, .warning]
        )
    }

    @Test func whatIsExpectedIsJudgedFromTheFirst() {
        var settings = SecmodCheck.Settings()
        settings.selinux = .permissive
        settings.selinuxSeverity = .critical
        settings.apparmor = .disabled
        #expect(judge(settings, SecmodCheck.selinux, ["disabled", "disabled"]) == [.critical, .critical])
        #expect(judge(settings, SecmodCheck.selinux, ["permissive"]) == [nil])
        #expect(judge(settings, SecmodCheck.apparmor, ["enabled"]) == [.warning])
        #expect(judge(settings, SecmodCheck.apparmor, ["disabled"]) == [nil])
    }

    @Test func withoutSysfsBothAreUnknownWithTheRemedy() async throws {
        let fixture = try HostFixture()
        try fixture.remove("sys")
        for observation in try await observe(fixture).values {
            guard case .unknown(let because) = observation.value else {
                Issue.record("\(observation)")
                continue
            }
            #expect(because.contains("-v /sys:/host/sys:ro"))
        }
    }

    @Test(arguments: ["empty-files", "truncated"]) func aBrokenFileIsUnknown(overlay: String) async throws {
        guard case .unknown = try await observe(HostFixture("debian-12", overlay))[SecmodCheck.apparmor]?.value else {
            Issue.record("it was told as a state")
            return
        }
    }
}
