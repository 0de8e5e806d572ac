import Basics
import Glibc
import Netlink
import SystemPackage
import TestSupport
import Testing

@testable import Procfs

@Suite struct HostTests {
    @Test func filesAreReadBelowTheRoots() throws {
        let fixture = try HostFixture()
        let host = fixture.host
        #expect(try host.fileHandles().maximum == 2_466_193)
        #expect(try host.hostName().text == "watched-1")
        #expect(try host.bootID().text == "1f6c2f0e-6f0b-4d0a-9b0e-3d2a5c7e9f11")
        #expect(try host.memInfo().total > 1 << 34)
        #expect(try host.uptime().span > .zero)
        #expect(try host.bootTime().at.seconds > 1_700_000_000)
        try fixture.write("proc/sys/fs/file-nr", "1\t2\t3\n")
        #expect(try host.fileHandles().allocated == 1)
    }

    @Test func aForgottenMountIsAbsentWithTheRemedy() throws {
        let fixture = try HostFixture("debian-12", "no-proc")
        let error = #expect(throws: HostFileError.self) { try fixture.host.netStat(of: .host) }
        guard case .absent(let path, let hint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == fixture.path("proc/1/net/netstat"))
        #expect(hint?.contains("-v /proc:/host/proc:ro") == true)
    }

    @Test func aRootThatIsNotMountedIsAbsentWithTheRemedy() {
        let host = Host(roots: HostRoots(proc: "/nowhere", sys: "/nowhere"))
        let error = #expect(throws: HostFileError.self) { try host.hostName() }
        #expect(error?.hint?.contains("/host/root:ro") == true)
        #expect(error?.path == "<root>/etc/hostname")
    }

    @Test func hiddenProcessesAreDeniedNotAbsent() throws {
        let fixture = try HostFixture("debian-12", "hidepid")
        let error = #expect(throws: HostFileError.self) { try fixture.host.netStat(of: .host) }
        guard case .denied(_, let hint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(hint.contains("hidepid"))
        #expect(try fixture.host.fileHandles().allocated > 0)
        #expect(fixture.host.scope == .unknown)
    }

    @Test func aFeatureThatTheKernelLacksIsAbsentWithoutRemedy() throws {
        let fixture = try HostFixture("debian-12", "no-ipv6")
        #expect(throws: HostFileError.absent(path: fixture.path("proc/1/net/sockstat6"))) {
            try fixture.host.socketStat6(of: .host)
        }
        #expect(try fixture.host.listenQueues(of: .host).value.map(\.family) == [.ipv4, .ipv4])
    }

