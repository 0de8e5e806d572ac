import Alerting
import Basics
import TestSupport
import Testing

@testable import Checks

@Suite struct PidsCheckTests {
    private let check = PidsCheck(PidsCheck.Settings())

    private func observe(_ fixture: HostFixture) async throws -> [Measure: Observation] {
        let all = try await check.observe(World(host: fixture.host, time: ManualTime()))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    @Test func threadsAreJudgedAgainstBothLimits() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/loadavg", "0.74 1.80 1.30 5/29492 28804\n")
        let seen = try await observe(fixture)
        #expect(seen[PidsCheck.threads]?.value == .number(29492))
        #expect(seen[PidsCheck.used]?.value == .number(29492.0 / 32768))
        #expect(seen[PidsCheck.used]?.summary == "29492 of 32768 process numbers are in use")
        #expect(seen[PidsCheck.threadsUsed]?.value == .number(29492.0 / 192_731))
        #expect(check.rules.map(\.shape) == [Rule.Shape](repeating: .above(warning: 0.8, critical: 0.9), count: 2))
    }

    @Test("since Linux 6.14 a container sees a limit of its own: out of sight, never a wrong number")
    func ownNamespace() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/sys/kernel/osrelease", "6.14.0\n")
        let seen = try await observe(fixture)
        #expect(seen[PidsCheck.used]?.isOutOfSight == true)
        #expect(seen[PidsCheck.used]?.unknown?.contains("6.14") == true)
        #expect(seen[PidsCheck.threadsUsed]?.number != nil)
    }

    @Test func aLimitThatCannotBeReadIsUnknown() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/sys/kernel/pid_max", "x\n")
        #expect(try await observe(fixture)[PidsCheck.used]?.unknown?.contains("pid_max:1: ") == true)
    }

    @Test func whatCannotBeSeenDegrades() async throws {
        let fixture = try HostFixture("debian-12", "no-proc")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        #expect(error?.remedy?.contains("-v /proc:/host/proc:ro") == true)
        let cut = try HostFixture()
        try cut.write("proc/loadavg", "0.74 1.80 1.30\n")
        await #expect(throws: CheckError.self) { try await observe(cut) }
    }

    @Test func theLargestNumbersAreFinite() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/loadavg", "0.74 1.80 1.30 5/18446744073709551615 28804\n")
        try fixture.write("proc/sys/kernel/pid_max", "0\n")
        #expect(try await observe(fixture)[PidsCheck.used]?.number?.isFinite == true)
    }
}
