import Basics
import TestSupport
import Testing

@testable import Procfs

@Suite struct PIDFileTests {
    @Test(arguments: ["412", "412\n", " 412 \nmore\n", "412 5432\n"])
    func theFirstNumberCounts(text: String) throws {
        let fixture = try HostFixture()
        try fixture.write("root/run/sshd.pid", text)
        let file = try fixture.host.pidFile("/run/sshd.pid")
        #expect(file.pid == 412)
        #expect(abs(SystemTime().now.since(file.written).inSeconds) < 60)
    }

    @Test(arguments: ["", "\n", "x\n", "-1\n", "0\n", "99999999999\n"])
    func anythingElseIsRefused(text: String) throws {
        let fixture = try HostFixture()
        try fixture.write("root/run/sshd.pid", text)
        #expect(throws: HostFileError.self) { try fixture.host.pidFile("/run/sshd.pid") }
    }

    @Test func oneThatIsNotThereIsAbsentWithoutRemedy() throws {
        #expect(throws: HostFileError.absent(path: "/run/sshd.pid")) { try HostFixture().host.pidFile("/run/sshd.pid") }
        let error = #expect(throws: HostFileError.self) {
            try Host(roots: HostRoots(proc: "/nowhere", sys: "/nowhere")).pidFile("/run/sshd.pid")
        }
        #expect(error?.hint?.contains("/host/root") == true)
    }

    @Test func linksStayBelowTheHostsRoot() throws {
        let fixture = try HostFixture()
        try fixture.link("root/run/sshd.pid", to: "../../../../../../../../proc/sys/kernel/pid_max")
        #expect(throws: HostFileError.self) { try fixture.host.pidFile("/run/sshd.pid") }
    }
}
