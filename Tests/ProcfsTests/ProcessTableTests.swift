import Basics
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Procfs

@Suite struct ProcessTableTests {
    private func line(
        _ pid: Int,
        _ name: String,
        state: Character = "S",
        flags: UInt32 = 4_194_304,
        start: Int = 10
    ) -> String {
        "\(pid) (\(name)) \(state) 1 0 0 0 -1 \(flags) 0 0 0 0 0 0 0 0 20 0 1 0 \(start) 0 0\n"
    }

    @Test func everyProcessIsListedInOrder() throws {
        let fixture = try HostFixture()
        for pid in [9, 100_000, 50] { try fixture.write("proc/\(pid)/stat", line(pid, "p\(pid)")) }
        let pass = try ProcessTable(fixture.host).pass(at: .zero)
        #expect(pass.processes.map(\.pid) == [1, 2, 9, 50, 412, 873, 100_000])
        #expect(pass[50]?.name.text == "p50")
        #expect(pass[51] == nil)
        #expect(pass.scope == .host)
        #expect(pass.hidden == 0)
    }

    @Test("a pass that runs out of descriptors fails: who could not be asked is not gone")
    func withoutDescriptors() throws {
        let fixture = try HostFixture()
        let free = open("/dev/null", O_RDONLY)
        try #require(free >= 0)
        close(free)
        var limit = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let before = limit
        defer {
            var before = before
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
        }
        // One is left, which the directory takes.
        limit.rlim_cur = rlim_t(free + 1)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect { _ = try ProcessTable(fixture.host).pass(at: .zero) } throws: { error in
            if case .unreadable(_, .tooManyOpenFiles)? = error as? HostFileError { true } else { false }
        }
    }

    @Test("one pass serves all who ask within a second; later another is made")
    func onePassIsShared() throws {
        let fixture = try HostFixture()
        let table = ProcessTable(fixture.host)
        let first = try table.pass(at: .seconds(100))
        try fixture.write("proc/50/stat", line(50, "new"))
        #expect(try table.pass(at: .milliseconds(100_900)).id == first.id)
        #expect(try table.pass(at: .milliseconds(100_900))[50] == nil)
        let second = try table.pass(at: .seconds(101))
        #expect(second.id != first.id)
        #expect(second[50] != nil)
    }

    @Test(
        "a pass that took long serves whoever asked meanwhile, and as long again after its end, a second at most",
        arguments: [(took: 0.05, until: 1), (took: 0.4, until: 1), (took: 0.75, until: 1.5), (took: 3, until: 4)]
    )
    func slowPassIsShared(took: Double, until: Double) throws {
        let table = ProcessTable(try HostFixture().host)
        let first = try table.pass(by: SlowTime(took: .seconds(took)))
        for asked in [took / 2, took, until - 0.01] {
            #expect(try table.pass(at: .seconds(asked)).id == first.id, "\(asked)")
        }
        #expect(try table.pass(at: .seconds(until)).id != first.id)
    }

    @Test func processesThatEndInMidPassAreNone() throws {
        let fixture = try HostFixture()
        try fixture.write("proc/50/status", "Name:\tended\n")
        try fixture.write("proc/51/stat", "")
        try fixture.write("proc/52/stat", "nonsense\n")
        try fixture.write("proc/53/stat", line(54, "other"))
        try fixture.write("proc/12x/stat", line(12, "none"))
        let pass = try ProcessTable(fixture.host).pass(at: .zero)
        #expect(pass.processes.map(\.pid) == [1, 2, 412, 873])
        #expect(pass.hidden == 0)
    }

