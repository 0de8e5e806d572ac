import Alerting

/// How the board judges ends and what it leaves out: the part of the check's settings that it needs.
package struct ContainerOptions: Sendable {
    package var selection = ContainerSelection()
    /// Whether labels on a container may say anything (S28).
    package var labelsCount = true
    /// What holds for every container whose labels say nothing else.
    package var tuning = ContainerTuning()
    /// What the labels of one container make of it, by its name and its labels in full.
    package var reading: @Sendable (String, [String: String]) -> LabelReading = { _, _ in LabelReading() }
    package var deathWindow: Duration = .seconds(600)
    package var restartWindow: Duration = .seconds(600)
    /// How often the kernel's files of a container that is far from its levels are read.
    package var readEvery: Duration = .seconds(120)
    package var healing = Healing.Limits()
    /// The id, or its beginning, of the container in which this watchdog runs: it is never restarted by its own hand.
    package var ownContainer: String?

    package init() {}
}

/// What a label on a container may change of how it is judged (S28).
package struct ContainerTuning: Sendable, Equatable {
    /// Whether `docker kill` counts as a crash (S20).
    package var killCounts = false
    /// How long a container may be down on request without a warning.
    package var requestedStopGrace: Duration = .seconds(900)
    /// How long a health check may say `starting`.
    package var startLimit: Duration = .seconds(300)
    /// So many restarts within the window are a breach; nil for never.
    package var restartsWarning: Int? = 3
    package var restartsCritical: Int? = 5
    /// Above which of the kernel's numbers it is in breach.
    package var levels = ContainerLevels()
    /// How many of its last lines a death shows; 0 for none.
    package var logLines = 0
    /// Whether it is restarted when it is unwell.
    package var heals = false

    package init() {}

    /// The restarts as levels that a breach is above.
    var restartLevels: Observation.OwnLevels {
        func below(_ count: Int?) -> Double? { count.map { Double($0 - 1) } }
        return Observation.OwnLevels(warning: below(restartsWarning), critical: below(restartsCritical))
    }
}

/// What the labels of one container say.
package struct LabelReading: Sendable, Equatable {
    /// Nil where they change nothing.
    package var tuning: ContainerTuning?
    /// Those that do not count; what is right still does.
    package var refused: [RefusedLabel]

    package init(tuning: ContainerTuning? = nil, refused: [RefusedLabel] = []) {
        self.tuning = tuning
        self.refused = refused
    }
}
