package import Alerting
package import Basics

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

/// Which containers are watched: all, or those that an include names, less those that an exclude names.
package struct ContainerSelection: Sendable, Equatable {
    package var include: [Glob] = []
    package var exclude: [Glob] = []
    package var includeProjects: [Glob] = []
    package var excludeProjects: [Glob] = []
    package var includeImages: [Glob] = []
    package var excludeImages: [Glob] = []

    package init() {}

    func contains(_ container: ContainerIdentity) -> Bool {
        let name = ContainerName.withoutRecreationPrefix(container.name)
        let project = container.labels.composeProject
        func hits(_ names: [Glob], _ projects: [Glob], _ images: [Glob]) -> Bool {
            names.contains { $0.matches(name) }
                || images.contains { $0.matches(container.image) }
                || project.map { project in projects.contains { $0.matches(project) } } ?? false
        }
        if hits(exclude, excludeProjects, excludeImages) { return false }
        if include.isEmpty, includeProjects.isEmpty, includeImages.isEmpty { return true }
        return hits(include, includeProjects, includeImages)
    }
}

extension ContainerSelection {
    /// Whether the container of an alert, as its labels name it, is not chosen (S14).
    package func leavesOut(_ alert: Alert) -> Bool {
        guard alert.id.check.kind == DockerCheck.kind, let name = alert.labels["container"] else { return false }
        var traits = ContainerTraits()
        traits.composeProject = alert.labels["compose_project"]
        return !contains(
            ContainerIdentity(id: "", name: name, image: alert.labels["image"] ?? "", labels: traits)
        )
    }
}
