import Glibc
import TestSupport
import Testing

@testable import Procfs

@Suite struct FileUseTests {
    private func fill(_ fixture: HostFixture, _ pid: Int, upTo count: Int) throws {
        for number in 0..<count { try fixture.write("proc/\(pid)/fd/\(number)", "") }
    }

    @Test func theProcessNearestToItsLimitIsFound() throws {
        let fixture = try HostFixture()
        try fill(fixture, 412, upTo: 200)
        try fill(fixture, 873, upTo: 95)
        let use = try ProcessTable(fixture.host).fileUse(at: .zero, exactAbove: 0.8)
        let fullest = try #require(use.fullest)
        #expect(fullest == FileUse.Process(pid: 873, name: "leaky", open: 95, limit: 100))
        #expect(fullest.ratio == 0.95)
        #expect(use.largestGroup == FileUse.Group(path: "/system.slice/ssh.service", open: 200))
        #expect(use.counted == 3)
        #expect(use.hidden == 0)
        #expect(use.open == 298)
    }

    @Test("a process with few open may be the one nearest to its limit")
    func aLowLimitIsFound() throws {
        let fixture = try HostFixture()
        try fill(fixture, 412, upTo: 200)
        try fixture.remove("proc/873/fd")
        try fill(fixture, 873, upTo: 31)
        try fixture.write("proc/873/limits", "Max open files            32     4096     files\n")
        let use = try ProcessTable(fixture.host).fileUse(at: .zero, exactAbove: 0.8)
        #expect(use.fullest == FileUse.Process(pid: 873, name: "leaky", open: 31, limit: 32))
        // Groups are only looked up of those with many.
        #expect(use.largestGroup == FileUse.Group(path: "/system.slice/ssh.service", open: 200))
    }

    @Test func aProcessThatEndsMeanwhileIsSkipped() throws {
        let fixture = try HostFixture()
        try fill(fixture, 412, upTo: 200)
        try fixture.remove("proc/412/limits")
        #expect(try ProcessTable(fixture.host).fileUse(at: .zero, exactAbove: 0.8).fullest?.pid != 412)
    }

    @Test func processesThatMayNotBeLookedIntoAreCountedAsHidden() throws {
        let fixture = try HostFixture()
        #expect(chmod(fixture.folder, 0o755) == 0)
        #expect(chmod(fixture.path("proc/412/fd"), 0) == 0)
        let use = try IsolatedThread.run(.unprivileged) { [host = fixture.host] in
            try ProcessTable(host).fileUse(at: .zero, exactAbove: 0.8)
        }
        #expect(use.hidden == 1)
        #expect(use.counted == 2)
    }

    @Test func aMissingProcfsIsAbsent() {
        let host = Host(roots: HostRoots(proc: "/nowhere", sys: "/nowhere"))
        let error = #expect(throws: HostFileError.self) { try ProcessTable(host).fileUse(at: .zero, exactAbove: 0.8) }
        #expect(error?.hint?.contains("-v /proc:/host/proc:ro") == true)
    }

    @Test("on Linux 6.2 and later a stranger sees every process's number of descriptors")
    func unprivilegedReadersCount() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        var pipes: [Int32] = []
        for _ in 0..<100 {
            var ends: [Int32] = [0, 0]
            #expect(pipe(&ends) == 0)
            pipes += ends
        }
        defer { for end in pipes { close(end) } }
        let use = try IsolatedThread.run([.unprivileged, .network]) {
            try ProcessTable(live).fileUse(at: .zero, exactAbove: 0.8)
        }
        let release = try live.kernelRelease()
        guard (release.major, release.minor) >= (6, 2) else {
            #expect(use.hidden > 0)
            return
        }
        #expect(use.counted > 1)
        #expect(use.open >= 200)
        #expect(use.fullest != nil)
    }

    @Test(arguments: [
        ("0::/system.slice/ssh.service\n", "/system.slice/ssh.service"),
        ("5:pids:/docker/ab\n0::/\n", "/docker/ab"),
        ("5:pids:/a\n1:name=systemd:/b\n0::/\n", "/b"),
        ("0::/\n", "/"),
        ("0::/a:b\n", "/a:b"),
    ])
    func theGroupIsTheMostTellingLine(content: String, group: String) {
        #expect(FileUse.group(in: Array(content.utf8)) == group)
    }

    @Test func nonsenseIsNoGroup() {
        #expect(FileUse.group(in: []) == nil)
        #expect(FileUse.group(in: Array("x\n".utf8)) == nil)
        #expect(FileUse.group(in: Array("0::/\u{1B}x\n".utf8)) == "/\u{FFFD}x")
    }
}
