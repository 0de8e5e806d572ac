import Alerting
import Basics
import Procfs
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct SysctlCheckTests {
    private func check(
        warning: [String] = [],
        critical: [String] = [],
        changes: [String] = []
    ) throws -> SysctlCheck {
        var settings = SysctlCheck.Settings()
        settings.warning = try warning.map { try ParameterExpectation(setting: $0) }
        settings.critical = try critical.map { try ParameterExpectation(setting: $0) }
        settings.changes = try changes.map { try ParameterName(setting: $0) }
        return SysctlCheck(settings)
    }

    private func observe(_ check: SysctlCheck, _ fixture: HostFixture) async throws -> [Observation] {
        try await check.observe(World(host: fixture.host, time: ManualTime()))
    }

    @Test func parametersAreAsExpectedOrNot() async throws {
        let check = try check(
            warning: ["vm.swappiness <= 10", "kernel.panic >= 0", "vm.overcommit_memory = 2"],
            critical: ["vm.swappiness <= 90", "vm.overcommit_memory < 3"]
        )
        let fixture = try HostFixture()
        try fixture.write("proc/sys/kernel/panic", "10\n")
        let seen = try await observe(check, fixture)
        #expect(seen.map(\.target.name) == ["kernel.panic", "vm.overcommit_memory", "vm.swappiness"])
        #expect(seen.map(\.value) == [.state("as_expected"), .state("deviates_critically"), .state("deviates")])
        #expect(seen[0].summary == "kernel.panic is 10, as expected")
        #expect(seen[1].summary == "vm.overcommit_memory does not exist in this kernel")
        #expect(seen[2].summary == "vm.swappiness is 60, expected <= 10")
        #expect(seen[2].annotations == ["value": "60", "expected": "<= 90; <= 10"])
        #expect(seen.allSatisfy { $0.measure == SysctlCheck.compliance && $0.scope == .host })
    }

    @Test func theGravestDeviationCounts() async throws {
        let check = try check(warning: ["vm.swappiness <= 10"], critical: ["vm.swappiness <= 50"])
        #expect(try await observe(check, HostFixture()).map(\.value) == [.state("deviates_critically")])
        #expect(check.rules.first?.shape == .state(bad: Compliance.bad))
    }

    @Test("S13 a change is told against the value kept")
    func changes() async throws {
        let fixture = try HostFixture()
        let check = try check(changes: ["vm.swappiness"])
        let rule = try #require(check.rules.first { $0.measure == SysctlCheck.value })
        var memory = Rule.Memory(shape: rule.shape.word)
        func judge() async throws -> Judgement {
            let value = try #require(try await observe(check, fixture).first?.value)
            return rule.judge(value, at: Timestamp(milliseconds: 0), uptime: .zero, bootID: nil, memory: &memory)
        }
        #expect(try await judge() == .ok)
        #expect(try await judge() == .ok)
        try fixture.write("proc/sys/vm/swappiness", "10\n")
        #expect(try await judge() == .breach(.warning, because: "changed from 60 to 10"))
        try fixture.remove("proc/sys/vm/swappiness")
        #expect(try await judge() == .breach(.warning, because: "changed from 10 to does not exist"))
    }

    @Test("S29 a parameter of a namespace that is not shared with the host is unknown, never the reader's own")
    func namespaces() async throws {
        let check = try check(warning: ["net.core.somaxconn >= 1", "net.core.absent = 1"], changes: ["kernel.shmmax"])
        let seen = try await observe(check, HostFixture())
        #expect(seen.count == 3)
        for (observation, remedy) in zip(seen, ["ipc: host", "network_mode: host", "network_mode: host"]) {
            guard case .unknown(let because) = observation.value else {
                Issue.record("\(observation)")
                continue
            }
            #expect(because.hasSuffix("needs \(remedy)"))
        }
        let shared = try HostFixture("debian-12", "own-network")
        #expect(try await observe(check, shared).map(\.value).filter { $0 == .state("as_expected") }.count == 1)
    }

    @Test(arguments: ["empty-files", "truncated"]) func aBrokenFileIsUnknown(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        try fixture.write("proc/sys/kernel/random/boot_id", "1f6c2f0e-6f0b-4d0a-9b0e-3d2a5c7e9f11\n")
        guard
            case .unknown(let because) = try await observe(check(warning: ["vm.swappiness = 1"]), fixture).first?.value
        else {
            Issue.record("it was judged")
            return
        }
        #expect(because.contains("swappiness:1: "))
    }

    @Test func withoutProcfsTheRemedyIsTold() async throws {
        let fixture = try HostFixture("debian-12", "no-proc")
        let error = await #expect(throws: CheckError.self) {
            try await observe(check(warning: ["vm.swappiness = 1"]), fixture)
        }
        #expect(error?.remedy?.contains("-v /proc:/host/proc:ro") == true)
    }

    @Test func withoutAParameterThereIsNothingToWatch() async throws {
        let error = await #expect(throws: CheckError.self) { try await observe(check(), HostFixture()) }
        #expect(error == .notApplicable(because: "the settings name no kernel parameter", remedy: nil))
    }
}