    @Test func aProcessThatEndedIsAbsent() throws {
        let fixture = try HostFixture()
        #expect(throws: HostFileError.absent(path: fixture.path("proc/4000000/net/netstat"))) {
            try fixture.host.netStat(of: .process(4_000_000))
        }
    }

    @Test func aFileThatMayNotBeReadIsDenied() throws {
        let fixture = try HostFixture()
        #expect(chmod(fixture.folder, 0o755) == 0)
        #expect(chmod(fixture.path("proc/1/net/netstat"), 0) == 0)
        #expect(chmod(fixture.path("proc/uptime"), 0) == 0)
        // Root may read everything; the thread is root no more.
        let errors = try IsolatedThread.run(.unprivileged) { [host = fixture.host] in
            [
                #expect(throws: HostFileError.self) { try host.netStat(of: .host) },
                #expect(throws: HostFileError.self) { try host.uptime() },
            ]
        }
        guard case .denied(_, let processHint) = errors[0], case .denied(_, let hint) = errors[1] else {
            Issue.record("\(errors)")
            return
        }
        #expect(processHint.contains("hidepid"))
        #expect(hint.contains("AppArmor"))
        #expect(throws: Never.self) { try fixture.host.uptime() }
    }

    @Test func whatTheKernelFailsToReadIsUnreadable() throws {
        let fixture = try HostFixture()
        // Address 0 of a process's memory: the kernel answers EIO.
        try fixture.link("proc/uptime", to: "/proc/self/mem")
        #expect(throws: HostFileError.unreadable(path: fixture.path("proc/uptime"), errno: .ioError)) {
            try fixture.host.uptime()
        }
        try fixture.remove("proc/uptime")
        try fixture.write("proc/uptime/file", "")
        #expect(throws: HostFileError.unreadable(path: fixture.path("proc/uptime"), errno: .isDirectory)) {
            try fixture.host.uptime()
        }
    }

    @Test func anEndlessFileIsTooLarge() throws {
        let fixture = try HostFixture()
        try fixture.link("proc/uptime", to: "/dev/zero")
        #expect(throws: HostFileError.tooLarge(path: fixture.path("proc/uptime"), limit: 1 << 20)) {
            try fixture.host.uptime()
        }
    }

    @Test(.timeLimit(.minutes(1))) func aPipeInAFilesPlaceDoesNotHang() throws {
        let fixture = try HostFixture()
        try fixture.remove("proc/uptime")
        #expect(mkfifo(fixture.path("proc/uptime"), 0o600) == 0)
        #expect(throws: HostFileError.self) { try fixture.host.uptime() }
    }

    @Test func linksInTheHostsRootStayBelowIt() throws {
        let fixture = try HostFixture()
        try fixture.write("root/nix/hostname", "linked\n")
        try fixture.link("root/etc/hostname", to: "/nix/hostname")
        #expect(try fixture.host.hostName().text == "linked")
        try fixture.link("root/etc/hostname", to: "../../../../../../../../proc/version")
        #expect(throws: HostFileError.absent(path: fixture.path("root/etc/hostname"))) {
            try fixture.host.hostName()
        }
    }

    @Test func errorsNameFileLineAndReason() {
        let error = HostFileError.malformed(path: "/host/proc/stat", line: 3, because: "a\nb")
        #expect(error.description == "/host/proc/stat:3: a\u{FFFD}b")
        #expect(HostFileError.tooLarge(path: "/x", limit: 4).description == "/x is longer than 4 bytes")
    }

    @Test(arguments: ["empty-files", "truncated"])
    func brokenFilesAreRefused(overlay: String) throws {
        let host = try HostFixture("debian-12", overlay).host
        let reads: [(String, () throws -> Void)] = [
            ("file-nr", { _ = try host.fileHandles() }), ("uptime", { _ = try host.uptime() }),
            ("stat", { _ = try host.bootTime() }), ("boot_id", { _ = try host.bootID() }),
            ("meminfo", { _ = try host.memInfo() }), ("netstat", { _ = try host.netStat(of: .host) }),
            ("sockstat", { _ = try host.socketStat(of: .host) }), ("tcp", { _ = try host.listenQueues(of: .host) }),
            ("sockstat6", { _ = try host.socketStat6(of: .host) }),
            ("arp_cache", { _ = try host.neighbourCache(.ipv4) }),
            ("ndisc_cache", { _ = try host.neighbourCache(.ipv6) }),
            ("loadavg", { _ = try host.loadAverage() }), ("vmstat", { _ = try host.vmStat() }),
            ("processors", { _ = try host.cpuTimes() }), ("mountinfo", { _ = try host.mountInfo() }),
            ("nf_conntrack", { _ = try host.conntrackStat() }),
            ("nf_conntrack_max", { _ = try host.conntrackLimit() }), ("dev", { _ = try host.networkDevices() }),
            ("states", { _ = try host.tcpCensus(TCPQuestion([.closeWait])) }),
        ]
        for (name, read) in reads {
            // What comes first in a file that was cut off later may be whole.
            if overlay == "truncated", ["stat", "meminfo"].contains(name) { continue }
            let error = #expect(throws: HostFileError.self, "\(name)") { try read() }
            guard case .malformed = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func laterKernelsMayAddColumnsLinesAndGroups() throws {
        let known = try HostFixture().host
        let later = try HostFixture("debian-12", "unknown-columns").host
        #expect(try later.fileHandles().maximum == known.fileHandles().maximum)
        #expect(try later.uptime().span == .milliseconds(862_790))
        #expect(try later.netStat(of: .host) == known.netStat(of: .host))
        #expect(try later.socketStat(of: .host) == known.socketStat(of: .host))
        #expect(try later.socketStat6(of: .host) == known.socketStat6(of: .host))
        #expect(try later.neighbourCache(.ipv4) == known.neighbourCache(.ipv4))
        #expect(try later.memInfo() == known.memInfo())
        #expect(try later.bootTime() == known.bootTime())
        #expect(try later.cpuTimes() == known.cpuTimes())
        #expect(try later.loadAverage() == known.loadAverage())
        #expect(try later.vmStat() == known.vmStat())
        #expect(try later.mountInfo() == known.mountInfo())
        #expect(try later.conntrackStat() == known.conntrackStat())
        #expect(try later.conntrackLimit() == known.conntrackLimit())
    }

    @Test func theLargestNumbersAreReadOrRefusedNeverTrapped() throws {
        let host = try HostFixture("debian-12", "huge-values").host
        #expect(try host.fileHandles() == FileHandles(parsing: "\(UInt64.max) \(UInt64.max) \(UInt64.max)\n"))
        #expect(try host.fileHandles().isUnlimited)
        #expect(try host.netStat(of: .host).listenOverflows == .max)
        #expect(try host.socketStat(of: .host).tcpMemoryPages == .max)
        #expect(try host.socketStat6(of: .host).tcpInUse == .max)
        #expect(try host.neighbourCache(.ipv6).entries == .max)
        #expect(try host.neighbourCache(.ipv6).tableFulls == .max)
        #expect(try host.vmStat().swappedIn == .max)
        #expect(try host.conntrackLimit().maximum == .max)
        #expect(try host.networkDevices().value.devices.first?.sent.drops == .max)
        #expect(try host.mountInfo().mounts.first?.device == "\(UInt64.max):\(UInt64.max)")
        #expect(throws: HostFileError.self) { try host.memInfo() }
        #expect(throws: HostFileError.self) { try host.uptime() }
        #expect(throws: HostFileError.self) { try host.bootTime() }
    }
}
