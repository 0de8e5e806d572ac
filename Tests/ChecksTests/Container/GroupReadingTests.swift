import Alerting
import Basics
import TestSupport
import Testing

@testable import Checks

@Suite struct GroupReadingTests {
    @Test("memory that the kernel can take back at once does not count against the limit")
    func memory() throws {
        var scene = try GroupScene()
        try scene.memory(384, inactive: 120, of: 512)
        #expect(scene.number(.containerMemory, at: 0) == 0.75)
        try scene.memory(480, of: 512)
        let look = scene.look(at: 30)
        let told = try #require(look.all(.containerMemory).first)
        #expect(told.value == .number(0.9375))
        #expect(told.summary == "Container web uses 480 MiB of the 512 MiB of memory that it may")
        #expect(told.annotations["memory_limit"] == "512 MiB")
        #expect(told.labels == ["container": "web"])
    }

    @Test("without limits there is nothing to compare with")
    func limitless() throws {
        var scene = try GroupScene()
        try scene.memory(480, of: nil)
        try scene.tasks(900, of: "max")
        try scene.cpu(1000, max: "max 100000")
        _ = scene.look(at: 0)
        #expect(scene.look(at: 30).observations.isEmpty)
    }

    @Test("tasks are compared with their limit")
    func tasks() throws {
        var scene = try GroupScene()
        try scene.tasks(85, of: "100")
        let told = try #require(scene.look(at: 0).all(.containerTasks).first)
        #expect(told.value == .number(0.85))
        #expect(told.summary == "Container web has 85 of the 100 processes and threads that it may")
    }

