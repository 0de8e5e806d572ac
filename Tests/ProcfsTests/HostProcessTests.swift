import TestSupport
import Testing

@testable import Procfs

@Suite struct HostProcessTests {
    @Test func filesOfOneProcessAreRead() throws {
        let fixture = try HostFixture()
        let host = fixture.host
        let leaky = try #require(try ProcessTable(host).pass(at: .zero)[873])
        #expect(host.openFilesLimit(of: leaky) == .number(100))
        #expect(host.user(of: leaky) == 0)
        #expect(host.controlGroup(of: leaky) == "/system.slice/docker-0f3a.scope")
        #expect(host.waitsIn(leaky) == nil)
        try fixture.write("proc/873/wchan", "nfs_wait_bit_killable")
        #expect(host.waitsIn(leaky) == "nfs_wait_bit_killable")
        try fixture.write("proc/873/wchan", "0")
        #expect(host.waitsIn(leaky) == nil)
        try fixture.write(
            "proc/873/limits",
            "x\nMax open files            unlimited            unlimited            files\n"
        )
        #expect(host.openFilesLimit(of: leaky) == .unlimited)
        try fixture.remove("proc/873")
        #expect(host.openFilesLimit(of: leaky) == nil)
        #expect(host.user(of: leaky) == nil)
    }

    @Test("the processes of a container that is paused by the freezer (cgroup v1) are told")
    func frozen() throws {
        let fixture = try HostFixture()
        let leaky = try #require(try ProcessTable(fixture.host).pass(at: .zero)[873])
        var known: [String: Bool] = [:]
        #expect(!fixture.host.isFrozen(leaky, known: &known))
        try fixture.write("proc/873/cgroup", "6:freezer,pids:/docker/ab\n4:memory:/docker/ab\n0::/\n")
        #expect(!fixture.host.isFrozen(leaky, known: &known))
        for (state, frozen) in [("FROZEN", true), ("FREEZING", true), ("THAWED", false)] {
            known = [:]
            try fixture.write("sys/fs/cgroup/freezer/docker/ab/freezer.state", state + "\n")
            #expect(fixture.host.isFrozen(leaky, known: &known) == frozen)
        }
        #expect(Host.freezer(in: Array("0::/x\nbroken\n3:freezer\n".utf8)) == nil)
    }

    @Test func blockedThreadsAreFoundAndFirstOnesLeftOut() throws {
        let fixture = try HostFixture()
        let text = { (pid: Int, state: String) in
            "\(pid) (worker) \(state) 1 0 0 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 3 0 10 0 0\n"
        }
        for (thread, state) in [(873, "D"), (874, "D"), (875, "S")] {
            try fixture.write("proc/873/task/\(thread)/stat", text(thread, state))
        }
        try fixture.write("proc/412/task/413/stat", text(413, "D"))
        let pass = try ProcessTable(fixture.host).pass(at: .zero)
        // Process 412 has one thread by its own word, and is not looked into.
        #expect(fixture.host.blockedThreads(of: pass).map(\.pid) == [874])
    }
}
