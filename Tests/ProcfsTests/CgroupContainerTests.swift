import TestSupport
import Testing

@testable import Procfs

@Suite struct CgroupContainerTests {
    private static let id = String(repeating: "0f3a", count: 16)

    private func container(_ path: String) -> CgroupContainer? {
        CgroupMembership(parsing: Array("0::\(path)\n".utf8)).container(below: [])
    }

    @Test(
        "the group's name tells the engine and the id, in every layout",
        arguments: [
            ("/system.slice/docker-\(id).scope", "docker"), ("/docker/\(id)", "docker"),
            ("/docker/\(id)/init.scope", "docker"),
            ("/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:\(id)", "cri-containerd"),
            ("/kubepods.slice/kubepods-pod1.slice/cri-containerd-\(id).scope", "cri-containerd"),
            ("/kubepods.slice/kubepods-pod1.slice/crio-\(id).scope/container", "crio"),
            ("/kubepods/burstable/pod1/\(id)", "kubepods"), ("/machine.slice/libpod-\(id).scope", "libpod"),
            ("/libpod_parent/libpod-\(id)", "libpod"), ("/default/\(id)", "container"),
            ("/user.slice/user-1000.slice/user@1000.service/user.slice/nerdctl-\(id).scope", "nerdctl"),
            ("/../cri-containerd-\(id).scope", "cri-containerd"), ("/../../pod1/\(id)", "container"),
        ]
    )
    func layouts(path: String, engine: String) throws {
        let found = self.container(path)
        let container = try #require(found)
        #expect(container.engine == engine)
        #expect(container.id == Self.id)
        #expect(container.name == "\(engine)-0f3a0f3a0f3a")
    }

    @Test(
        "what is no container is none",
        arguments: [
            "/", "/init.scope", "/system.slice/docker.service", "/machine.slice/libpod-conmon-\(id).scope",
            "/kubepods.slice/crio-conmon-\(id).scope", "/docker/\(id.dropLast())", "/docker/x\(id)",
            "/docker/\(id.uppercased())", "/docker/\u{1b}[2J-\(id)",
            "/system.slice/\(String(repeating: "a", count: 40))-\(id).scope",
        ]
    )
    func others(path: String) {
        #expect(container(path) == nil)
    }

    @Test("the pod's uid is written in two ways")
    func pods() {
        let uid = "12345678-90ab-cdef-1234-567890abcdef"
        let slice = "kubepods-burstable-pod\(uid.replacing("-", with: "_")).slice"
        #expect(
            container("/kubepods.slice/kubepods-burstable.slice/\(slice)/cri-containerd-\(Self.id).scope")?.pod == uid
        )
        #expect(container("/kubepods/besteffort/pod\(uid)/\(Self.id)")?.pod == uid)
        // A static pod's is a hash.
        let hash = String(repeating: "c0", count: 16)
        #expect(container("/kubepods/burstable/pod\(hash)/\(Self.id)")?.pod == hash)
        #expect(container("/docker/\(Self.id)")?.pod == nil)
    }

    // MARK: - Who is in which

    /// A host with these processes: number, start, groups.
    private func host(_ processes: [(pid: Int, start: Int, path: String)]) throws -> HostFixture {
        let fixture = try HostFixture()
        for process in processes {
            let stat = "S 1 0 0 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 \(process.start) 0 0"
            try fixture.write("proc/\(process.pid)/stat", "\(process.pid) (app) \(stat)\n")
            try fixture.write("proc/\(process.pid)/cgroup", "0::\(process.path)\n")
        }
        return fixture
    }

    private func take(_ census: inout CgroupCensus, _ fixture: HostFixture) throws -> [String: Int32] {
        let pass = try ProcessTable(fixture.host).pass(at: .zero)
        let found = census.take(pass, fixture.host).filter { $0.key.engine == "docker" }
        return Dictionary(uniqueKeysWithValues: found.map { ($0.key.id, $0.value.pid) })
    }

    private static let scope = "/system.slice/docker-\(id).scope"

    @Test("the oldest process of a container is its first")
    func leaders() throws {
        let fixture = try host([(7100, 900, Self.scope), (7101, 500, Self.scope), (7102, 500, Self.scope + "/x")])
        var census = CgroupCensus()
        #expect(try take(&census, fixture) == [Self.id: 7101])
        try fixture.remove("proc/7101")
        #expect(try take(&census, fixture) == [Self.id: 7102])
        for pid in [7100, 7102] { try fixture.remove("proc/\(pid)") }
        #expect(try take(&census, fixture).isEmpty)
    }

    @Test("a process is asked twice, since a runtime moves it into its group after its start, and then no more")
    func late() async throws {
        let fixture = try host([(7100, 900, "/system.slice/containerd.service")])
        var census = CgroupCensus()
        #expect(try take(&census, fixture).isEmpty)
        try fixture.write("proc/7100/cgroup", "0::\(Self.scope)\n")
        #expect(try take(&census, fixture) == [Self.id: 7100])
        let host = fixture.host
        let pass = try ProcessTable(host).pass(at: .zero)
        let opened = try await OpenedFiles.of(fixture) { _ = census.take(pass, host) }
        #expect(opened.isSubset(of: ["<proc>/1/cgroup"]))
    }

    @Test("a process whose groups cannot be read is asked until they can, and is not forgotten meanwhile")
    func unreadable() throws {
        let fixture = try host([(7100, 900, Self.scope), (7101, 901, Self.scope)])
        func hide(_ pid: Int) throws {
            // A folder cannot be read.
            try fixture.remove("proc/\(pid)/cgroup")
            try fixture.write("proc/\(pid)/cgroup/x", "")
        }
        var census = CgroupCensus()
        try hide(7100)
        for _ in 0..<3 {
            #expect(try take(&census, fixture) == [Self.id: 7101])
            guard case .unreadable? = census.failure else {
                Issue.record("a file that cannot be read is no failure")
                return
            }
        }
        try fixture.write("proc/7100/cgroup", "0::\(Self.scope)\n")
        #expect(try take(&census, fixture) == [Self.id: 7100])
        #expect(census.failure == nil)
        // At the second look, too.
        try hide(7100)
        #expect(try take(&census, fixture) == [Self.id: 7100])
        // A process that ended is no failure.
        try fixture.remove("proc/7100/cgroup")
        #expect(try take(&census, fixture)[Self.id] != nil)
        #expect(census.failure == nil)
    }

    @Test("without the host's own group nobody is taken for a container of it")
    func unknownHost() throws {
        let outer = "/docker/\(String(repeating: "b", count: 64))"
        let fixture = try host([(7100, 900, outer)])
        try fixture.remove("proc/1/cgroup")
        try fixture.write("proc/1/cgroup/x", "")
        var census = CgroupCensus()
        #expect(try take(&census, fixture).isEmpty)
        #expect(census.failure != nil)
        try fixture.write("proc/1/cgroup", "0::\(outer)\n")
        #expect(try take(&census, fixture).isEmpty)
        #expect(census.failure == nil)
    }

    @Test("a host that is a container itself has containers below its own group, and is none of them")
    func nestedHost() throws {
        let outer = "/docker/\(String(repeating: "b", count: 64))"
        let fixture = try host([(7100, 900, outer), (7101, 901, outer + "/docker/\(Self.id)")])
        try fixture.write("proc/1/cgroup", "0::\(outer)\n")
        var census = CgroupCensus()
        #expect(try take(&census, fixture) == [Self.id: 7101])
    }
}
