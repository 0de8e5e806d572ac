import FoundationEssentials
import TestSupport
import Testing

@testable import Procfs

@Suite struct CgroupFilesTests {
    private static func seed(_ name: String) throws -> [UInt8] {
        Array(try TestFolder.read("Tests/Fixtures/fuzz/CgroupFiles/\(name)"))
    }

    private static func number(_ name: String) throws -> UInt64 {
        try CgroupNumber(parsing: seed(name), path: name).value
    }

    private static func limit(_ text: String) throws -> UInt64? {
        try CgroupLimit(parsing: Array(text.utf8), path: "limit").value
    }

    @Test("the first version's files, as a kernel wrote them")
    func firstVersion() throws {
        let cpu = try CgroupCPU(parsing: Self.seed("recorded-v1-cpu.stat"), path: "cpu.stat")
        #expect(cpu.usage == nil)
        #expect((cpu.periods, cpu.throttledPeriods) == (23, 22))
        // Nanoseconds there, microseconds here.
        #expect(cpu.throttledTime == 1_384_563)
        #expect(try Self.number("recorded-v1-cpuacct.usage") == 474_720_738)
        #expect(try Self.number("recorded-v1-memory.usage_in_bytes") == 1_007_616)
        #expect(try Self.number("recorded-v1-pids.current") == 3)
        let memory = try CgroupMemoryStat(parsing: Self.seed("recorded-v1-memory.stat"), path: "memory.stat")
        #expect(memory.inactiveFile == 12_288)
        #expect(try CgroupKills(parsing: Self.seed("recorded-v1-memory.oom_control"), path: "oom").count == 1)
        for (file, value) in [("cpu.cfs_quota_us", 20_000), ("memory.limit_in_bytes", 16 << 20), ("pids.max", 12)] {
            let limit = try CgroupLimit(parsing: Self.seed("recorded-v1-\(file)"), path: file)
            #expect(limit.value == UInt64(value))
        }
    }

    @Test("the second version's files")
    func secondVersion() throws {
        let cpu = try CgroupCPU(parsing: Self.seed("v2-cpu.stat"), path: "cpu.stat")
        #expect(cpu.usage == 3_120_045)
        #expect((cpu.periods, cpu.throttledPeriods, cpu.throttledTime) == (1200, 300, 9_000_000))
        #expect(try CgroupCPUMax(parsing: Self.seed("v2-cpu.max"), path: "cpu.max").processors == 0.5)
        #expect(try CgroupCPUMax(parsing: Self.seed("v2-cpu.max-unlimited"), path: "cpu.max").processors == nil)
        let memory = try CgroupMemoryStat(parsing: Self.seed("v2-memory.stat"), path: "memory.stat")
        #expect(memory.inactiveFile == 104_857_600)
        #expect(try CgroupKills(parsing: Self.seed("v2-memory.events"), path: "memory.events").count == 2)
    }

    @Test("no limit has many spellings")
    func unlimited() throws {
        for text in ["max\n", "-1\n", "9223372036854771712\n", "9223372036854710272\n", "9223372036854775807\n"] {
            #expect(try Self.limit(text) == nil, "\(text)")
        }
        #expect(try Self.limit("0\n") == 0)
        #expect(try Self.limit("4096\n") == 4096)
    }

    @Test("a quota of nothing, a period of nothing and what is no number are no quota")
    func wrongQuotas() throws {
        #expect(try CgroupCPUMax(parsing: Array("0 100000\n".utf8), path: "").processors == nil)
        #expect(try CgroupCPUMax(parsing: Array("1000 0\n".utf8), path: "").processors == nil)
        for text in ["", "max", "max\n", "half 100000\n", "-5 100000\n"] {
            #expect(throws: HostFileError.self, "\(text)") { try CgroupCPUMax(parsing: Array(text.utf8), path: "") }
        }
    }

    @Test("before Linux 4.13 kills are not counted, and a group without the controller has no periods")
    func olderKernels() throws {
        let old = try CgroupKills(parsing: Array("oom_kill_disable 0\nunder_oom 0\n".utf8), path: "")
        #expect(old.count == nil)
        let bare = try CgroupCPU(parsing: Array("usage_usec 7\nuser_usec 5\nsystem_usec 2\n".utf8), path: "")
        #expect((bare.usage, bare.periods) == (7, 0))
        #expect(throws: HostFileError.self) { try CgroupMemoryStat(parsing: Array("anon 1\n".utf8), path: "") }
    }
}
