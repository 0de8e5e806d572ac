import Alerting
import Basics
import Procfs
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct MountCheckTests {
    private func observe(_ fixture: HostFixture, _ settings: MountSettings = .init()) async throws -> [Observation] {
        try await MountCheck(settings).observe(World(host: fixture.host, time: ManualTime()))
    }

    private func compliance(
        _ fixture: HostFixture,
        _ settings: MountSettings = .init()
    ) async throws -> [String: String] {
        let seen = try await observe(fixture, settings).filter { $0.measure == MountCheck.compliance }
        return Dictionary(
            uniqueKeysWithValues: seen.map { observation in
                guard case .state(let state) = observation.value else { return (observation.target.name, "unknown") }
                return (observation.target.name, state)
            }
        )
    }

    private func of(_ measure: Measure, _ target: String, _ seen: [Observation]) -> Observation? {
        seen.first { $0.measure == measure && $0.target.name == target }
    }

    private func settings(
        warning: [String] = [],
        critical: [String] = [],
        fstab: Severity? = nil
    ) throws -> MountSettings {
        var settings = MountSettings()
        settings.warning = try warning.map { try MountExpectation(setting: $0) }
        settings.critical = try critical.map { try MountExpectation(setting: $0) }
        settings.fstab = fstab
        return settings
    }

    @Test("what fstab asks for is judged as the kernel names it", arguments: ["3.10", "4.18", "5.15", "6.1"])
    func fstabOfOtherKernels(kernel: String) async throws {
        let fixture = try HostFixture("linux-\(kernel)")
        let seen = try await compliance(fixture)
        let deviating = seen.filter { $0.value != "as_expected" }
        #expect(deviating == (kernel == "3.10" ? ["/data": "deviates"] : [:]))
        #expect(seen["none"] == nil && seen["/swapfile"] == nil)
    }

    @Test func fstabIsCompliedWithOrNot() async throws {
        let fixture = try HostFixture()
        let seen = try await observe(fixture)
        #expect(
            try await compliance(fixture) == [
                "/": "as_expected", "/mnt/my disk": "as_expected", "/var/www": "as_expected",
                "/mnt/share": "as_expected", "/srv/archive": "as_expected",
            ]
        )
        #expect(of(MountCheck.compliance, "/", seen)?.summary == "/ is as expected")
        try fixture.write("proc/1/mounts", "/dev/vda / ext4 ro,relatime 0 0\n/dev/vdb /mnt/my\\040disk ext4 rw 0 0\n")
        let broken = try await observe(fixture)
        #expect(of(MountCheck.compliance, "/", broken)?.summary == "/ is mounted without rw")
        #expect(of(MountCheck.compliance, "/mnt/my disk", broken)?.summary == "/mnt/my disk is ext4, not xfs")
        #expect(of(MountCheck.compliance, "/srv/archive", broken)?.summary == "/srv/archive is not mounted")
        #expect(of(MountCheck.compliance, "/srv/archive", broken)?.value == .state("deviates"))
        // `nofail`: it need not be there.
        #expect(of(MountCheck.compliance, "/mnt/share", broken)?.value == .state("as_expected"))
        #expect(of(MountCheck.present, "/mnt/share", broken)?.value == .state("missing"))
    }

    @Test func aTrapThatMountsOnAccessIsEnough() async throws {
        let seen = try await observe(HostFixture("linux-4.18"))
        #expect(of(MountCheck.compliance, "/net/share", seen)?.value == .state("as_expected"))
        // It comes and goes, which is no change.
        let because = "it is mounted when somebody looks into it"
        #expect(of(MountCheck.options, "/net/share", seen)?.value == .unknown(because: because))
    }

    @Test func mountsThatAreNamedAreJudgedWithTheirSeverity() async throws {
        let settings = try settings(
            warning: ["/ ext4|xfs", "/srv/archive any rw", "/mnt/share nfs4 noexec", "/run"],
            critical: ["/srv/data", "/run tmpfs noexec"]
        )
        #expect(
            try await compliance(HostFixture(), settings) == [
                "/": "as_expected", "/srv/archive": "deviates", "/mnt/share": "deviates",
                "/srv/data": "deviates_critically", "/run": "deviates_critically",
            ]
        )
        let seen = try await observe(HostFixture(), settings)
        #expect(of(MountCheck.compliance, "/run", seen)?.summary == "/run is mounted without noexec")
        #expect(
            of(MountCheck.compliance, "/run", seen)?.annotations["found"]
                == "tmpfs rw,nosuid,nodev,size=2468412k,mode=755"
        )
    }

    @Test("S13 changed options are told against those kept; what is told by itself is told once")
    func baseline() async throws {
        let fixture = try HostFixture()
        let check = MountCheck(try settings(warning: ["/mnt/share", "/run tmpfs noexec"]))
        let rule = try #require(check.rules.first { $0.measure == MountCheck.options })
        var memory = Rule.Memory(shape: rule.shape.word)
        func judge() async throws -> Judgement {
            let seen = try await check.observe(World(host: fixture.host, time: ManualTime()))
            let value = try #require(of(MountCheck.options, "/mnt/share", seen)).value
            return rule.judge(value, at: Timestamp(milliseconds: 0), uptime: .zero, bootID: "b", memory: &memory)
        }
        #expect(try await judge() == .ok)
        try fixture.write(
            "proc/1/mounts",
            "server:/export /mnt/share nfs4 rw,relatime,vers=4.2,clientaddr=198.51.100.1,addr=192.0.2.9 0 0\n"
        )
        #expect(try await judge() == .ok)
        try fixture.write("proc/1/mounts", "a /elsewhere ext4 rw 0 0\n")
        guard case .unknown = try await judge() else {
            Issue.record("a missing mount has no options")
            return
        }
        try fixture.write("proc/1/mounts", "server:/export /mnt/share nfs4 ro,relatime 0 0\n")
        guard case .breach(.warning, let because) = try await judge() else {
            Issue.record("no change")
            return
        }
        #expect(because.hasSuffix("to nfs4 ro,relatime"))
    }

    @Test("S13 a mount that need not be there is told when it goes, not when it never was")
    func going() async throws {
        let rule = try #require(MountCheck(.init()).rules.first { $0.measure == MountCheck.present })
        #expect(rule.shape == .became(bad: ["missing": .warning]))
    }

    @Test func linesOfFstabMayBeLeftOut() async throws {
        let fixture = try HostFixture("linux-6.12")
        var settings = MountSettings()
        #expect(try await compliance(fixture, settings).keys.sorted() == ["/", "/mnt/my disk"])
        settings.excludeTypes = []
        settings.exclude = [try #require(Glob("/"))]
        // The kernel has no `noexec` there.
        #expect(try await compliance(fixture, settings) == ["/mnt/my disk": "as_expected", "/tmp": "deviates"])
        settings.fstab = .info
        #expect(try await compliance(fixture, settings)["/tmp"] == "deviates_slightly")
        settings.fstab = nil
        settings.changeSeverity = nil
        #expect(MountCheck(settings).rules.map(\.measure) == [MountCheck.compliance, MountCheck.present])
    }

    @Test func withoutTheHostsRootFstabIsUnknownAndTheRestIsJudged() async throws {
        let fixture = try HostFixture()
        let host = Host(roots: HostRoots(proc: fixture.path("proc"), sys: fixture.path("sys")))
        let check = MountCheck(try settings(warning: ["/run"], fstab: .warning))
        let seen = try await check.observe(World(host: host, time: ManualTime()))
        guard case .unknown(let because) = of(MountCheck.compliance, "etc/fstab", seen)?.value else {
            Issue.record("\(seen)")
            return
        }
        #expect(because.contains("-v /:/host/root:ro,rslave"))
        #expect(of(MountCheck.compliance, "/run", seen)?.value == .state("as_expected"))
    }

    @Test func aBrokenLineOfFstabIsNamed() async throws {
        let seen = try await observe(
            HostFixture("debian-12", "truncated").with(
                "proc/1/mounts",
                "a / ext4 rw 0 0\n",
                "root/etc/fstab",
                "/dev/vda /\n"
            )
        )
        guard case .unknown(let because) = of(MountCheck.compliance, "etc/fstab", seen)?.value else {
            Issue.record("\(seen)")
            return
        }
        #expect(because.contains("fstab:1: "))
    }

    @Test("what fstab asked for keeps its alerts while a line of it is broken, and is judged again after")
    func aBrokenLineResolvesNothing() async throws {
        let fixture = try HostFixture()
        let mounts = "/dev/vda / ext4 rw,relatime 0 0\n"
        let good = "/dev/vda / ext4 rw\n/dev/vdb /data xfs rw\nserver:/x /mnt/share nfs nofail\n"
        _ = try fixture.with("proc/1/mounts", mounts, "root/etc/fstab", good)
        let check = MountCheck(try settings(warning: ["/ ext4"], fstab: .warning))
        func look() async throws -> [Observation] {
            try await check.observe(World(host: fixture.host, time: ManualTime()))
        }
        let subjects = Set(try await look().map { "\($0.target.name) \($0.measure.name)" })
        try fixture.write("root/etc/fstab", good + "oops\n")
        let blind = try await look()
        // Nothing that was told of is missing.
        #expect(subjects.isSubset(of: blind.map { "\($0.target.name) \($0.measure.name)" }))
        for (target, measure) in [
            ("/data", MountCheck.compliance), ("/data", MountCheck.options), ("/mnt/share", MountCheck.present),
        ] {
            guard case .unknown(let because) = of(measure, target, blind)?.value else {
                Issue.record("\(target) \(measure.name) was judged")
                continue
            }
            #expect(because.contains("fstab:4: "))
        }
        #expect(of(MountCheck.present, "/data", blind) == nil)
        // The settings know it themselves.
        #expect(of(MountCheck.compliance, "/", blind)?.value == .state("as_expected"))
        try fixture.write("root/etc/fstab", good)
        #expect(of(MountCheck.compliance, "/data", try await look())?.value == .state("deviates"))
        try fixture.remove("root/etc/fstab")
        #expect(try await look().map(\.target.name).allSatisfy { $0 == "/" })
    }

    @Test func aHostThatAsksForNothingIsNotApplicable() async throws {
        let fixture = try HostFixture()
        try fixture.remove("root/etc/fstab")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .notApplicable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["empty-files", "truncated", "no-proc", "hidepid", "container-view"])
    func whatCannotBeReadDegrades(overlay: String) async throws {
        let error = await #expect(throws: CheckError.self) { try await observe(HostFixture("debian-12", overlay)) }
        guard case .degraded(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((remedy != nil) == !["empty-files", "truncated"].contains(overlay))
    }
}

extension HostFixture {
    fileprivate func with(_ files: String...) throws -> HostFixture {
        for index in stride(from: 0, to: files.count - 1, by: 2) { try write(files[index], files[index + 1]) }
        return self
    }
}
