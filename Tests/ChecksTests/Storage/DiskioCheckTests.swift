import Alerting
import Basics
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct DiskioCheckTests {
    private let time = ManualTime()

    private func observe(_ check: DiskioCheck, _ fixture: HostFixture) async throws -> [Observation] {
        try await check.observe(World(host: fixture.host, time: time))
    }

    /// A line of `diskstats`: I/Os that ended and their milliseconds, those under way, milliseconds of work.
    private func line(
        _ name: String,
        reads: Int = 0,
        _ readTime: Int = 0,
        writes: Int = 0,
        _ writeTime: Int = 0,
        inFlight: Int = 0,
        busy: Int = 0
    ) -> String {
        "8 0 \(name) \(reads) 0 0 \(readTime) \(writes) 0 0 \(writeTime) \(inFlight) \(busy) 0 0 0 0 0 0 0\n"
    }

    /// What is told after thirty seconds between the two contents.
    private func after(
        _ first: String,
        _ second: String,
        on fixture: HostFixture,
        _ settings: DiskioSettings = .init()
    ) async throws -> [Observation] {
        let check = DiskioCheck(settings)
        try fixture.write("proc/diskstats", first)
        _ = try await observe(check, fixture)
        time.advance(by: .seconds(30))
        try fixture.write("proc/diskstats", second)
        return try await observe(check, fixture)
    }

    private func severity(_ observation: Observation?) -> Severity? {
        guard let observation, let levels = observation.levels, case .number(let value) = observation.value else {
            return nil
        }
        if let critical = levels.critical, value > critical { return .critical }
        if let warning = levels.warning, value > warning { return .warning }
        return nil
    }

    @Test func theTimeOfEachIOIsToldSinceTheSweepBefore() async throws {
        let fixture = try HostFixture("linux-5.15")
        let check = DiskioCheck(.init())
        let first = try await observe(check, fixture)
        #expect(first.map(\.value) == [.unknown(because: "no judgement yet: no earlier reading")])
        let seen = try await after(
            line("sda", reads: 100, 1000, writes: 0, 0, busy: 0),
            line("sda", reads: 160, 2500, writes: 30, 750, inFlight: 2, busy: 6000),
            on: fixture
        )
        #expect(seen.map(\.measure) == [DiskioCheck.time, DiskioCheck.busy, DiskioCheck.rate])
        #expect(seen.map(\.value) == [.number(0.025), .number(0.2), .number(3)])
        #expect(seen.first?.summary == "sda (ssd) took 25 ms for each of 90 I/Os")
        #expect(
            seen.first?.annotations == [
                "medium": "ssd", "busy": "20 %", "in_flight": "2", "reads_per_second": "2", "writes_per_second": "1",
                "await_read": "25 ms", "await_write": "25 ms",
            ]
        )
        #expect(severity(seen.first) == .warning)
    }

    @Test(
        "each kind of disk has its own levels",
        arguments: [
            ("linux-6.1", "sda", 40, nil), ("linux-6.1", "sda", 60, Severity.warning),
            ("linux-6.1", "sda", 201, .critical), ("linux-5.15", "sda", 15, nil),
            ("linux-5.15", "sda", 21, .warning), ("linux-5.15", "sda", 101, .critical),
            ("linux-4.18", "nvme0n1", 9, nil), ("linux-4.18", "nvme0n1", 11, .warning),
            ("linux-4.18", "nvme0n1", 51, .critical), ("linux-6.12", "mmcblk0", 90, nil),
            ("linux-6.12", "mmcblk0", 110, .warning), ("linux-6.12", "mmcblk0", 501, .critical),
        ]
    )
    func levels(host: String, name: String, milliseconds: Int, expected: Severity?) async throws {
        let fixture = try HostFixture(host)
        let seen = try await after(line(name), line(name, reads: 100, 100 * milliseconds), on: fixture)
        #expect(severity(seen.first) == expected)
    }

    @Test("one level may be set or switched off without the other")
    func oneLevel() {
        var settings = DiskioSettings()
        settings.ssdWarning = .milliseconds(5)
        settings.hddWarning = nil
        #expect(settings.levels(.ssd) == .init(warning: 0.005, critical: 0.1))
        #expect(settings.levels(.hdd) == .init(warning: nil, critical: 0.2))
    }

    @Test("S31 one slow I/O in a quiet while is no trouble, unless it took most of the time")
    func fewIOs() async throws {
        let fixture = try HostFixture("linux-5.15")
        let quiet = try await after(line("sda"), line("sda", reads: 1, 3000, busy: 3000), on: fixture)
        #expect(quiet.first?.value == .number(3))
        #expect(severity(quiet.first) == nil)
        let dying = try await after(line("sda"), line("sda", reads: 6, 28000, busy: 28000), on: fixture)
        #expect(severity(dying.first) == .critical)
        let idle = try await after(line("sda", reads: 1, 3000), line("sda", reads: 1, 3000), on: fixture)
        #expect(idle.first?.value == .number(0))
        #expect(DiskioCheck(.init()).rules.first?.holdFor == .seconds(300))
    }

    @Test func aDiskThatEndsNothingHasTakenAllTheTime() async throws {
        let stuck = line("sda", reads: 5, 9, inFlight: 4)
        let seen = try await after(stuck, stuck, on: HostFixture("linux-5.15"))
        #expect(seen.first?.value == .number(30))
        #expect(seen.first?.summary == "sda (ssd) has ended nothing for 30 s; I/Os under way: 4")
        #expect(severity(seen.first) == .critical)
    }

    @Test func countersThatStartAnewAreNoJudgement() async throws {
        let seen = try await after(line("sda", reads: 50, 9), line("sda", reads: 5, 9), on: HostFixture("linux-5.15"))
        #expect(seen.map(\.value) == [.unknown(because: "no judgement yet: no earlier reading")])
    }

    @Test(
        "whole disks are targets, once: no partition, no image, nothing that is made of others",
        arguments: [
            ("linux-3.10", ["cciss/c0d0", "sda"]), ("linux-4.18", ["nvme0n1"]), ("linux-5.15", ["sda"]),
            ("linux-6.1", ["sda", "sdb"]), ("linux-6.12", ["mmcblk0", "sda"]), ("debian-12", ["vda"]),
        ]
    )
    func targets(host: String, names: [String]) async throws {
        #expect(try await observe(DiskioCheck(.init()), HostFixture(host)).map(\.target.name).sorted() == names)
    }

    @Test func whatIsMadeOfOthersIsATargetWhenTheyAreNot() async throws {
        let fixture = try HostFixture("linux-6.1")
        var settings = DiskioSettings()
        settings.include = [try #require(Glob("vg0-*")), try #require(Glob("md1"))]
        let named = try await observe(DiskioCheck(settings), fixture).map(\.target.name)
        #expect(named.sorted() == ["md1", "vg0-data"])
        settings = DiskioSettings()
        settings.exclude = [try #require(Glob("sd*"))]
        let top = try await observe(DiskioCheck(settings), fixture).map(\.target.name)
        #expect(top == ["md1"])
    }

    @Test(arguments: [
        ("sda1", "sda", true), ("sdaa", "sda", false), ("nvme0n1p2", "nvme0n1", true), ("nvme0n12", "nvme0n1", false),
        ("sda", "sda", false), ("cciss/c0d0p1", "cciss/c0d0", true), ("sdap1", "sda", false), ("x", "", false),
    ])
    func partitionsAreKnownByTheirNames(name: String, disk: String, fits: Bool) {
        #expect(name.isPartition(of: disk) == fits)
    }

    @Test func disksThatComeLaterAreWatched() async throws {
        let fixture = try HostFixture("linux-5.15")
        let check = DiskioCheck(.init())
        try fixture.write("proc/diskstats", line("sda"))
        _ = try await observe(check, fixture)
        try fixture.write("proc/diskstats", line("sda") + line("sdb"))
        try fixture.write("sys/block/sdb/queue/rotational", "1\n")
        time.advance(by: .seconds(30))
        #expect(
            try await observe(check, fixture).filter { $0.measure == DiskioCheck.time }.map(\.target.name) == [
                "sda", "sdb",
            ]
        )
    }

    @Test func aMachineWithoutDisksHasNothingToWatch() async throws {
        let error = await #expect(throws: CheckError.self) {
            try await observe(DiskioCheck(.init()), HostFixture("debian-12", "empty-files"))
        }
        guard case .notApplicable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["truncated", "no-proc"]) func whatCannotBeReadDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(DiskioCheck(.init()), fixture) }
        guard case .degraded = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func withoutSysfsTheRemedyIsTold() async throws {
        let fixture = try HostFixture()
        try fixture.remove("sys")
        let error = await #expect(throws: CheckError.self) { try await observe(DiskioCheck(.init()), fixture) }
        #expect(error?.remedy == "mount the host's sysfs: -v /sys:/host/sys:ro")
    }

    @Test func theLargestNumbersAreFinite() async throws {
        let fixture = try HostFixture("debian-12", "huge-values")
        let check = DiskioCheck(.init())
        _ = try await observe(check, fixture)
        time.advance(by: .seconds(30))
        for observation in try await observe(check, fixture) {
            if case .number(let value) = observation.value { #expect(value.isFinite) }
        }
    }
}
