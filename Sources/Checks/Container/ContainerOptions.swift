package import Basics

/// How the board judges ends and what it leaves out: the part of the check's settings that it needs.
package struct ContainerOptions: Sendable, Equatable {
    package var selection = ContainerSelection()
    /// Whether labels on a container may say anything (S28).
    package var labelsCount = true
    /// Whether `docker kill` counts as a crash (S20).
    package var killCounts = false
    /// How long a container may be down on request without a warning.
    package var requestedStopGrace: Duration = .seconds(900)
    package var deathWindow: Duration = .seconds(600)
    package var restartWindow: Duration = .seconds(600)
    /// How long a health check may say `starting`.
    package var startLimit: Duration = .seconds(300)

    package init() {}

    /// The same, as the container's own labels change it.
    func overridden(by labels: ContainerTraits) -> ContainerOptions {
        guard labelsCount, !labels.settings.isEmpty else { return self }
        var options = self
        if let text = labels.settings["kill_counts"] { options.killCounts = ["true", "yes", "on", "1"].contains(text) }
        if let span = labels.settings["requested_stop_grace"].flatMap({ Duration(text: $0) }) {
            options.requestedStopGrace = span
        }
        if let span = labels.settings["start_limit"].flatMap({ Duration(text: $0) }) { options.startLimit = span }
        return options
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
