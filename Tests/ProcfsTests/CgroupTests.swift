import TestSupport
import Testing

@testable import Procfs

/// Where the groups of containers are, in every layout that engines and init systems make; all hand-made.
@Suite struct CgroupTests {
    private static let id = String(repeating: "0f3a", count: 16)
    private static let scope = "docker-\(id).scope"

    /// A host whose process 412 is in these groups, and what is in the folders of them.
    private func host(_ cgroup: String, _ files: [String: String] = [:], mounts: String? = nil) throws -> HostFixture {
        let fixture = try HostFixture()
        try fixture.write("proc/412/cgroup", cgroup)
        if let mounts { try fixture.write("proc/1/mountinfo", mounts) }
        for (path, text) in files { try fixture.write("sys/fs/cgroup/\(path)", text + "\n") }
        return fixture
    }

    private func group(_ fixture: HostFixture, _ id: String = id) throws -> Cgroup? {
        try fixture.host.cgroup(ofContainer: id, process: 412)
    }

    private static let unified = ["cgroup.controllers": "cpu io memory pids"]

    private static func secondVersion(_ folder: String) -> [String: String] {
        [
            "\(folder)/memory.max": "536870912", "\(folder)/memory.current": "268435456",
            "\(folder)/memory.stat": "anon 1\ninactive_file 1048576", "\(folder)/memory.events": "low 0\noom_kill 3",
            "\(folder)/cpu.max": "150000 100000", "\(folder)/pids.max": "max", "\(folder)/pids.current": "7",
            "\(folder)/cpu.stat": "usage_usec 900\nnr_periods 10\nnr_throttled 4\nthrottled_usec 77",
            "\(folder)/memory.pressure": "some avg10=0.00 avg60=12.50 avg300=0.00 total=5",
        ].merging(unified) { $1 }
    }

    private static func firstVersion(
        _ folder: String,
        cpu: String = "cpu",
        cpuacct: String = "cpuacct"
    ) -> [String: String] {
        [
            "memory/\(folder)/memory.limit_in_bytes": "16777216", "memory/\(folder)/memory.usage_in_bytes": "1007616",
            "memory/\(folder)/memory.stat": "inactive_file 1\ntotal_inactive_file 12288",
            "memory/\(folder)/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1",
            "\(cpu)/\(folder)/cpu.cfs_quota_us": "20000", "\(cpu)/\(folder)/cpu.cfs_period_us": "100000",
            "\(cpu)/\(folder)/cpu.stat": "nr_periods 23\nnr_throttled 22\nthrottled_time 1384563048",
            "\(cpuacct)/\(folder)/cpuacct.usage": "474720738", "pids/\(folder)/pids.max": "12",
            "pids/\(folder)/pids.current": "3",
        ]
    }

    /// What the files of `secondVersion` say.
    private func expectSecondVersion(_ fixture: HostFixture) throws {
        let host = fixture.host
        let group = try #require(try self.group(fixture))
        #expect(try host.limits(of: group) == CgroupLimits(memory: 512 << 20, processors: 1.5))
        #expect(try host.memoryUse(of: group) == 256 << 20)
        #expect(try host.inactiveFile(of: group) == 1 << 20)
        #expect(try host.memoryKills(of: group) == 3)
        #expect(try host.tasks(of: group) == 7)
        let cpu = try #require(try host.cpu(of: group))
        #expect((cpu.usage, cpu.periods, cpu.throttledPeriods, cpu.throttledTime) == (900, 10, 4, 77))
        #expect(try host.pressure(on: .memory, of: group)?.some.minute == 0.125)
        #expect(try host.pressure(on: .io, of: group) == nil)
        #expect(host.exists(group))
    }

