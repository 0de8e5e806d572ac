import Alerting
import Basics
import Procfs
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite struct ProcessSelectionTests {
    private func find(
        _ scene: ProcessScene,
        known: Set<ProcessStat.Key> = [],
        _ change: (inout ProcessSelection) throws -> Void
    ) async throws -> [Int32] {
        var selection = ProcessSelection()
        try change(&selection)
        scene.time.advance(by: .seconds(30))
        let world = scene.world()
        let pass = try world.everyProcess()
        return try await selection.find(in: pass, world, known: known).places.map { pass.processes[$0].pid }
    }

    private func globs(_ text: String...) throws -> [Glob] { try text.map { try #require(Glob($0)) } }

    @Test func withoutAChoiceAllFit() async throws {
        #expect(try await find(ProcessScene()) { _ in } == [1, 2, 412, 873])
    }

    @Test func namesAreTheKernels() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "tmux: server")
        #expect(try await find(scene) { $0.names = try globs("sshd", "tmux*") } == [412, 900])
        #expect(try await find(scene) { $0.names = try globs("ssh") } == [])
    }

    @Test("a name that the kernel cut off is matched by its program")
    func longNames() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "prometheus-node", command: "/usr/bin/prometheus-node-exporter --web")
        try scene.add(901, "prometheus-node", command: "/usr/bin/prometheus-node-something")
        #expect(try await find(scene) { $0.names = try globs("prometheus-node-exporter") } == [900])
        #expect(try await find(scene) { $0.names = try globs("prometheus-node") } == [900, 901])
    }

    @Test("an editor of a file is not the program that runs it")
    func commands() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "java", command: "java -jar /opt/app.jar")
        try scene.add(901, "vim", command: "vim /opt/app.jar")
        #expect(try await find(scene) { $0.commands = try globs("*app.jar*") } == [900, 901])
        #expect(try await find(scene) { $0.commands = try globs("java *app.jar") } == [900])
        #expect(
            try await find(scene) {
                $0.commands = try globs("*app.jar")
                $0.names = try globs("java")
            } == [900]
        )
    }

    @Test("users are the host's, not those of our own image")
    func users() async throws {
        let scene = try ProcessScene()
        try scene.add(900, "nginx")
        try scene.fixture.write("proc/900/status", "Name:\tnginx\nPPid:\t1\nUid:\t33\t33\t33\t33\n")
        #expect(try await find(scene) { $0.users = ["www-data"] } == [900])
        #expect(try await find(scene) { $0.users = ["33", "4711"] } == [900])
        let error = await #expect(throws: CheckError.self) { try await find(scene) { $0.users = ["nobody-else"] } }
        #expect(error?.because == "the host's own users do not include nobody-else")
        #expect(error?.remedy?.contains("id -u") == true)
    }

    @Test func controlGroupsNarrowTheChoice() async throws {
        let scene = try ProcessScene()
        #expect(try await find(scene) { $0.groups = try globs("/system.slice/ssh.service") } == [412])
    }

    @Test("control groups seen from a namespace of our own are not compared with the host's names")
    func ownControlGroups() async throws {
        let scene = try ProcessScene()
        for (first, other) in [
            ("0::/../../init.scope\n", "0::/../ssh.service\n"), ("0::/..\n", "0::/../system.slice/ssh.service\n"),
        ] {
            try scene.fixture.write("proc/1/cgroup", first)
            try scene.fixture.write("proc/412/cgroup", other)
            let error = await #expect(throws: CheckError.self) {
                try await find(scene) { $0.groups = try globs("/system.slice/ssh.service") }
            }
            #expect(error?.because == "control groups are seen from Custos's own namespace, not as the host names them")
            #expect(error?.remedy?.contains("--cgroupns host") == true)
            // Who does not ask for them does without.
            #expect(try await find(scene) { $0.names = try globs("sshd") } == [412])
        }
    }

    @Test func aPIDFileNamesOneProcess() async throws {
        let scene = try ProcessScene()
        let path = try Path(setting: "/run/sshd.pid")
        #expect(try await find(scene) { $0.pidFile = path } == [])
        try scene.fixture.write("root/run/sshd.pid", "412\n")
        #expect(try await find(scene) { $0.pidFile = path } == [412])
        try scene.end(412)
        #expect(try await find(scene) { $0.pidFile = path } == [])
    }

    @Test("a number that was given to another process since the file was written is not the service")
    func reusedNumbers() async throws {
        let scene = try ProcessScene()
        let path = try Path(setting: "/run/sshd.pid")
        try scene.fixture.write("root/run/sshd.pid", "412\n")
        // The file is of this moment; the process began an hour later.
        let hour = SystemTime().now + .seconds(3600)
        try scene.fixture.write("proc/stat", "btime \(Int(hour.seconds))\n")
        #expect(try await find(scene) { $0.pidFile = path } == [])
        // Where the name is known, it decides.
        #expect(
            try await find(scene) {
                $0.pidFile = path
                $0.names = try globs("sshd")
            } == [412]
        )
        try scene.add(412, "other")
        #expect(
            try await find(scene) {
                $0.pidFile = path
                $0.names = try globs("sshd")
            } == []
        )
    }

    @Test func withoutTheHostsRootAPIDFileDegrades() async throws {
        let scene = try ProcessScene()
        var roots = scene.fixture.roots
        roots.root = nil
        let world = World(host: Host(roots: roots), time: scene.time)
        var selection = ProcessSelection()
        selection.pidFile = try Path(setting: "/run/sshd.pid")
        let pass = try world.everyProcess()
        let error = await #expect(throws: CheckError.self) { try await selection.find(in: pass, world) }
        #expect(error?.remedy?.contains("/host/root") == true)
    }
}
