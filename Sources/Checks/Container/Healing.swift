import Alerting
import Basics

/// Decides which unwell containers are restarted, when, and when it is enough.
///
/// A pure value: what is known of the containers goes in with the time, acts come out; whoever carries an act out says how
/// it went. A container that is not well is restarted at most `budget` times within `window`, each time after a longer
/// pause; what is still unwell then is given up until it is well again by other means. It keeps no more than it needs for
/// that, by target: a re-created container has no new budget.
package struct Healing: Sendable, Equatable {
    /// What holds for every container that may be healed.
    package struct Limits: Sendable, Equatable {
        package var budget = 3
        package var window: Duration = .seconds(3600)
        /// Between the first restart and the second; then twice as long each time.
        package var pause: Duration = .seconds(60)
        /// How long a run is left alone after its start.
        package var grace: Duration = .seconds(60)

        package init() {}
    }

    /// A restart to be made.
    package struct Act: Sendable, Equatable {
        package var id: String
        var target: Target
        var need: Need
        /// The how-manieth within the window.
        var number: Int
        /// How long the container may take to stop.
        package var stopTimeout: Duration
    }

    /// How an act went.
    package enum Outcome: Sendable, Equatable {
        case done
        case failed(because: String)
        /// Nobody lets us: the engine, or a proxy before it.
        case refused(because: String)
        /// There was nothing to restart any more.
        case needless
        /// There is no such container, though no event has told of its end.
        case gone
    }

    /// What follows from a look at all.
    struct Round: Sendable, Equatable {
        var acts: [Act] = []
        /// Whose course has changed: given up, or well again.
        var changed: [Target] = []
        /// Look again after this time; nil for when something happens.
        var next: Duration?

        fileprivate mutating func lookAgain(after span: Duration) { next = min(next ?? span, span) }
    }

    var limits = Limits()
    /// Why restarts were refused the last time, and when.
    private(set) var refusal: Refusal?
    var courses: [Target: Course] = [:]

    package init() {}

    struct Refusal: Sendable, Equatable {
        var because: String
        var at: Timestamp
    }

    /// How long nothing is tried after a refusal.
    static let refusalPause = Duration.seconds(600)

    /// Looks at all containers that may be healed.
    mutating func round(_ patients: [Patient], at now: Timestamp) -> Round {
        var round = Round()
        if let left = refusal.map({ Self.refusalPause - max(.zero, now.since($0.at)) }), left > .zero {
            if patients.contains(where: { $0.need != nil }) { round.next = left }
            return round
        }
        let sorted = patients.sorted { $0.target < $1.target }
        // Who lends others its network comes first.
        for patient in sorted.filter({ $0.parent == nil }) + sorted.filter({ $0.parent != nil }) {
            look(at: patient, now, &round)
        }
        let present = Set(patients.map(\.target))
        courses = courses.filter { target, course in
            present.contains(target) || course.acts.contains { now.since($0) < limits.window }
        }
        return round
    }

    private mutating func look(at patient: Patient, _ now: Timestamp, _ round: inout Round) {
        var course = courses[patient.target] ?? Course()
        defer { courses[patient.target] = course == Course() ? nil : course }
        // What a clock that was set back left in the future happened just now.
        course.acts = course.acts.map { min($0, now) }
        // Who has not been well since has spent what it has spent, however long ago.
        if !course.isSick { course.forget(before: limits.window, now) }
        if let rest = course.restsUntil, now >= rest || rest.since(now) > limits.pause { course.restsUntil = nil }
        guard patient.isUp, !course.isBusy else { return }
        if let until = patient.stopsUntil, now < until {
            if patient.need != nil { round.lookAgain(after: until.since(now)) }
            return
        }
        guard let need = patient.need else {
            if patient.isWell, course.isSick {
                course.isSick = false
                course.hasGivenUp = false
                course.forget(before: limits.window, now)
                round.changed.append(patient.target)
            }
            return
        }
        guard !course.hasGivenUp, !isInTheWay(patient.parent) else { return }
        if let due = self.due(patient, course, now), now < due { return round.lookAgain(after: due.since(now)) }
        course.isSick = true
        guard course.acts.count < limits.budget else {
            course.hasGivenUp = true
            return round.changed.append(patient.target)
        }
        course.acts.append(now)
        course.isBusy = true
        round.acts.append(
            Act(
                id: patient.id,
                target: patient.target,
                need: need,
                number: course.acts.count,
                stopTimeout: patient.stopTimeout ?? .seconds(10)
            )
        )
    }

    /// Who started the parent anew may be about to do the same with its dependants.
    private static let parentsGrace = Duration.seconds(10)

    /// When grace, also that of a parent, and back-off are over; a start in the future says nothing.
    private func due(_ patient: Patient, _ course: Course, _ now: Timestamp) -> Timestamp? {
        let grace = patient.startedAt.flatMap { $0 <= now ? $0 + limits.grace : nil }
        let parent = patient.need == .unhealthy ? nil : patient.parent?.startedAt
        let parents = parent.flatMap { $0 <= now ? $0 + min(limits.grace, Self.parentsGrace) : nil }
        let pause = course.acts.last.map { $0 + limits.pause * (1 << min(course.acts.count - 1, 10)) }
        return [grace, parents, pause, course.restsUntil].compactMap(\.self).max()
    }

    /// Whether a container must wait for the one whose network it uses: that one is being healed, or not there yet.
    private func isInTheWay(_ parent: Patient.Parent?) -> Bool {
        guard let parent else { return false }
        let course = courses[parent.target]
        if !parent.isUp || parent.health == .starting || course?.isBusy == true { return true }
        return parent.health == .unhealthy && parent.isHealed && course?.hasGivenUp != true
    }

    /// Takes how an act went.
    mutating func end(_ act: Act, _ outcome: Outcome, at now: Timestamp) {
        courses[act.target]?.isBusy = false
        switch outcome {
        case .done, .failed: refusal = nil
        case .needless: courses[act.target]?.takeBack()
        case .gone:
            courses[act.target]?.takeBack()
            courses[act.target]?.restsUntil = now + limits.pause
        case .refused(let because):
            courses[act.target]?.takeBack()
            refusal = Refusal(because: because, at: now)
        }
    }

    /// What was under way when the engine was lost: nobody knows how it went.
    mutating func abandon() {
        for target in courses.keys { courses[target]?.isBusy = false }
    }
}

extension Healing {
    /// What is remembered of one target.
    struct Course: Sendable, Equatable {
        /// When it was restarted, within the window.
        var acts: [Timestamp] = []
        /// A restart is under way.
        var isBusy = false
        /// It was restarted, or would have been, and has not been well since.
        var isSick = false
        var hasGivenUp = false
        /// Nothing is tried before.
        var restsUntil: Timestamp?

        mutating func takeBack() { if !acts.isEmpty { acts.removeLast() } }

        mutating func forget(before window: Duration, _ now: Timestamp) { acts.removeAll { now.since($0) >= window } }
    }
}
