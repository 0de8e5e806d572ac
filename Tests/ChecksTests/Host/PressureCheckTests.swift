import Alerting
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct PressureCheckTests {
    private func observe(
        _ fixture: HostFixture,
        _ settings: PressureCheck.Settings = .init()
    ) async throws -> [Measure: Observation] {
        let all = try await PressureCheck(settings).observe(World(host: fixture.host, time: ManualTime()))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    @Test func theLastMinuteCounts() async throws {
        let seen = try await observe(HostFixture("linux-6.1"))
        #expect(seen[PressureCheck.cpu]?.value == .number(0.62))
        #expect(seen[PressureCheck.memory]?.value == .number(0))
        #expect(seen[PressureCheck.memoryFull]?.value == .number(0))
        #expect(seen[PressureCheck.io]?.value == .number(0.65))
        #expect(seen[PressureCheck.ioFull]?.value == .number(0.21))
        #expect(seen[PressureCheck.io]?.summary == "some task waited for a disk for 65 % of the last 1m")
        #expect(
            seen[PressureCheck.io]?.annotations == [
                "avg10": "70 %", "avg60": "65 %", "avg300": "40 %", "total": "99 µs",
            ]
        )
        #expect(seen.values.allSatisfy { $0.target.name == "host" && $0.scope == .host })
    }

    @Test func anotherSpanMayBeChosen() async throws {
        var settings = PressureCheck.Settings()
        settings.period = .tenSeconds
        #expect(try await observe(HostFixture("linux-6.1"), settings)[PressureCheck.io]?.value == .number(0.7))
        settings.period = .fiveMinutes
        #expect(try await observe(HostFixture("linux-6.1"), settings)[PressureCheck.io]?.value == .number(0.4))
    }

    @Test("S31 a build that uses all processors is no trouble; memory that is waited for is, after a minute")
    func defaults() throws {
        let rules = Dictionary(uniqueKeysWithValues: PressureCheck(.init()).rules.map { ($0.measure, $0) })
        #expect(rules[PressureCheck.cpu]?.shape == .above(warning: 0.6, critical: nil))
        #expect(rules[PressureCheck.cpu]?.holdFor == .seconds(900))
        #expect(rules[PressureCheck.memory]?.shape == .above(warning: 0.1, critical: 0.3))
        #expect(rules[PressureCheck.memory]?.holdFor == .seconds(60))
        #expect(rules[PressureCheck.memoryFull]?.threshold() == nil)
        #expect(rules[PressureCheck.io]?.shape == .above(warning: 0.4, critical: 0.6))
        #expect(rules[PressureCheck.ioFull]?.shape == .above(warning: 0.2, critical: nil))
    }

    @Test("a kernel that does not measure pressure has none, and says how it would")
    func notMeasured() async throws {
        let error = await #expect(throws: CheckError.self) { try await observe(HostFixture("linux-3.10")) }
        guard case .notApplicable(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(remedy?.contains("psi=1") == true)
    }

    @Test(arguments: ["empty-files", "truncated", "no-proc"]) func whatCannotBeReadDegrades(
        overlay: String
    ) async throws {
        let error = await #expect(throws: CheckError.self) { try await observe(HostFixture("debian-12", overlay)) }
        guard case .degraded(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((remedy != nil) == (overlay == "no-proc"))
    }

    @Test func onOldKernelsAllWaitingForProcessorsIsNotCounted() async throws {
        #expect(try await observe(HostFixture("linux-4.18")).count == 5)
    }
}
