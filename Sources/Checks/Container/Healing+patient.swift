import Alerting
import Basics

extension Healing {
    /// Why a container needs a restart.
    package enum Need: Sendable, Equatable {
        case unhealthy
        /// The container whose network it uses was started anew without it: what it has left leads nowhere.
        case orphaned(parent: String)

        var text: String {
            switch self {
            case .unhealthy: "it was unhealthy"
            case .orphaned(let parent): "its network's container \(parent) was started anew"
            }
        }
    }

    /// What is known of a container that may be healed.
    struct Patient: Sendable, Equatable {
        var id: String
        var target: Target
        /// Whether it runs, not paused.
        var isUp: Bool
        /// Nil without a health check.
        var health: ContainerHealth.Status?
        var startedAt: Timestamp?
        var stopTimeout: Duration?
        /// Somebody has asked for its end: until then it may still come, and a restart would undo it.
        var stopsUntil: Timestamp?
        /// Whose network it uses.
        var parent: Parent?

        /// The container that lends another its network.
        struct Parent: Sendable, Equatable {
            var target: Target
            var name: String
            var isUp: Bool
            var health: ContainerHealth.Status?
            /// Nil where it is only guessed.
            var startedAt: Timestamp?
            /// Whether it may be healed as well.
            var isHealed: Bool
        }

        var need: Need? {
            guard isUp else { return nil }
            // Events and inspects date a start a little differently.
            if let parent, parent.isUp, let began = startedAt, let parentBegan = parent.startedAt,
                parentBegan.since(began) > .seconds(1)
            {
                return .orphaned(parent: parent.name)
            }
            return health == .unhealthy ? .unhealthy : nil
        }

        /// Whether its health check says so, or nobody says otherwise.
        var isWell: Bool { isUp && need == nil && (health == nil || health == .healthy) }
    }
}

extension Healing {
    /// What must outlive a restart of the watchdog, as text; nil where there is nothing.
    ///
    /// One line per target: when it was restarted, whether it is sick or given up, and its name.
    package var notes: String? {
        let lines = courses.filter { !$0.value.acts.isEmpty || $0.value.isSick }.sorted { $0.key < $1.key }.map {
            target,
            course in
            let moments = course.acts.map { String($0.milliseconds) }.joined(separator: ",")
            return "\(moments) \(course.hasGivenUp ? "given-up" : course.isSick ? "sick" : "well") \(target.name)"
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// With what another run of the watchdog noted; a line that says nothing is passed over.
    package init(notes: String?) {
        for line in (notes ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, !parts[2].isEmpty else { continue }
            var course = Course()
            course.acts = parts[0].split(separator: ",").compactMap { Int64($0).map(Timestamp.init(milliseconds:)) }
            course.hasGivenUp = parts[1] == "given-up"
            course.isSick = course.hasGivenUp || parts[1] == "sick"
            courses[Target(String(parts[2]))] = course
        }
    }
}
