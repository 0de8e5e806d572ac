import Testing

@testable import Procfs

@Suite struct KernelRecordTests {
    private func record(_ text: String) throws -> KernelRecord {
        try #require(KernelRecord(Array("3,100,5000000,-;\(text)".utf8)[...]))
    }

    private func kills(_ lines: [String]) throws -> [OOMKill] {
        var context = OOMKill.Context()
        return try lines.compactMap { context.kill(try record($0)) }
    }

    @Test func aRecordsHeadIsRead() throws {
        let record = try #require(KernelRecord(Array("6,57634,23439184116,-,caller=T1;eth0: renamed".utf8)[...]))
        #expect(record.sequence == 57634)
        #expect(record.stamp == .microseconds(23_439_184_116))
        #expect(record.isFromKernel)
        #expect(record.text.text == "eth0: renamed")
    }

    @Test func whatProgramsWriteIsNotTheKernels() throws {
        let written = "12,1,1,-;Out of memory: Killed process 1 (init) total-vm:1kB"
        #expect(try #require(KernelRecord(Array(written.utf8)[...])).isFromKernel == false)
    }

    @Test(arguments: [
        "", ";", "6;x", "6,1;x", "a,1,1,-;x", "6,1,x,-;x", "6,1,18446744073709551615,-;x", " SUBSYSTEM=usb",
    ])
    func anythingElseIsNoRecord(line: String) {
        #expect(KernelRecord(Array(line.utf8)[...]) == nil)
    }

    @Test(
        "a hung task is told by every kernel's words",
        arguments: [
            ("INFO: task cp:4711 blocked for more than 120 seconds.", "cp"),
            ("INFO: task cp:4711 blocked in I/O wait for more than 120 seconds.", "cp"),
            ("INFO: task kworker/0:1H:4711 blocked for more than 120 seconds.", "kworker/0:1H"),
            ("INFO: task a blocked:1:4711 blocked for more than 120 seconds.", "a blocked:1"),
        ]
    )
    func hungTasks(text: String, name: String) throws {
        let task = try #require(HungTask(try record(text)))
        #expect(task.name == name)
        #expect(task.pid == 4711)
        #expect(task.seconds == 120)
        #expect(task.stamp == .seconds(5))
    }

    @Test(arguments: [
        "INFO: task cp:4711 is blocked on a mutex likely owned by task x:12.", "INFO: task :x blocked for more than y",
        "x INFO: task cp:4711 blocked for more than 120 seconds.", "INFO: task cp:4711 blocked for more than",
        "INFO: rcu_sched detected stalls on CPUs/tasks:", "INFO: task ",
    ])
    func othersAreNoHungTasks(text: String) throws {
        #expect(HungTask(try record(text)) == nil)
    }

    @Test("Linux 6.18 tells victim, group and limit, whatever the victim calls itself")
    func presentKernels() throws {
        let killed = try kills([
            #"a) (b \x5cn,pid=1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"#,
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/shop,"
                + #"task_memcg=/shop/web,task=a) (b \x5cn,pid=1,pid=17322,uid=0"#,
            #"Memory cgroup out of memory: Killed process 17322 (a) (b \x5cn,pid=1) total-vm:37320kB, "#
                + "anon-rss:27392kB, file-rss:6872kB, shmem-rss:0kB, UID:0 pgtables:104kB oom_score_adj:0",
            "oom_reaper: reaped process 17322 (java), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
        ])
        let kill = try #require(killed.first)
        #expect(killed.count == 1)
        #expect(kill.pid == 17322)
        #expect(kill.name == #"a) (b \x5cn,pid=1"#)
        #expect(kill.memory == 27392 << 10)
        #expect(kill.group == "/shop/web")
        #expect(kill.limit == "/shop")
    }

    @Test func aVictimCannotNameAnotherGroup() throws {
        let killed = try kills([
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,"
                + "task=,task_memcg=/b,pid=5,uid=0",
            "Memory cgroup out of memory: Killed process 5 (,task_memcg=/b) total-vm:1kB, anon-rss:1kB",
        ])
        #expect(killed.map(\.group) == ["/a"])
    }

    @Test func whereTheMachinesMemoryRanOutThereIsNoLimit() throws {
        let killed = try kills([
            "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/x,"
                + "task=java,pid=7,uid=0",
            "Out of memory: Killed process 7 (java) total-vm:1kB, anon-rss:2kB, file-rss:0kB",
        ])
        #expect(killed.map(\.limit) == [nil])
        #expect(killed.map(\.group) == ["/x"])
    }

