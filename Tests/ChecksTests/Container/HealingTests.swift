import Alerting
import Basics
import Testing

@testable import Checks

@Suite struct HealingTests {
    private static let web = Target("shop/web/1")

    private static func patient(
        _ name: String = "shop/web/1",
        _ health: ContainerHealth.Status? = .unhealthy,
        startedAt: Double = -3600,
        isUp: Bool = true,
        parent: Healing.Patient.Parent? = nil
    ) -> Healing.Patient {
        Healing.Patient(
            id: name,
            target: Target(name),
            isUp: isUp,
            health: health,
            startedAt: BoardScene.at(startedAt),
            stopTimeout: nil,
            parent: parent
        )
    }

    /// A healing, and what it did at which second.
    private struct Course {
        var healing = Healing()
        var acts: [Double] = []
        var changes: [Double] = []

        /// Looks, and carries every act out at once.
        @discardableResult
        mutating func look(_ patients: Healing.Patient..., at seconds: Double) -> Healing.Round {
            let round = healing.round(patients, at: BoardScene.at(seconds))
            for act in round.acts {
                acts.append(seconds)
                healing.end(act, .done, at: BoardScene.at(seconds))
            }
            changes += round.changed.map { _ in seconds }
            return round
        }
    }

    @Test("a container that never gets well is restarted exactly its budget, then given up, once")
    func neverWell() {
        var course = Course()
        var startedAt = -3600.0
        for second in 0..<36_000 {
            let now = Double(second)
            // Unhealthy ten seconds after each start.
            let health = ContainerHealth.Status(rawValue: now - startedAt < 10 ? "starting" : "unhealthy")
            let before = course.acts.count
            course.look(Self.patient("shop/web/1", health, startedAt: startedAt), at: now)
            if course.acts.count > before { startedAt = now }
        }
        #expect(course.acts == [0, 60, 180])
        #expect(course.changes == [420], "the last restart gets its chance, of a pause like the others")
        #expect(course.healing.courses[Self.web]?.hasGivenUp == true)
    }

    @Test("a look says when the next one is due", arguments: [(0.0, 60.0), (30, 30), (59.5, 0.5)])
    func due(at seconds: Double, left: Double) {
        var course = Course()
        let round = course.look(Self.patient(startedAt: 0), at: seconds)
        #expect(round.next == .milliseconds(Int64(left * 1000)))
        #expect(course.acts.isEmpty, "within the grace after its start")
        let well = course.look(Self.patient("a", .healthy), at: seconds)
        #expect(well.next == nil)
    }

    @Test("who is well again has spent what it has spent, and the window frees it")
    func wellAgain() {
        var course = Course()
        for turn in 0..<3 {
            let now = Double(turn * 900)
            course.look(Self.patient(startedAt: now - 100), at: now)
            course.look(Self.patient("shop/web/1", .healthy, startedAt: now), at: now + 60)
        }
        #expect(course.acts == [0, 900, 1800])
        #expect(course.changes == [60, 960, 1860])
        course.look(Self.patient(startedAt: 1800), at: 2700)
        #expect(course.changes.last == 2700, "the budget of the hour is spent")
        course.look(Self.patient("shop/web/1", .healthy, startedAt: 1800), at: 2800)
        #expect(course.changes.last == 2800, "well by itself")
        course.look(Self.patient(startedAt: 1800), at: 3700)
        #expect(course.acts == [0, 900, 1800, 3700], "the first is over an hour ago")
    }

    @Test("who was given up is left alone until it is well, also after the window")
    func givenUpStaysSo() {
        var course = Course()
        course.healing.limits.budget = 1
        course.look(Self.patient(), at: 0)
        course.look(Self.patient(startedAt: 0), at: 100)
        #expect(course.changes == [100])
        for hour in 1..<10 { course.look(Self.patient(startedAt: 0), at: Double(hour * 3600)) }
        #expect(course.acts == [0])
        course.look(Self.patient("shop/web/1", nil, startedAt: 0), at: 40_000)
        #expect(course.changes == [100, 40_000])
        course.look(Self.patient(startedAt: 0), at: 40_001)
        #expect(course.acts == [0, 40_001])
    }