    @Test("hidepid=1 shows folders that may not be entered: denied, with the remedy")
    func hiddenProcessesAreDenied() throws {
        let fixture = try HostFixture()
        #expect(chmod(fixture.folder, 0o755) == 0)
        #expect(chmod(fixture.path("proc/412"), 0) == 0)
        defer { chmod(fixture.path("proc/412"), 0o755) }
        let error = try IsolatedThread.run(.unprivileged) { [host = fixture.host] in
            #expect(throws: HostFileError.self) { try ProcessTable(host).pass(at: .zero) }
        }
        guard case .denied(_, let hint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(hint.contains("hidepid"))
    }

    @Test("hidepid=2 shows nothing of others: denied, with the remedy")
    func invisibleProcessesAreDenied() throws {
        let fixture = try HostFixture("debian-12", "hidepid")
        try fixture.write("proc/4711/stat", line(4711, "own"))
        let error = #expect(throws: HostFileError.self) { try ProcessTable(fixture.host).pass(at: .zero) }
        #expect(error?.hint?.contains("hidepid") == true)
    }

    @Test func aMissingProcfsIsAbsentWithTheRemedy() throws {
        let fixture = try HostFixture("debian-12", "no-proc")
        for host in [fixture.host, Host(roots: HostRoots(proc: "/nowhere", sys: "/nowhere"))] {
            let error = #expect(throws: HostFileError.self) { try ProcessTable(host).pass(at: .zero) }
            #expect(error?.hint?.contains("-v /proc:/host/proc:ro") == true)
        }
    }

    @Test func aContainersOwnProcessesAreTold() throws {
        let fixture = try HostFixture("debian-12", "container-view")
        #expect(try ProcessTable(fixture.host).pass(at: .zero).scope == .container)
        try fixture.write("proc/2/stat", line(2, "kthreadd"))
        #expect(try ProcessTable(fixture.host).pass(at: .zero).scope == .container)
    }

    @Test func descriptorsAreCountedOnceAndOnlyWhereAsked() throws {
        let fixture = try HostFixture()
        let table = ProcessTable(fixture.host)
        let pass = try table.pass(at: .zero)
        #expect(table.openFiles(of: pass, at: [3, 2]) == [.number(9), .number(4)])
        try fixture.write("proc/873/fd/9", "")
        #expect(table.openFiles(of: pass, at: [3]) == [.number(9)])
        let next = try table.pass(at: .seconds(2))
        #expect(table.openFiles(of: next, at: [1, 3]) == [.gone, .number(10)])
        // One who still holds the old pass gets an answer of his own.
        #expect(table.openFiles(of: pass, at: [3]) == [.number(10)])
    }

    private let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))

    /// A pass of these `stat` lines, each process's folder with ten times its number.
    private func sleepers(_ lines: String...) throws -> Sleepers? {
        let stats = lines.map { ProcessStat(Array($0.utf8).span.bytes) }
        var pass = try ProcessTable(HostFixture().host).pass(at: .zero)
        pass.processes = try stats.map { try #require($0) }
        pass.folders = pass.processes.map { UInt64($0.pid) * 10 }
        return Sleepers(pass)
    }

    @Test("only who slept is taken over, and only while the folder is the same")
    func onlySleepersAreTakenOver() throws {
        let found = try sleepers(line(5, "sh"), line(7, "awk", state: "R"), line(9, "sh"), line(11, "sh"))
        var sleepers = try #require(found)
        #expect(sleepers.find(5, 50)?.pid == 5)
        #expect(sleepers.find(6, 60) == nil)
        #expect(sleepers.find(7, 70) == nil)
        #expect(sleepers.find(9, 91) == nil)
        #expect(sleepers.find(11, 110)?.pid == 11)
        #expect(sleepers.find(12, 120) == nil)
    }

    @Test("nobody is taken over while a program is blocked; a part of the kernel may be")
    func blockedProgramsAreCountedAtEveryLook() throws {
        #expect(try sleepers(line(5, "sh"), line(9, "ls", state: "D")) == nil)
        #expect(try sleepers(line(5, "sh"), line(9, "kdamond", state: "D", flags: 0x0020_0040)) != nil)
    }

    @Test("who is new or gone is seen at once, what a sleeper became one pass later, after a minute at once")
    func sleepersOfThisMachine() throws {
        let table = ProcessTable(live)
        let child = try sleeper()
        try waits(for: "S", of: child)
        #expect(try table.pass(at: .seconds(10))[child]?.isAsleep == true)
        kill(child, SIGKILL)
        try waits(for: "Z", of: child)
        #expect(try table.pass(at: .seconds(20))[child] != nil)
        #expect(try table.pass(at: .seconds(30))[child]?.isZombie == true)
        #expect(waitpid(child, nil, 0) == child)
        let late = try sleeper()
        try waits(for: "S", of: late)
        #expect(try table.pass(at: .seconds(35))[late]?.isAsleep == true)
        kill(late, SIGKILL)
        try waits(for: "Z", of: late)
        #expect(try table.pass(at: .seconds(96))[late]?.isZombie == true)
        #expect(waitpid(late, nil, 0) == late)
        let other = try sleeper()
        let pass = try table.pass(at: .seconds(100))
        #expect(pass[child] == nil)
        #expect(pass[other] != nil)
        kill(other, SIGKILL)
        #expect(waitpid(other, nil, 0) == other)
        #expect(try table.pass(at: .seconds(110))[other] == nil)
    }

    private func sleeper() throws -> pid_t {
        var process: pid_t = 0
        let words = (["sleep", "600"] as [String]).map { strdup($0) }
        defer { for word in words { free(word) } }
        #expect(posix_spawnp(&process, "sleep", nil, nil, words + [nil], environ) == 0)
        return process
    }

    /// Until whoever looks for the first time sees the process in this state.
    private func waits(for state: Character, of process: pid_t) throws {
        for _ in 0..<1000 {
            if try ProcessTable(live).pass(at: .zero)[process]?.state == state.asciiValue { return }
            usleep(10_000)
        }
        Issue.record("\(process) never was \(state)")
    }

    @Test func thisMachinesProcessesAreRead() throws {
        let pass = try IsolatedThread.run(.unprivileged) { try ProcessTable(live).pass(at: .zero) }
        let own = try #require(pass[getpid()])
        #expect(own.parent == getppid())
        #expect(own.threads > 1)
        #expect(!own.isKernelThread)
        #expect(live.isStillThere(own))
        var former = own
        former.start -= 1
        #expect(!live.isStillThere(former))
    }
}

/// A clock by which a pass that begins at zero takes long: only its third reading is of the end.
private final class SlowTime: TimeSource {
    private let took: Duration
    private let readings = Mutex(0)

    init(took: Duration) { self.took = took }

    var now: Timestamp { Timestamp(milliseconds: 0) }
    var uptime: Duration {
        readings.withLock { readings in
            readings += 1
            return readings < 3 ? .zero : took
        }
    }
    func sleep(for span: Duration) async throws {}
}
