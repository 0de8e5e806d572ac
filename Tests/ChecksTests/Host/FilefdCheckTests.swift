import Alerting
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct FilefdCheckTests {
    private let check = FilefdCheck(FilefdCheck.Settings())

    private func observe(_ fixture: HostFixture) async throws -> [Measure: Observation] {
        let all = try await check.observe(World(host: fixture.host, time: ManualTime()))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.measure, $0) })
    }

    @Test func theShareOfTheMachinesLimitIsObserved() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/sys/fs/file-nr", "850\t0\t1000\n")
        let seen = try await observe(fixture)
        #expect(seen[FilefdCheck.used]?.value == .number(0.85))
        #expect(seen[FilefdCheck.used]?.summary == "850 of 1000 file handles are in use")
        #expect(seen[FilefdCheck.allocated]?.value == .number(850))
        #expect(seen[FilefdCheck.process] == nil)
        #expect(seen.values.allSatisfy { $0.target.name == "host" && $0.scope == .host })
    }

    @Test func defaultsAre80And90Percent() {
        #expect(check.rules.map(\.shape) == [Rule.Shape](repeating: .above(warning: 0.8, critical: 0.9), count: 3))
        var settings = FilefdCheck.Settings()
        settings.warning = nil
        #expect(FilefdCheck(settings).rules[0].shape == .above(warning: nil, critical: 0.9))
    }

    @Test func withoutALimitTheKernelsOwnAndTheFullestProcessAreJudged() async throws {
        let fixture = try HostFixture("debian-12", "file-max-unlimited")
        try fixture.write("proc/meminfo", "MemTotal: 1024000 kB\n")
        for number in 0..<90 { try fixture.write("proc/873/fd/\(number)", "") }
        let seen = try await observe(fixture)
        // A tenth of the memory at 1 KiB each: 102,400 handles.
        #expect(seen[FilefdCheck.used]?.value == .number(9120.0 / 102_400))
        #expect(seen[FilefdCheck.used]?.annotations["note"]?.contains("9223372036854775807") == true)
        #expect(seen[FilefdCheck.process]?.value == .number(0.9))
        #expect(
            seen[FilefdCheck.process]?.annotations == ["process": "leaky", "pid": "873", "open": "90", "limit": "100"]
        )
        #expect(seen[FilefdCheck.group]?.value == .number(90.0 / 102_400))
        #expect(seen[FilefdCheck.group]?.annotations["group"] == "/system.slice/docker-0f3a.scope")
    }

    @Test func withoutAProcessThatCouldBeCountedTheReasonIsNotOurRights() async throws {
        let fixture = try HostFixture("debian-12", "file-max-unlimited")
        for pid in [1, 412, 873] { try fixture.remove("proc/\(pid)/limits") }
        let seen = try await observe(fixture)
        let because = "no process was there long enough to be counted"
        for measure in [FilefdCheck.process, FilefdCheck.group] {
            #expect(seen[measure]?.value == .unknown(because: because))
        }
    }

    @Test func processesThatCannotBeSeenAreUnknownNotWell() async throws {
        for overlay in ["container-view", "hidepid"] {
            let fixture = try HostFixture("debian-12", overlay)
            try fixture.write("proc/sys/fs/file-nr", "9120\t0\t9223372036854775807\n")
            let seen = try await observe(fixture)
            for measure in [FilefdCheck.process, FilefdCheck.group] {
                guard case .unknown(let because) = seen[measure]?.value else {
                    Issue.record("\(overlay): \(String(describing: seen[measure]))")
                    continue
                }
                #expect(because.contains("-v /proc:/host/proc:ro"))
            }
            #expect(seen[FilefdCheck.used] != nil)
        }
    }

    @Test func withoutALimitAndWithoutMemoryTheShareIsUnknown() async throws {
        let fixture = try HostFixture("debian-12", "file-max-unlimited")
        try fixture.remove("proc/meminfo")
        #expect(try await observe(fixture)[FilefdCheck.used]?.value == .unknown(because: "fs.file-max limits nothing"))
    }

    @Test func aMissingMountDegradesWithTheRemedy() async throws {
        let fixture = try HostFixture("debian-12", "no-proc")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .degraded(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(remedy?.contains("-v /proc:/host/proc:ro") == true)
    }

    @Test(arguments: ["empty-files", "truncated"])
    func aBrokenFileDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        #expect(error?.because.contains("file-nr:1: ") == true)
    }

    @Test func theLargestNumbersAreFinite() async throws {
        let seen = try await observe(HostFixture("debian-12", "huge-values"))
        #expect(seen[FilefdCheck.used]?.value == .unknown(because: "fs.file-max limits nothing"))
        #expect(seen[FilefdCheck.allocated]?.value == .number(Double(UInt64.max)))
    }
}