    @Test("who is never well in between is given up after its budget, however far apart its restarts are")
    func slowProbes() {
        var course = Course()
        course.healing.limits.budget = 2
        course.look(Self.patient(), at: 0)
        course.look(Self.patient(startedAt: 0), at: 4000)
        course.look(Self.patient(startedAt: 4000), at: 9000)
        #expect(course.acts == [0, 4000])
        #expect(course.changes == [9000])
    }

    @Test("a container that is gone though nobody said so costs no budget, and is not asked for at once again")
    func gone() throws {
        var healing = Healing()
        let acts = healing.round([Self.patient()], at: BoardScene.at(0)).acts
        healing.end(try #require(acts.first), .gone, at: BoardScene.at(1))
        #expect(healing.round([Self.patient()], at: BoardScene.at(2)).next == .seconds(59))
        let later = healing.round([Self.patient()], at: BoardScene.at(61)).acts
        #expect(later.map(\.number) == [1])
    }

    @Test("who is being stopped is left alone until the stop should be over")
    func stopping() {
        var healing = Healing()
        var patient = Self.patient()
        patient.stopsUntil = BoardScene.at(15)
        #expect(healing.round([patient], at: BoardScene.at(5)).next == .seconds(10))
        #expect(healing.round([patient], at: BoardScene.at(15)).acts.count == 1)
    }

    @Test("a dependant is left alone for a moment after its parent's start")
    func parentsGrace() {
        var healing = Healing()
        let parent = Healing.Patient.Parent(
            target: Target("vpn"),
            name: "vpn",
            isUp: true,
            health: nil,
            startedAt: BoardScene.at(100),
            isHealed: true
        )
        let orphan = Self.patient("app", nil, startedAt: 0, parent: parent)
        #expect(healing.round([orphan], at: BoardScene.at(105)).next == .seconds(5))
        #expect(healing.round([orphan], at: BoardScene.at(110)).acts.map(\.need) == [.orphaned(parent: "vpn")])
    }

    @Test("a restart under way is not followed by another; one that failed counts, one that was needless does not")
    func underWay() throws {
        var healing = Healing()
        let first = healing.round([Self.patient()], at: BoardScene.at(0)).acts
        let act = try #require(first.first)
        #expect(act.number == 1)
        #expect(act.stopTimeout == .seconds(10))
        let meanwhile = healing.round([Self.patient()], at: BoardScene.at(1000))
        #expect(meanwhile == Healing.Round())
        healing.end(act, .failed(because: "x"), at: BoardScene.at(1001))
        let later = healing.round([Self.patient()], at: BoardScene.at(1002)).acts
        let second = try #require(later.first)
        #expect(second.number == 2)
        healing.end(second, .needless, at: BoardScene.at(1003))
        #expect(healing.courses[Self.web]?.acts.count == 1)
        let third = healing.round([Self.patient()], at: BoardScene.at(1100)).acts
        #expect(third.map(\.number) == [2])
        healing.abandon()
        #expect(healing.courses[Self.web]?.isBusy == false)
    }

    @Test("what is down, paused, starting or well needs nothing")
    func nothingToDo() {
        var course = Course()
        course.look(
            Self.patient("a", .healthy),
            Self.patient("b", .starting),
            Self.patient("c", nil),
            Self.patient("d", .unhealthy, isUp: false),
            at: 0
        )
        #expect(course.acts.isEmpty)
        #expect(course.healing.courses.isEmpty)
    }

    @Test("a refusal is told once, costs no budget, and is tried again after ten minutes")
    func refused() throws {
        var healing = Healing()
        let first = healing.round([Self.patient()], at: BoardScene.at(0)).acts
        let act = try #require(first.first)
        healing.end(act, .refused(because: "403"), at: BoardScene.at(0))
        #expect(healing.refusal?.because == "403")
        let round = healing.round([Self.patient(), Self.patient("other")], at: BoardScene.at(1))
        #expect(round.acts.isEmpty)
        #expect(round.next == .seconds(599))
        let well = healing.round([Self.patient("other", .healthy)], at: BoardScene.at(2))
        #expect(well.next == nil)
        let later = healing.round([Self.patient()], at: BoardScene.at(600)).acts
        let again = try #require(later.first)
        #expect(again.number == 1)
        healing.end(again, .done, at: BoardScene.at(601))
        #expect(healing.refusal == nil)
    }

    // MARK: - Dependants

    private static func parent(
        _ health: ContainerHealth.Status? = nil,
        startedAt: Double = -5000,
        isUp: Bool = true,
        isHealed: Bool = true
    ) -> Healing.Patient.Parent {
        Healing.Patient.Parent(
            target: Target("vpn"),
            name: "vpn",
            isUp: isUp,
            health: health,
            startedAt: BoardScene.at(startedAt),
            isHealed: isHealed
        )
    }

    @Test("a dependant waits for the container whose network it uses, and comes after it")
    func parentFirst() {
        var course = Course()
        let sick = Self.patient("vpn", .unhealthy, startedAt: -5000)
        let round = course.look(Self.patient("app", .unhealthy, parent: Self.parent(.unhealthy)), sick, at: 0)
        #expect(round.acts.map(\.target) == [Target("vpn")])
        // The parent starts; the dependant's own check would be enough for a restart.
        let starting = Self.parent(.starting, startedAt: 1)
        let early = course.look(Self.patient("app", .unhealthy, parent: starting), at: 20)
        #expect(early.acts.isEmpty)
        let well = Self.parent(.healthy, startedAt: 1)
        let second = course.look(Self.patient("app", .unhealthy, parent: well), at: 30)
        #expect(second.acts.map(\.target) == [Target("app")])
        #expect(second.acts.first?.need == .orphaned(parent: "vpn"))
        let after = course.look(Self.patient("app", .healthy, startedAt: 31, parent: well), at: 100)
        #expect(after.acts.isEmpty)
    }

    @Test("a dependant without a health check is restarted when its network was started anew")
    func orphan() {
        var course = Course()
        let before = course.look(Self.patient("app", nil, parent: Self.parent(startedAt: -5000)), at: 0)
        #expect(before.acts.isEmpty)
        let down = course.look(Self.patient("app", nil, parent: Self.parent(startedAt: -10, isUp: false)), at: 1)
        #expect(down.acts.isEmpty)
        let acts = course.look(Self.patient("app", nil, parent: Self.parent(startedAt: -10)), at: 2).acts
        #expect(acts.map(\.need) == [.orphaned(parent: "vpn")])
    }

    @Test("nobody waits for a container that nobody heals, or that was given up", arguments: [true, false])
    func hopelessParent(isHealed: Bool) {
        var course = Course()
        course.healing.limits.budget = 1
        let parent = Self.parent(.unhealthy, isHealed: isHealed)
        if isHealed {
            for now in [0.0, 100] { course.look(Self.patient("vpn", startedAt: -5000), at: now) }
            #expect(course.changes == [100])
        }
        let alone = course.look(Self.patient("app", .unhealthy, parent: parent), at: 200)
        #expect(alone.acts.count == 1)
    }

    // MARK: - What outlives the watchdog

    @Test("a restart of the watchdog gives no new budget and forgets nobody who was given up")
    func notes() {
        var course = Course()
        course.healing.limits.budget = 2
        course.look(Self.patient(), Self.patient("with blank"), at: 0)
        course.look(Self.patient(startedAt: 1), at: 70)
        course.look(Self.patient(startedAt: 71), at: 300)
        var again = Healing(notes: course.healing.notes)
        again.limits = course.healing.limits
        #expect(again.courses == course.healing.courses)
        let next = again.round([Self.patient(startedAt: 71)], at: BoardScene.at(400))
        #expect(next.acts.isEmpty)
        #expect(Healing().notes == nil)
        #expect(Healing(notes: "").courses.isEmpty)
        #expect(Healing(notes: "x\n1,2\n\u{0} \u{1}\n, ,\n9,x well a b").courses.keys.sorted() == [Target("a b")])
    }

    @Test("a clock that is set back frees nobody and holds nobody up for ever")
    func clockSetBack() {
        var course = Course()
        course.look(Self.patient(), at: 10_000)
        let early = course.look(Self.patient(startedAt: 10_001), at: 0)
        #expect(early.acts.isEmpty)
        course.look(Self.patient(startedAt: 10_001), at: 61)
        #expect(course.acts == [10_000, 61])
    }
}
