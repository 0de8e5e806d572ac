import Basics
import Glibc
import TestSupport
import Testing

@testable import Procfs

/// A pipe stands for the device: it hands on what was written since.
@Suite struct KernelLogTests {
    private final class Device {
        let fixture: HostFixture
        let writer: Int32
        let log = KernelLog()

        init() throws {
            fixture = try HostFixture()
            try fixture.write("root/dev/keep", "")
            #expect(mkfifo(fixture.path("root/dev/kmsg"), 0o600) == 0)
            writer = open(fixture.path("root/dev/kmsg"), O_RDWR | O_NONBLOCK)
            #expect(writer >= 0)
        }

        deinit { close(writer) }

        func write(_ text: String) {
            #expect(Glibc.write(writer, text, text.utf8.count) == text.utf8.count)
        }

        func news() throws(HostFileError) -> KernelLog.News { try log.news(of: fixture.host, at: SystemTime().now) }
    }

    private static let hung = "INFO: task cp:7 blocked for more than 120 seconds.\n"

    @Test func onlyWhatIsNewIsTold() throws {
        let device = try Device()
        device.write("3,10,1,-;\(Self.hung)6,11,2,-;other\n SUBSYSTEM=x\n")
        let first = try device.news()
        #expect(first.isFirst)
        #expect(first.hungTasks.map(\.pid) == [7])
        #expect(try device.news() == KernelLog.News())
        device.write("3,12,3,-;\(Self.hung)")
        let second = try device.news()
        #expect(!second.isFirst)
        #expect(second.hungTasks.count == 1)
        #expect(second.missed == 0)
    }

    @Test func aLogThatOverranIsTold() throws {
        let device = try Device()
        device.write("3,10,1,-;x\n")
        _ = try device.news()
        device.write("3,15,1,-;x\n")
        #expect(try device.news().missed == 4)
    }

    @Test func whatIsKnownIsNotToldAgain() throws {
        let device = try Device()
        device.write("3,10,1,-;\(Self.hung)")
        _ = try device.news()
        device.write("3,9,1,-;\(Self.hung)3,10,1,-;\(Self.hung)")
        #expect(try device.news().hungTasks.isEmpty)
    }

    @Test func programsThatWriteIntoTheLogAreNotBelieved() throws {
        let device = try Device()
        device.write("12,10,1,-;\(Self.hung)")
        #expect(try device.news().hungTasks.isEmpty)
    }

    @Test func whatBelongsTogetherMayComeInTwoLooks() throws {
        let device = try Device()
        device.write("6,1,1,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a/b,task=x,pid=5,uid=0\n")
        #expect(try device.news().oomKills.isEmpty)
        device.write("3,2,1,-;Memory cgroup out of memory: Killed process 5 (x) total-vm:1kB\n")
        #expect(try device.news().oomKills.map(\.group) == ["/a/b"])
    }

    @Test func withoutTheDeviceTheRemedyIsTold() throws {
        let fixture = try HostFixture()
        let log = KernelLog()
        let error = #expect(throws: HostFileError.self) { try log.news(of: fixture.host, at: SystemTime().now) }
        #expect(error?.hint?.contains("--device /dev/kmsg") == true)
        var roots = fixture.roots
        roots.kernelLog = fixture.path("kmsg")
        try fixture.write("kmsg", "3,1,1,-;\(Self.hung)")
        #expect(try log.news(of: Host(roots: roots), at: SystemTime().now).hungTasks.count == 1)
    }

    @Test("what was put in the log's place is not taken for a log in which nothing happens")
    func anotherDevice() throws {
        let fixture = try HostFixture()
        var roots = fixture.roots
        for impostor in ["/dev/null", "/dev/zero", fixture.path("root")] {
            roots.kernelLog = impostor
            let error = #expect(throws: HostFileError.self) {
                try KernelLog().news(of: Host(roots: roots), at: SystemTime().now)
            }
            guard case .absent(_, let hint?) = error else {
                Issue.record("\(impostor): \(String(describing: error))")
                continue
            }
            #expect(hint.contains("--device /dev/kmsg"))
        }
    }

    @Test func aDeviceThatMayNotBeReadIsDenied() throws {
        let fixture = try HostFixture()
        #expect(chmod(fixture.folder, 0o755) == 0)
        try fixture.write("root/dev/kmsg", "")
        #expect(chmod(fixture.path("root/dev/kmsg"), 0) == 0)
        let error = try IsolatedThread.run(.unprivileged) { [host = fixture.host] in
            #expect(throws: HostFileError.self) { try KernelLog().news(of: host, at: SystemTime().now) }
        }
        guard case .denied(_, let hint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(hint.contains("kernel.dmesg_restrict"))
    }

    @Test("the machine's own log is read to its end, in the clock of its stamps")
    func theRealDevice() throws {
        let host = Host(roots: HostRoots(proc: "/proc", sys: "/sys", kernelLog: "/dev/kmsg"))
        let log = KernelLog()
        #expect(try log.news(of: host, at: SystemTime().now).isFirst)
        #expect(try !log.news(of: host, at: SystemTime().now).isFirst)
        #expect(KernelLog.age(of: .zero) > .seconds(1))
    }

    @Test("nonsense of any kind is passed over")
    func nonsense() throws {
        var random = SeededGenerator(state: 11)
        let seed = Array(
            "3,10,1,-;oom-kill:constraint=X,oom_memcg=/a,pid=5\n3,11,1,-;Killed process 5 (x) total-vm:1\n".utf8
        )
        let device = try Device()
        for _ in 0..<2000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            #expect(Glibc.write(device.writer, bytes, bytes.count) == bytes.count)
            _ = try device.news()
        }
    }
}