    /// What the files of `firstVersion` say.
    private func expectFirstVersion(_ fixture: HostFixture) throws {
        let host = fixture.host
        let group = try #require(try self.group(fixture))
        #expect(try host.limits(of: group) == CgroupLimits(memory: 16 << 20, processors: 0.2, tasks: 12))
        #expect(try host.memoryUse(of: group) == 1_007_616)
        #expect(try host.inactiveFile(of: group) == 12_288)
        #expect(try host.memoryKills(of: group) == 1)
        #expect(try host.tasks(of: group) == 3)
        let cpu = try #require(try host.cpu(of: group))
        #expect((cpu.usage, cpu.periods, cpu.throttledPeriods, cpu.throttledTime) == (474_720, 23, 22, 1_384_563))
        #expect(host.exists(group))
    }

    @Test(
        "the second version, by every driver and in every slice",
        arguments: [
            "system.slice/\(scope)", "docker/\(id)", "machine.slice/libpod-\(id).scope",
            "user.slice/user-1000.slice/user@1000.service/user.slice/\(scope)",
            "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12.slice/cri-containerd-\(id).scope",
            "kubepods/besteffort/pod12/\(id)",
        ]
    )
    func secondVersion(folder: String) throws {
        try expectSecondVersion(host("0::/\(folder)\n", Self.secondVersion(folder)))
    }

    @Test("a process in a group below the container's tells of the container's")
    func groupsWithin() throws {
        let folder = "machine.slice/libpod-\(Self.id).scope"
        try expectSecondVersion(host("0::/\(folder)/container/init.scope\n", Self.secondVersion(folder)))
    }

    @Test("the first version, by both drivers", arguments: ["docker/\(id)", "system.slice/\(scope)"])
    func firstVersion(folder: String) throws {
        let lines = ["4:memory", "3:cpuacct", "2:cpu", "8:pids", "6:freezer"].map { "\($0):/\(folder)\n" }.joined()
        try expectFirstVersion(host(lines, Self.firstVersion(folder)))
    }

    @Test(
        "the first version where two controllers share a hierarchy, with and without links to it",
        arguments: [true, false]
    )
    func joinedControllers(hasLinks: Bool) throws {
        let folder = "docker/\(Self.id)"
        let joined = "cpu,cpuacct"
        let files = Self.firstVersion(folder, cpu: joined, cpuacct: joined)
        let fixture = try host("4:\(joined):/\(folder)\n5:memory:/\(folder)\n6:pids:/\(folder)\n", files)
        if hasLinks { for name in ["cpu", "cpuacct"] { try fixture.link("sys/fs/cgroup/\(name)", to: joined) } }
        try expectFirstVersion(fixture)
    }

    @Test("both versions: the controllers are the first's, the pressure is the second's")
    func hybrid() throws {
        let folder = "system.slice/\(Self.scope)"
        let lines = ["4:memory", "3:cpuacct", "2:cpu", "8:pids", "0:"].map { "\($0):/\(folder)\n" }.joined()
        var files = Self.firstVersion(folder)
        files["unified/\(folder)/cpu.pressure"] = "some avg10=0.00 avg60=50.00 avg300=0.00 total=5"
        let fixture = try host(lines, files)
        try expectFirstVersion(fixture)
        let group = try #require(try self.group(fixture))
        #expect(try fixture.host.pressure(on: .cpu, of: group)?.some.minute == 0.5)
    }

    @Test(
        "from a namespace of our own, groups beside and above it are found below the host's tree",
        arguments: [
            ("/../\(scope)", "system.slice/\(scope)"),
            ("/../../machine.slice/libpod-\(id).scope/container", "machine.slice/libpod-\(id).scope"),
            (
                "/../../kubepods-burstable-pod12.slice/cri-containerd-\(id).scope",
                "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12.slice/cri-containerd-\(id).scope"
            ),
        ]
    )
    func ownNamespace(path: String, folder: String) throws {
        var files = Self.secondVersion(folder)
        for other in ["init.scope", "user.slice/user-1000.slice", "system.slice/docker-aa.scope"] {
            files["\(other)/memory.max"] = "1"
        }
        let fixture = try host("0::\(path)\n", files)
        try expectSecondVersion(fixture)
        // The second time it is remembered where that was; what has ended is not there.
        try expectSecondVersion(fixture)
        try fixture.remove("sys/fs/cgroup/\(folder)")
        #expect(try group(fixture) == nil)
    }

