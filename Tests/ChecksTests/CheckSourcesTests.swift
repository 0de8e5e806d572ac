import Alerting
import Basics
import Procfs
import Settings
import TestSupport
import Testing

@testable import Checks

/// What a page says that a check reads, against what it opens on hosts that make it read all it ever does.
@Suite struct CheckSourcesTests {
    @Test("what a check opens is on its page, and nothing else is", arguments: CheckCatalogue.all.map { $0.kind })
    func sources(kind: String) async throws {
        let opened = try await Self.opened(by: kind)
        let listed = try CheckProse.files(kind)
        for path in opened where path != Self.common {
            #expect(listed.contains { Self.fits(path, $0) }, "\(kind) opens \(path), which its page does not tell")
        }
        for file in listed where !file.hasSuffix("/") && !Self.unseen.contains(file) {
            #expect(opened.contains { Self.fits($0, file) }, "\(kind) does not open \(file), which its page tells")
        }
    }

    /// Whose processes the procfs shows: the page of all checks tells.
    private static let common = "<proc>/2/status"

    /// Read only where the reader's namespace is the host's, which no folder can look like.
    private static let unseen = ["<proc>/sys/kernel/hostname"]

    private static func fits(_ path: String, _ file: String) -> Bool {
        let (path, file) = (path.split(separator: "/"), file.split(separator: "/"))
        if let rest = file.firstIndex(of: "…") {
            return fits(path.prefix(rest), file.prefix(rest)) && path.count > rest
        }
        return fits(path[...], file[...])
    }

    private static func fits(_ path: ArraySlice<Substring>, _ file: ArraySlice<Substring>) -> Bool {
        path.count == file.count
            && zip(path, file).enumerated().allSatisfy { place, pair in
                pair.0 == pair.1 || place > 0 && pair.1.hasPrefix("<")
            }
    }

    // MARK: - Hosts

    /// A host that is looked at, and what was opened.
    private final class Scene {
        let fixture: HostFixture
        let host: Host
        let time = ManualTime()
        var opened: Set<String> = []

        init(_ fixture: HostFixture) {
            self.fixture = fixture
            var roots = fixture.roots
            roots.kernelLog = fixture.path("dev/kmsg")
            host = Host(roots: roots)
        }

        func look(_ check: some Check) async throws {
            time.advance(by: .seconds(30))
            let world = World(host: host, time: time)
            // A host in a folder has neither a clock nor a bus: some find nothing there, and say so.
            try await trace { _ = try? await check.observe(world) }
        }

        func trace(_ body: () async throws -> Void) async throws {
            opened.formUnion(try await OpenedFiles.of(fixture, while: body))
        }
    }

    private static func opened(by kind: String) async throws -> Set<String> {
        switch kind {
        case "conntrack": try await conntrack()
        case "docker": try await docker()
        case "filefd": try await filefd()
        case "iostuck": try await iostuck()
        case "netif": try await netif()
        case "procfd", "procnum": try await processes(kind)
        case "secmod": try await secmod()
        case "sockstat": try await sockstat()
        case "tcpstate": try await tcpstate()
        default: try await others(kind)
        }
    }

    private static func others(_ kind: String) async throws -> Set<String> {
        let isStorage = kind == "diskio"
        let scene = Scene(try isStorage ? HostFixture("linux-6.1") : HostFixture("debian-12", "own-network"))
        try scene.fixture.write("dev/kmsg", "")
        switch kind {
        case "hostident":
            var settings = HostidentCheck.Settings()
            settings.addresses = .warning
            try await scene.look(HostidentCheck(settings))
        case "sysctl":
            var settings = SysctlCheck.Settings()
            settings.changes = [try ParameterName(setting: "vm.swappiness")]
            try await scene.look(SysctlCheck(settings))
        default:
            let type = try #require(CheckCatalogue.all.first { $0.kind == kind })
            try await scene.look(byDefault(type))
        }
        return scene.opened
    }

    private static func byDefault<C: Check>(_ type: C.Type) -> any Check { C(C.Settings()) }

    private static func conntrack() async throws -> Set<String> {
        let scene = Scene(try HostFixture("debian-12", "own-network"))
        let check = ConntrackCheck(ConntrackCheck.Settings())
        try await scene.look(check)
        try scene.fixture.remove("proc/1/net/stat/nf_conntrack")
        try scene.fixture.write("proc/sys/net/netfilter/nf_conntrack_count", "7\n")
        try await scene.look(check)
        return scene.opened
    }

    private static func docker() async throws -> Set<String> {
        let (first, second) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        let scene = Scene(try HostFixture())
        for (file, text) in [
            ("proc/412/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 1\n"),
            ("proc/412/net/sockstat", "sockets: used 400\nTCP: inuse 300 orphan 0 tw 0 alloc 300 mem 0\n"),
            ("proc/412/net/sockstat6", "TCP6: inuse 1\n"), ("proc/412/net/tcp", "  sl\n"),
            ("proc/412/net/tcp6", "  sl\n"), ("proc/412/cgroup", "4:memory:/docker/\(first)\n"),
            ("sys/fs/cgroup/memory/docker/\(first)/memory.limit_in_bytes", "4096\n"),
            // Where its hierarchy is mounted only the mounts tell.
            ("proc/413/cgroup", "5:pids:/docker/\(second)\n"),
        ] {
            try scene.fixture.write(file, text)
        }
        let runs = [(first, Int32(412)), (second, 413)].map { id, pid in
            ContainerBoard.Running(
                id: id,
                target: Target(id),
                pid: pid,
                name: "web",
                labels: [:],
                ownsNetwork: pid == 412
            )
        }
        let host = scene.host
        try await scene.trace {
            var readings = ContainerReadings()
            _ = readings.look(
                at: runs,
                host,
                levels: ContainerLevels(),
                every: .zero,
                at: BoardScene.at(0),
                uptime: .zero
            )
            // And without an engine, which says what there is to look at.
            var unmanaged = UnmanagedContainers()
            _ = try? unmanaged.look(in: World(host: host, time: scene.time), ContainerOptions())
        }
        return scene.opened
    }

