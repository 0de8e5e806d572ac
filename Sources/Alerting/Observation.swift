package import Basics

/// What an observation is about: a mount, a container, an address family.
package struct Target: Hashable, Sendable, Codable, Comparable {
    /// Unique within the check; never an IP address, a container id or our own host name.
    package var name: String
    /// Labels that are part of the identity, for targets that a name alone does not tell apart.
    package var identity: [String: String]

    package init(_ name: String, identity: [String: String] = [:]) {
        self.name = name
        self.identity = identity
    }

    package static func < (left: Target, right: Target) -> Bool {
        left.name == right.name
            ? left.identity.sorted { $0.key < $1.key }.map(\.value).lexicographicallyPrecedes(
                right.identity.sorted { $0.key < $1.key }.map(\.value)
            )
            : left.name < right.name
    }
}

/// Whose state a value describes: seen from inside a container, the reader's own namespace is easily mistaken for the
/// host's.
package enum Scope: String, Sendable, Codable {
    case host, container, unknown
}

/// One reading of one measure of one target.
package struct Observation: Sendable, Equatable {
    /// What was read.
    package enum Value: Sendable, Equatable {
        /// A quantity in the measure's unit; a counter's running total for rules over rates and occurrences.
        case number(Double)
        /// One of a few names: `running`, `unhealthy`.
        case state(String)
        /// How many happened since the last observation; zero keeps the target known. The severity, if given, replaces
        /// the rule's.
        case occurrences(Int, Severity? = nil)
        /// The target exists, but its value could not be read: alerts keep their state.
        case unknown(because: String)
    }

    /// Levels that hold for one target alone; a level left out is off.
    package struct OwnLevels: Sendable, Equatable {
        package var warning: Double?
        package var critical: Double?

        package init(warning: Double?, critical: Double?) {
            self.warning = warning
            self.critical = critical
        }
    }

    package var target: Target
    package var measure: Measure
    package var value: Value
    /// In the place of the levels of an `.above` or `.below` rule: a container's label says so (S28).
    package var levels: OwnLevels?
    /// Whether this is the reading of an earlier sweep once more: it keeps the target known, and nothing is judged anew.
    package var isRepeated = false
    /// Whether the value is unknown because nobody can see it from where Custos runs: shown, and no fault.
    package private(set) var isOutOfSight = false
    package var scope: Scope
    /// One sentence for people, if the check can say it better than the rule: the event's `summary`.
    package var summary: String?
    /// Shown and filtered on, never part of the identity: compose project, image.
    package var labels: [String: String]
    /// Evidence for people: exit code, last log lines, health output.
    package var annotations: [String: String]

    package init(
        _ measure: Measure,
        of target: Target,
        _ value: Value,
        scope: Scope = .host,
        summary: String? = nil,
        labels: [String: String] = [:],
        annotations: [String: String] = [:]
    ) {
        self.target = target
        self.measure = measure
        self.value = value
        self.scope = scope
        self.summary = summary
        self.labels = labels
        self.annotations = annotations
    }

    /// A measure that cannot be seen from where Custos runs, by the kernel's design: the check goes on without it.
    ///
    /// The reason also says what would show it.
    package static func outOfSight(_ measure: Measure, of target: Target, because: String) -> Observation {
        var observation = Observation(measure, of: target, .unknown(because: because), scope: .unknown)
        observation.isOutOfSight = true
        return observation
    }
}