    @Test("where the host is a container itself, its mounts show a part of each hierarchy")
    func nestedHost() throws {
        let outer = "docker/\(String(repeating: "b", count: 64))"
        let lines = ["4:memory", "3:cpuacct", "2:cpu", "8:pids"].map { "\($0):/\(outer)/docker/\(Self.id)\n" }.joined()
        let mounts = ["memory", "cpuacct", "cpu", "pids"].enumerated().map { number, name in
            "\(40 + number) 30 0:\(20 + number) /\(outer) /sys/fs/cgroup/\(name) ro - cgroup cgroup rw,\(name)\n"
        }
        try expectFirstVersion(host(lines, Self.firstVersion("docker/\(Self.id)"), mounts: mounts.joined()))
    }

    @Test("a tree that is mounted elsewhere is found by the host's mounts")
    func mountedElsewhere() throws {
        let folder = "docker/\(Self.id)"
        let mounts = "40 30 0:20 / /cgroup/memory rw - cgroup cgroup rw,memory\n"
        let fixture = try host("4:memory:/\(folder)\n", mounts: mounts)
        try fixture.write("root/cgroup/memory/\(folder)/memory.limit_in_bytes", "4096\n")
        let group = try #require(try self.group(fixture))
        #expect(try fixture.host.limits(of: group) == CgroupLimits(memory: 4096))
    }

    @Test(
        "a group that is not the container's alone is none",
        arguments: [
            "0::/\n", "0::/user.slice/user-1000.slice/session-3.scope\n", "0::/system.slice/docker.service\n",
            "0::/docker/../\(id)\n", "0::/system.slice/\(scope) (deleted)\n", "0:x\n", "", "4:memory:docker/\(id)\n",
        ]
    )
    func noGroup(lines: String) throws {
        let fixture = try host(lines, Self.secondVersion("system.slice/\(Self.scope)"))
        #expect(try group(fixture) == nil)
        #expect(try group(fixture, "0f3a") == nil)
    }

    @Test("a container that ends between two looks is no error: nothing is known of it")
    func ended() throws {
        let folder = "system.slice/\(Self.scope)"
        let fixture = try host("0::/\(folder)\n", Self.secondVersion(folder))
        let group = try #require(try self.group(fixture))
        try fixture.remove("sys/fs/cgroup/\(folder)")
        let host = fixture.host
        #expect(!host.exists(group))
        #expect(try host.limits(of: group) == CgroupLimits())
        #expect(try host.cpu(of: group) == nil && host.memoryUse(of: group) == nil && host.tasks(of: group) == nil)
        #expect(try host.memoryKills(of: group) == nil && host.inactiveFile(of: group) == nil)
        try fixture.remove("proc/412/cgroup")
        #expect(throws: HostFileError.absent(path: fixture.path("proc/412/cgroup"))) { try self.group(fixture) }
    }

    @Test("without the tree nothing is shown, and it is known that nothing is")
    func notMounted() throws {
        let fixture = try host("0::/system.slice/\(Self.scope)\n")
        #expect(!fixture.host.showsCgroups)
        #expect(try group(fixture) == nil)
        try fixture.write("sys/fs/cgroup/cgroup.controllers", "cpu\n")
        #expect(fixture.host.showsCgroups)
        let first = try host("", Self.firstVersion("docker/\(Self.id)"))
        #expect(first.host.showsCgroups)
    }

    @Test("the running kernel's own groups are understood, whatever they are")
    func live() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let path = HostPath(.proc, "self/cgroup")
        let membership = CgroupMembership(parsing: try live.bytes(of: path))
        #expect(membership.unified != nil || !membership.places.isEmpty)
    }
}