    private static func filefd() async throws -> Set<String> {
        let scene = Scene(try HostFixture("debian-12", "file-max-unlimited"))
        for number in 0..<90 { try scene.fixture.write("proc/873/fd/\(number)", "") }
        try await scene.look(FilefdCheck(FilefdCheck.Settings()))
        return scene.opened
    }

    private static func iostuck() async throws -> Set<String> {
        let scene = Scene(try HostFixture())
        let stat = "D 1 0 0 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 2 0 5000 0 0\n"
        for (file, text) in [
            ("proc/700/stat", "700 (cp) \(stat)"), ("proc/700/task/701/stat", "701 (cp) \(stat)"),
            ("proc/700/wchan", "io_schedule"), ("proc/700/cgroup", "3:freezer:/docker/0f3a\n"),
            ("proc/701/cgroup", "3:freezer:/docker/0f3a\n"), ("proc/loadavg", "50.0 50.0 50.0 1/132 28804\n"),
            ("sys/fs/cgroup/freezer/docker/0f3a/freezer.state", "THAWED\n"), ("dev/kmsg", ""),
        ] {
            try scene.fixture.write(file, text)
        }
        try await scene.look(IostuckCheck(IostuckCheck.Settings()))
        // A kernel that does not count, and the last line it may write.
        try scene.fixture.remove("proc/sys/kernel/hung_task_detect_count")
        try await scene.look(IostuckCheck(IostuckCheck.Settings()))
        return scene.opened
    }

    private static func netif() async throws -> Set<String> {
        let scene = Scene(try HostFixture("debian-12", "bond-degraded"))
        try scene.fixture.link("sys/class/net/eth0", to: "../../devices/virtual/net/eth0")
        for (file, text) in [
            ("operstate", "up"), ("flags", "0x1003"), ("speed", "1000"), ("duplex", "full"), ("carrier_changes", "2"),
            ("uevent", "DEVTYPE=vlan"),
        ] {
            try scene.fixture.write("sys/devices/virtual/net/eth0/\(file)", text + "\n")
        }
        // Speed and duplex are hardware's.
        try scene.fixture.link("sys/class/net/eth1", to: "../../devices/pci0/net/eth1")
        for (file, text) in [("operstate", "up"), ("flags", "0x1003"), ("speed", "1000"), ("duplex", "full")] {
            try scene.fixture.write("sys/devices/pci0/net/eth1/\(file)", text + "\n")
        }
        try scene.fixture.declareSysfs()
        var settings = NetifSettings()
        settings.up = ["eth0"]
        try await scene.look(NetifCheck(settings))
        // The kernel tells a link's end.
        return Set(
            scene.opened.map { path in
                path.replacing("<sys>/devices/virtual/net/", with: "<sys>/class/net/")
                    .replacing("<sys>/devices/pci0/net/", with: "<sys>/class/net/")
            }
        )
    }

    private static func processes(_ kind: String) async throws -> Set<String> {
        let scene = Scene(try HostFixture())
        try scene.fixture.write("root/run/leaky.pid", "873\n")
        var named = ProcessSelection()
        named.commands = [try #require(Glob("*"))]
        named.users = ["root"]
        named.groups = [try #require(Glob("*"))]
        var numbered = ProcessSelection()
        numbered.pidFile = try Path(setting: "/run/leaky.pid")
        for selection in [named, numbered] {
            if kind == "procnum" {
                var settings = ProcnumSettings()
                settings.selection = selection
                try await scene.look(ProcnumCheck(settings))
            } else {
                var settings = ProcfdCheck.Settings()
                settings.selection = selection
                settings.warning = 1
                try await scene.look(ProcfdCheck(settings))
            }
        }
        return scene.opened.subtracting(["<root>/run/leaky.pid"])
    }

    private static func secmod() async throws -> Set<String> {
        let mounted = Scene(try HostFixture("debian-12", "selinux"))
        try await mounted.look(SecmodCheck(SecmodCheck.Settings()))
        let below = Scene(try HostFixture("debian-12", "selinux"))
        try below.fixture.remove("sys/fs/selinux/enforce")
        try below.fixture.write("root/sys/fs/selinux/enforce", "1")
        try await below.look(SecmodCheck(SecmodCheck.Settings()))
        return mounted.opened.union(below.opened)
    }

    private static func sockstat() async throws -> Set<String> {
        let scene = Scene(try HostFixture("debian-12", "listen-overflow", "own-network"))
        let check = SockstatCheck(SockstatCheck.Settings())
        try scene.fixture.link("proc/412/fd/10", to: "socket:[2258]")
        try await scene.look(check)
        try scene.fixture.write("proc/1/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 4712\n")
        try await scene.look(check)
        return scene.opened
    }

    private static func tcpstate() async throws -> Set<String> {
        let scene = Scene(try HostFixture("debian-12", "close-wait", "own-network"))
        try scene.fixture.link("proc/412/fd/10", to: "socket:[5001]")
        var settings = TcpstateSettings()
        settings.closeWaitWarning = 1
        try await scene.look(TcpstateCheck(settings))
        return scene.opened
    }
}
