import Basics
import FoundationEssentials
import Glibc
import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct HostCaptureTests {
    private static let now = Timestamp(milliseconds: 1_795_233_488_000)

    private static func host(_ capture: String) -> Host {
        Host(roots: HostRoots(proc: "\(capture)/proc", sys: "\(capture)/sys", root: "\(capture)/root"))
    }

    private static func files(_ folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    }

    @Test("parsers read the same figures in the capture as on the host", arguments: KernelFixturesTests.kernels)
    func figuresStay(kernel: String) throws {
        let fixture = try HostFixture(kernel)
        let folder = try TemporaryFolder()
        let report = try HostCapture.write(fixture.host, to: folder.path + "/capture", at: Self.now)
        let (host, copy) = (fixture.host, Self.host(folder.path + "/capture"))
        #expect(try copy.memInfo() == host.memInfo())
        #expect(try copy.vmStat() == host.vmStat())
        #expect(try copy.cpuTimes() == host.cpuTimes())
        #expect(try copy.loadAverage() == host.loadAverage())
        #expect(try copy.uptime() == host.uptime())
        #expect(try copy.bootTime() == host.bootTime())
        #expect(try copy.fileHandles() == host.fileHandles())
        #expect(try copy.diskStats() == host.diskStats())
        #expect(try copy.pidLimit() == host.pidLimit())
        #expect(try copy.threadLimit() == host.threadLimit())
        #expect(try copy.conntrackLimit() == host.conntrackLimit())
        #expect(try copy.conntrackStat() == host.conntrackStat())
        #expect(try copy.netStat(of: .host) == host.netStat(of: .host))
        #expect(try copy.socketStat(of: .host) == host.socketStat(of: .host))
        #expect(try copy.socketStat6(of: .host) == host.socketStat6(of: .host))
        #expect(try copy.neighbourCache(.ipv4) == host.neighbourCache(.ipv4))
        #expect(try copy.listenQueues(of: .host) == host.listenQueues(of: .host))
        #expect(try copy.kernelRelease() == host.kernelRelease())
        #expect(try copy.selinuxMode() == host.selinuxMode())
        #expect(try copy.isAppArmorEnabled() == host.isAppArmorEnabled())
        #expect(try copy.addresses(.ipv4).value.count == host.addresses(.ipv4).value.count)
        #expect(try copy.addresses(.ipv6).value.count == host.addresses(.ipv6).value.count)
        for resource in PressureResource.allCases {
            #expect((try? copy.pressure(on: resource)) == (try? host.pressure(on: resource)))
        }
        let (mounts, copied) = (try host.mountInfo().mounts, try copy.mountInfo().mounts)
        #expect(copied.map(\.device) == mounts.map(\.device))
        #expect(copied.map(\.type) == mounts.map(\.type))
        #expect(copied.map(\.isReadOnly) == mounts.map(\.isReadOnly))
        #expect(copied.map(\.isShutDown) == mounts.map(\.isShutDown))
        #expect(Set(copied.map(\.point)).count == Set(mounts.map(\.point)).count)
        #expect(try copy.mountTable().mounts.map(\.options.count) == host.mountTable().mounts.map(\.options.count))
        #expect(try copy.fsTab().entries.count == host.fsTab().entries.count)
        try Self.compareProcesses(host, copy)
        let states = TCPQuestion([.closeWait, .timeWait, .listen, .established])
        let (census, again) = (try host.tcpCensus(states, of: .host), try copy.tcpCensus(states, of: .host))
        for state in states.states { #expect(again.value[state] == census.value[state]) }
        let (log, copiedLog) = (
            try KernelLog().news(of: host, at: Self.now), try KernelLog().news(of: copy, at: Self.now)
        )
        #expect(copiedLog.oomKills.map(\.memory) == log.oomKills.map(\.memory))
        #expect(copiedLog.hungTasks == log.hungTasks)
        #expect(copiedLog.oomKills.allSatisfy { $0.container?.utf8.count == 64 })
        #expect(report.processes == 6 && report.allProcesses == 6)
    }

    private static func compareProcesses(_ host: Host, _ copy: Host) throws {
        let (table, copied) = (ProcessTable(host), ProcessTable(copy))
        let (pass, again) = (try table.pass(at: .zero), try copied.pass(at: .zero))
        #expect(again.processes.map(\.key) == pass.processes.map(\.key))
        #expect(again.processes.map(\.state) == pass.processes.map(\.state))
        #expect(again.scope == pass.scope)
        let places = Array(pass.processes.indices)
        #expect(copied.openFiles(of: again, at: places) == table.openFiles(of: pass, at: places))
        #expect(copy.blockedThreads(of: again).map(\.pid) == host.blockedThreads(of: pass).map(\.pid))
        #expect(copy.owners(ofSockets: [14002]) == host.owners(ofSockets: [14002]))
        var (known, knownAgain): ([String: Bool], [String: Bool]) = ([:], [:])
        for (process, other) in zip(pass.processes, again.processes) {
            #expect(copy.openFilesLimit(of: other) == host.openFilesLimit(of: process))
            #expect(copy.user(of: other) == host.user(of: process))
            #expect(copy.waitsIn(other) == host.waitsIn(process))
            #expect(copy.isFrozen(other, known: &knownAgain) == host.isFrozen(process, known: &known))
        }
    }

    @Test("capturing a capture gives the same capture")
    func idempotence() throws {
        let fixture = try HostFixture("linux-5.15")
        try fixture.write("root/etc/hostname", "bigbank-db\n")
        try fixture.write(
            "proc/1/net/route",
            "Iface\tDestination\tGateway\neth7\t0000010A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        )
        try fixture.write("proc/4711/cgroup", "0::/bigbank.slice/docker-\(ScrubberTests.container).scope\n")
        let folder = try TemporaryFolder()
        let (first, second) = (folder.path + "/first", folder.path + "/second")
        _ = try HostCapture.write(fixture.host, to: first, at: Self.now)
        _ = try HostCapture.write(Self.host(first), to: second, at: Self.now)
        let files = try Self.files(first)
        #expect(try Self.files(second) == files)
        for file in files where file != "ABOUT.md" {
            var facts = stat()
            guard lstat("\(first)/\(file)", &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { continue }
            let (one, two) = (try Self.read("\(first)/\(file)"), try Self.read("\(second)/\(file)"))
            #expect(one == two, "\(file)")
        }
    }

    private static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    @Test("nothing that names the machine is left in any file, nor in any file's name")
    func nothingIsLeft() throws {
        let fixture = try HostFixture("linux-6.1")
        let words = ["bigbank", "alice", "10.66.7", "2a02", "3c:fd:fe", "hunter2", ScrubberTests.container, "be47a427"]
        try fixture.write("root/etc/hostname", "bigbank-db\n")
        try fixture.write("proc/sys/kernel/hostname", "bigbank-db\n")
        try fixture.write("root/etc/passwd", "root:x:0:0::/:\nalice:x:1000:1000:alice:/home/alice:/bin/sh\n")
        try fixture.write("root/etc/fstab", "//bigbank/alice /mnt/alice cifs password=hunter2 0 0\n")
        try fixture.write("proc/1/mounts", "10.66.7.9:/alice /home/alice nfs rw,addr=10.66.7.9 0 0\n")
        try fixture.write("proc/700/cmdline", "/opt/bigbank/bin/run\0--password\0hunter2\0")
        try fixture.write(
            "proc/700/stat",
            "700 (alice-run) S 1 700 700 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 5004 1 1\n"
        )
        try fixture.write("proc/700/status", "Name:\talice-run\nPPid:\t1\nUid:\t0\t0\t0\t0\n")
        try fixture.write("proc/700/cgroup", "0::/bigbank.slice/docker-\(ScrubberTests.container).scope\n")
        try fixture.write("proc/sys/kernel/random/boot_id", "be47a427-bbe4-4553-8096-fb238a711d1b\n")
        try fixture.write("proc/1/net/bonding/bigbank", "Bonding Mode: x\nPermanent HW addr: 3c:fd:fe:01:02:03\n")
        try fixture.write("proc/1/net/if_inet6", "2a028070000000000000000000000005 02 40 00 80 bigbank\n")
        try fixture.write("proc/1/net/fib_trie", "Main:\n  |-- 10.66.7.5\n     /32 host LOCAL\n")
        try fixture.write("sys/block/dm-0/dm/name", "bigbank-data\n")
        let folder = try TemporaryFolder()
        let capture = folder.path + "/capture"
        _ = try HostCapture.write(fixture.host, to: capture, at: Self.now)
        for file in try Self.files(capture) {
            for word in words { #expect(!file.contains(word), "\(file)") }
            var facts = stat()
            guard lstat("\(capture)/\(file)", &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { continue }
            let text = try Self.read("\(capture)/\(file)")
            for word in words { #expect(!text.contains(word), "\(file): \(word)") }
        }
        #expect(try Self.files(capture).contains("proc/1/net/bonding/if-1"))
    }

    @Test("interfaces keep their state, and whether they are hardware")
    func interfaces() throws {
        let fixture = try HostFixture("linux-4.18")
        try fixture.declareSysfs()
        let folder = try TemporaryFolder()
        let capture = folder.path + "/capture"
        _ = try HostCapture.write(fixture.host, to: capture, at: Self.now)
        let copy = try HostFixture("linux-4.18")
        for file in try Self.files(capture + "/sys/devices")
        where file.contains("/net/") && file.split(separator: "/").count == 4 {
            try copy.write("sys/devices/" + file, try Self.read("\(capture)/sys/devices/\(file)"))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: capture + "/sys/class/net") {
            try copy.link(
                "sys/class/net/\(name)",
                to: try FileManager.default.destinationOfSymbolicLink(atPath: "\(capture)/sys/class/net/\(name)")
            )
        }
        try copy.declareSysfs()
        let names = ["lo", "eth0", "eth1", "bond0"]
        #expect(try copy.host.interfaces(names, nil) == fixture.host.interfaces(names, nil))
        #expect(try Self.host(capture).bonds(nil) == fixture.host.bonds(nil))
    }

    @Test("a folder with something in it is refused, and a link to one")
    func occupiedFolder() throws {
        let fixture = try HostFixture()
        let folder = try TemporaryFolder()
        try Data("x".utf8).write(to: URL(filePath: folder.path + "/file"))
        #expect(throws: CaptureError.notEmpty(path: folder.path)) {
            try HostCapture.write(fixture.host, to: folder.path, at: Self.now)
        }
        #expect(throws: CaptureError.notEmpty(path: folder.path + "/file")) {
            try HostCapture.write(fixture.host, to: folder.path + "/file", at: Self.now)
        }
        let empty = folder.path + "/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: empty)
        #expect(throws: CaptureError.notEmpty(path: folder.path + "/link")) {
            try HostCapture.write(fixture.host, to: folder.path + "/link", at: Self.now)
        }
        #expect(CaptureError.notEmpty(path: "/x").description.contains("name one that does not exist"))
        #expect(throws: Never.self) { try HostCapture.write(fixture.host, to: empty, at: Self.now) }
    }

    @Test("a folder that cannot be made is an error with a remedy")
    func noFolder() throws {
        let fixture = try HostFixture()
        let error = #expect(throws: CaptureError.self) {
            try HostCapture.write(fixture.host, to: "/nowhere/capture", at: Self.now)
        }
        #expect(error?.description.contains("may write") == true)
    }

    @Test("a link that leads out of a tree is not followed")
    func linksOut() throws {
        let fixture = try HostFixture()
        let folder = try TemporaryFolder()
        try Data("1 2 3\n".utf8).write(to: URL(filePath: folder.path + "/outside"))
        try fixture.link("proc/loadavg", to: folder.path + "/outside")
        try fixture.link("proc/1/net/bonding", to: folder.path)
        let capture = folder.path + "/capture"
        let report = try HostCapture.write(fixture.host, to: capture, at: Self.now)
        #expect(try !Self.files(capture).contains("proc/loadavg"))
        #expect(report.gaps[CaptureReport.Gap(place: "<proc>/loadavg", why: "is not there")] == 1)
        #expect(try !Self.files(capture).contains { $0.contains("bonding") })
    }

    @Test("long files and many processes are cut, and the report says so")
    func bounds() throws {
        let fixture = try HostFixture()
        let line = String(repeating: "x", count: 99) + "\n"
        try fixture.write("proc/vmstat", "pswpin 7\n" + String(repeating: line, count: 5000))
        for number in 10..<20 { try fixture.write("proc/412/fd/\(number)", "") }
        let folder = try TemporaryFolder()
        let capture = folder.path + "/capture"
        var limits = HostCapture.Limits()
        limits.processes = 3
        limits.descriptors = 5
        let report = try HostCapture.write(fixture.host, to: capture, at: Self.now, limits: limits)
        let text = try Self.read(capture + "/proc/vmstat")
        #expect(text.utf8.count <= limits.file && text.utf8.count > limits.file - 200 && text.hasSuffix("x\n"))
        #expect(try Self.host(capture).vmStat().swappedIn == 7)
        #expect(report.processes == 3 && report.allProcesses == 4)
        #expect(report.cuts.keys.contains { $0.place == "<proc>/vmstat" })
        #expect(report.cuts[CaptureReport.Gap(place: "<proc>/*/fd", why: "5 of 14")] == 1)
        #expect(try Self.files(capture).filter { $0.hasPrefix("proc/412/fd/") }.count == 5)
    }

    @Test("what is not there or may not be read is told, and what is the reader's own")
    func gaps() throws {
        let fixture = try HostFixture("debian-12", "no-ipv6")
        try fixture.write("proc/sys/net/ipv4/tcp_mem", "1 2 3\n")
        let folder = try TemporaryFolder()
        let report = try HostCapture.write(fixture.host, to: folder.path + "/capture", at: Self.now)
        let about = try Self.read(folder.path + "/capture/ABOUT.md")
        #expect(about == report.about)
        #expect(about.contains("| `<proc>/1/net/sockstat6` | is not there | 1 |"))
        #expect(
            about.contains("| `<proc>/sys/net/ipv4/tcp_mem` | it would be that of the reader's own namespace | 1 |")
        )
        #expect(try !Self.files(folder.path + "/capture").contains("proc/sys/net/ipv4/tcp_mem"))
        #expect(about.contains("2026-11-21T"))
    }

    @Test("a reader in the host's network captures its limits, and the capture's reader sees them")
    func ownNetwork() throws {
        let fixture = try HostFixture("debian-12", "own-network")
        let folder = try TemporaryFolder()
        let capture = folder.path + "/capture"
        _ = try HostCapture.write(fixture.host, to: capture, at: Self.now)
        let (host, copy) = (fixture.host, Self.host(capture))
        #expect(try copy.tcpMemory() == host.tcpMemory())
        #expect(try host.tcpMemory() != nil)
        #expect(try copy.neighbourLimit(.ipv6) == host.neighbourLimit(.ipv6))
        #expect(try copy.ephemeralPorts()?.count == host.ephemeralPorts()?.count)
    }

    @Test("every declared place is captured from a host that has it, and each parser has one")
    func places() throws {
        #expect(Set(HostFiles.places.map(\.path)).count == HostFiles.places.count)
        for file in HostFiles.all { #expect(!file.places.isEmpty) }
        let fixture = try HostFixture("debian-12", "own-network", "bond-degraded", "selinux")
        let folder = try TemporaryFolder()
        _ = try HostCapture.write(fixture.host, to: folder.path + "/capture", at: Self.now)
        let copy = Self.host(folder.path + "/capture")
        for file in HostFiles.all {
            func reads<File: HostFile>(_ file: File.Type) -> Bool {
                (try? fixture.host.read(file)) == nil || (try? copy.read(file)) != nil
            }
            // The bond's folder names it as the capture does.
            let isRead = reads(file)
            #expect(isRead, "\(file)")
        }
    }
}