    @Test("processor time is a share of the quota, and of the periods, between two looks")
    func processors() throws {
        var scene = try GroupScene()
        try scene.cpu(1000, periods: 100, throttled: 10)
        let first = scene.look(at: 0)
        #expect(first.all(.containerQuota).isEmpty && first.all(.containerThrottling).isEmpty)
        // Half a processor for thirty seconds is fifteen seconds; 270 of 300 periods were too short.
        try scene.cpu(13_000, periods: 400, throttled: 280)
        let second = scene.look(at: 30)
        #expect(second.number(.containerQuota) == 0.8)
        #expect(second.number(.containerThrottling) == 0.9)
        #expect(
            second.all(.containerThrottling).first?.summary
                == "Container web had to wait in 270 of 300 periods, with a quota of 0.5 processors"
        )
        // Nothing to do: no period ran.
        let third = scene.look(at: 60)
        #expect(third.number(.containerQuota) == 0 && third.number(.containerThrottling) == 0)
    }

    @Test("a paused container uses nothing, and keeps its memory")
    func paused() throws {
        var scene = try GroupScene()
        try scene.memory(100, of: 200)
        try scene.cpu(1000, periods: 10, throttled: 10)
        _ = scene.look(at: 0)
        let look = scene.look(at: 30)
        #expect(look.number(.containerMemory) == 0.5)
        #expect(look.number(.containerQuota) == 0)
    }

    @Test("counters that begin anew are another group's: no share is made of them, and none is below zero")
    func reset() throws {
        var scene = try GroupScene()
        try scene.cpu(9000, periods: 100, throttled: 90)
        _ = scene.look(at: 0)
        try scene.cpu(10, periods: 5, throttled: 0)
        let reset = scene.look(at: 30)
        #expect(reset.all(.containerQuota).isEmpty && reset.all(.containerThrottling).isEmpty)
        try scene.cpu(1510, periods: 105, throttled: 50)
        let after = scene.look(at: 60)
        #expect(after.number(.containerQuota) == 0.1)
        #expect(after.number(.containerThrottling) == 0.5)
    }

    @Test("shares do not bridge two runs, even of the same process number")
    func restarted() throws {
        var scene = try GroupScene()
        try scene.cpu(1000, periods: 10)
        try scene.kills(1)
        _ = scene.look(at: 0)
        scene.run.startedAt = BoardScene.at(10)
        try scene.cpu(90_000, periods: 900, throttled: 900)
        try scene.kills(4)
        let look = scene.look(at: 30)
        #expect(look.all(.containerQuota).isEmpty && look.kills.isEmpty)
    }

    @Test("two looks at once make no share of noise")
    func tooSoon() throws {
        var scene = try GroupScene()
        try scene.cpu(1000, periods: 10)
        _ = scene.look(at: 0)
        try scene.cpu(2000, periods: 20, throttled: 10)
        #expect(scene.look(at: 0.1).all(.containerQuota).isEmpty)
        #expect(scene.number(.containerQuota, at: 10) == 0.2)
    }

    @Test("S23 kills that the group counts are news; those of before the first look are not")
    func kills() throws {
        var scene = try GroupScene()
        try scene.kills(3)
        #expect(scene.look(at: 0).kills.isEmpty)
        #expect(scene.look(at: 30).kills.isEmpty)
        try scene.kills(5)
        let kills = scene.look(at: 60).kills
        #expect(kills == [.init(id: GroupScene.id, startedAt: BoardScene.at(-600), since: BoardScene.at(30), count: 2)])
        #expect(scene.look(at: 90).kills.isEmpty)
    }

    @Test("pressure is told from the first time that there is any")
    func pressure() throws {
        var scene = try GroupScene()
        func write(_ minute: String) throws {
            for resource in ["cpu", "memory", "io"] {
                let share = resource == "memory" ? minute : "0.00"
                try scene.write(["\(resource).pressure": "some avg10=0.00 avg60=\(share) avg300=0.00 total=0"])
            }
        }
        try write("0.20")
        #expect(scene.look(at: 0).observations.isEmpty)
        try write("12.50")
        #expect(scene.number(.containerMemoryPressure, at: 30) == 0.125)
        try write("0.00")
        let look = scene.look(at: 60)
        #expect(look.observations.map(\.measure) == [.containerMemoryPressure])
        #expect(look.number(.containerMemoryPressure) == 0)
    }

    @Test("a container that ends between the list and the look is no error, and one that comes back is found again")
    func ended() throws {
        var scene = try GroupScene()
        try scene.memory(100, of: 200)
        #expect(scene.number(.containerMemory, at: 0) == 0.5)
        try scene.fixture.remove("sys/fs/cgroup/system.slice/docker-\(GroupScene.id).scope")
        #expect(scene.look(at: 30).observations.isEmpty)
        try scene.fixture.remove("proc/4242/cgroup")
        #expect(scene.look(at: 60).observations.isEmpty)
        try scene.fixture.write("proc/4242/cgroup", "0::/system.slice/docker-\(GroupScene.id).scope\n")
        try scene.memory(150, of: 200)
        #expect(scene.number(.containerMemory, at: 90) == 0.75)
    }

    @Test("a group that cannot be understood is unknown, not well")
    func broken() throws {
        var scene = try GroupScene()
        try scene.memory(100, of: 200)
        try scene.write(["memory.max": "a lot"])
        let told = try #require(scene.look(at: 0).all(.containerMemory).first)
        guard case .unknown(let because) = told.value else {
            Issue.record("\(told.value)")
            return
        }
        #expect(because.contains("memory.max"))
    }

    @Test("a container without a group of its own is compared with nothing")
    func noGroup() throws {
        var scene = try GroupScene("0::/user.slice/user-1000.slice/session-3.scope\n")
        try scene.memory(199, of: 200)
        #expect(scene.look(at: 0).observations.isEmpty)
    }

    @Test("without the host's sysfs one line says what is out of sight, at every look")
    func notMounted() throws {
        var scene = try GroupScene()
        scene.every = .seconds(120)
        try scene.fixture.remove("sys/fs/cgroup")
        for second in [0.0, 30, 60, 120] {
            let look = scene.look(at: second)
            #expect(look.observations.map(\.isOutOfSight) == [true])
            #expect(look.observations.first?.target == .engine)
        }
    }
}