    @Test("Linux 3.10 and 4.18 announce a kill before they tell it: it counts once")
    func formerKernels() throws {
        let killed = try kills([
            "Task in /docker/x killed as a result of limit of /docker",
            "Memory cgroup out of memory: Kill process 12 (java) score 1000 or sacrifice child",
            "Killed process 12 (java) total-vm:4096kB, anon-rss:2048kB, file-rss:0kB, shmem-rss:0kB",
            "Out of memory: Kill process 13 (mysqld) score 905 or sacrifice child",
            "Killed process 13 (mysqld), UID 27, total-vm:4096kB, anon-rss:1024kB, file-rss:0kB",
        ])
        #expect(killed.map(\.pid) == [12, 13])
        #expect(killed.map(\.name) == ["java", "mysqld"])
        #expect(killed.map(\.group) == ["/docker/x", nil])
        #expect(killed.map(\.limit) == ["/docker", nil])
        #expect(killed.map(\.isOfGroup) == [true, false])
        #expect(killed.map(\.memory) == [2048 << 10, 1024 << 10])
    }

    @Test("a whole group is killed after one announcement, for the same reason")
    func wholeGroups() throws {
        let lines = [
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/shop,"
                + "task_memcg=/shop/web,task=java,pid=5,uid=0",
            "Memory cgroup out of memory: Killed process 5 (java) total-vm:1kB, anon-rss:1kB",
            "Tasks in /shop/web are going to be killed due to memory.oom.group set",
            "Memory cgroup out of memory: Killed process 6 (nginx) total-vm:1kB, anon-rss:1kB",
            "Memory cgroup out of memory: Killed process 7 (sh) total-vm:1kB, anon-rss:1kB",
        ]
        let killed = try kills(lines)
        #expect(killed.map(\.pid) == [5, 6, 7])
        #expect(killed.map(\.group) == ["/shop/web", "/shop/web", "/shop/web"])
        #expect(killed.map(\.limit) == ["/shop", "/shop", "/shop"])
        #expect(killed.map(\.isOfGroup) == [true, true, true])
        // What comes much later is another story, whoever announced it.
        var context = OOMKill.Context()
        for line in lines { _ = context.kill(try record(line)) }
        let late = Array("3,101,15000000,-;Out of memory: Killed process 9 (x) total-vm:1kB".utf8)
        let kill = context.kill(try #require(KernelRecord(late[...])))
        #expect(kill?.isOfGroup == false)
        #expect(kill?.group == nil)
        #expect(kill?.limit == nil)
    }

    @Test("a kill without its announcement, of which the kernel writes ten in five seconds, says whose memory ran out")
    func unannounced() throws {
        let killed = try kills([
            "Memory cgroup out of memory: Killed process 5 (java) total-vm:1kB, anon-rss:1kB",
            "Out of memory: Killed process 6 (java) total-vm:1kB, anon-rss:1kB",
            "Memory cgroup out of memory: Kill process 12 (java) score 1000 or sacrifice child",
            "Killed process 12 (java) total-vm:4096kB, anon-rss:2048kB, file-rss:0kB, shmem-rss:0kB",
            "Killed process 13 (java) total-vm:4096kB, anon-rss:2048kB, file-rss:0kB, shmem-rss:0kB",
        ])
        #expect(killed.map(\.isOfGroup) == [true, false, true, false])
        #expect(killed.allSatisfy { $0.group == nil && $0.limit == nil })
    }

    @Test(arguments: [
        "Killed process", "Killed process x (y)", "Killed process 1", "Killed process 1 )(", "Out of memory",
        "Task in ",
        "x: Killed process 1 (init) total-vm:1kB", "oom-kill:constraint=,=,,", "Killed process 99999999999 (x)",
    ])
    func othersAreNoKills(text: String) throws {
        #expect(try kills([text]).isEmpty)
    }

    @Test(arguments: [
        "/docker/ID", "/system.slice/docker-ID.scope", "/machine.slice/libpod-ID.scope/container",
        "/kubepods.slice/kubepods-pod0a.slice/cri-containerd-ID.scope",
    ])
    func everyEnginesContainersAreFound(path: String) {
        let id = String(repeating: "0f", count: 32)
        let found = OOMKill.container(in: path.replacing("ID", with: id))
        #expect(found == id)
    }

    @Test(arguments: ["/", "", "/user.slice", "/docker/0f3a", "/docker/" + String(repeating: "a", count: 65)])
    func otherGroupsAreNoContainers(path: String) {
        #expect(OOMKill.container(in: path) == nil)
    }
}
